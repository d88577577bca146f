"""What is let in, what is refused, and for how long."""

import json
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.access.api_keys import add_key, principal_of_key, revoke_key, rotate_key
from serve.access.authenticate import authenticate
from serve.access.devices import device_cookie
from serve.access.login import change_password, delay_s, log_in
from serve.access.principal import Principal, Role, Scope
from serve.access.rates import RateLimit
from serve.access.sessions import csrf_token, end_session, principal_of_session
from serve.access.users import lock, set_role, unlock, user_named
from serve.errors import (
    ConflictError,
    DecisionError,
    ForbiddenError,
    TooManyError,
    UnauthenticatedError,
)
from serve.secrets import Secrets
from serve.store import Store, Unit
from serve.store.tables import ApiKey, BrowserSession, LogRow, User

from ..conftest import PASSWORD, Clock


def make_key(store: Store, owner: str, *scopes: Scope, days: int | None = None) -> str:
    return store.write(
        lambda unit: add_key(
            unit, user_named(unit.session, owner), "a key", scopes, by="system", days=days
        )
    )


def by_cookie(
    store: Store, token: str, *, method: str = "GET", csrf: str | None = None
) -> Principal:
    return authenticate(store, authorization=None, cookie=token, csrf=csrf, method=method)


@pytest.mark.usefixtures("people")
def test_a_key_lets_in_with_its_scopes_and_no_more(store: Store) -> None:
    key = make_key(store, "coder", Scope.SUGGEST)
    who = authenticate(store, authorization=f"Bearer {key}", cookie=None, csrf=None, method="POST")
    assert who.name == "coder"
    assert who.scopes == {Scope.SUGGEST}
    with pytest.raises(ForbiddenError, match="notes:write"):
        who.require(Scope.NOTES_WRITE)


@pytest.mark.usefixtures("people")
def test_a_key_cannot_have_what_its_owner_has_not(store: Store) -> None:
    with pytest.raises(DecisionError):
        make_key(store, "coder", Scope.ADMIN)
    key = make_key(store, "administrator", Scope.ADMIN, Scope.SUGGEST)
    store.write(lambda unit: set_role(unit, "coder", Role.ADMINISTRATOR))
    store.write(lambda unit: set_role(unit, "administrator", Role.READER))
    assert principal_of_key(store, key).scopes == {Scope.SUGGEST}


@pytest.mark.usefixtures("people")
def test_a_key_ends_when_it_expires_is_revoked_or_its_owner_is_locked(
    store: Store, clock: Clock
) -> None:
    short, revoked, locked = (
        make_key(store, "coder", Scope.SUGGEST, days=1),
        make_key(store, "coder", Scope.SUGGEST),
        make_key(store, "reader", Scope.SUGGEST),
    )
    store.write(lambda unit: revoke_key(unit, revoked.split("_")[1], by="system"))
    store.write(lambda unit: lock(unit, "reader"))
    assert principal_of_key(store, short).name == "coder"
    clock.move(days=1)
    for key in (short, revoked, locked, short[:-1], short):
        with pytest.raises(UnauthenticatedError):
            principal_of_key(store, key)
        store.write(lambda unit: None)
    with store.read() as session:
        told = [json.loads(row.body)["why"] for row in refusals(session)]
    assert told == ["expired", "revoked", "owner locked"]


@pytest.mark.usefixtures("people")
def test_a_known_key_is_not_asked_for_again_until_anything_changes(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = make_key(store, "coder", Scope.SUGGEST)
    principal_of_key(store, key)
    store.write(lambda unit: None)  # that it was used is on disk
    principal_of_key(store, key)
    n_read = 0
    read = store.read

    def counted() -> Any:
        nonlocal n_read
        n_read += 1
        return read()

    monkeypatch.setattr(store, "read", counted)
    n_asked = 3
    for _ in range(n_asked):
        assert principal_of_key(store, key).name == "coder"
    is_sqlite = store.engine.dialect.name == "sqlite"
    assert n_read == (0 if is_sqlite else n_asked)
    clock.move(minutes=-30)
    assert principal_of_key(store, key).name == "coder"
    clock.move(minutes=30)
    # Whoever revokes it: a command in another process has another connection.
    other = Store(store.settings, store.secrets, clock=clock)
    other.write(lambda unit: revoke_key(unit, key.split("_")[1], by="system"))
    other.close()
    with pytest.raises(UnauthenticatedError):
        principal_of_key(store, key)


def refusals(session: Session) -> list[LogRow]:
    query = select(LogRow).where(LogRow.kind == "key.refused").order_by(LogRow.seq)
    return list(session.scalars(query))


@pytest.mark.usefixtures("people")
def test_a_rotated_key_lives_a_day_beside_the_new_one(store: Store, clock: Clock) -> None:
    old = make_key(store, "coder", Scope.SUGGEST)
    new = store.write(lambda unit: rotate_key(unit, old.split("_")[1], by="system"))
    clock.move(hours=23)
    assert principal_of_key(store, old).scopes == principal_of_key(store, new).scopes
    clock.move(hours=2)
    assert principal_of_key(store, new).name == "coder"
    with pytest.raises(UnauthenticatedError):
        principal_of_key(store, old)


@pytest.mark.usefixtures("people")
def test_a_revoked_key_is_not_rotated_back_to_life(store: Store) -> None:
    prefix = make_key(store, "coder", Scope.SUGGEST).split("_")[1]
    store.write(lambda unit: revoke_key(unit, prefix, by="system"))
    with pytest.raises(ConflictError, match="revoked"):
        store.write(lambda unit: rotate_key(unit, prefix, by="system"))


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("days", [-1, 0, 3651, 10**9])
def test_a_key_lives_a_day_at_least_and_not_for_ever(store: Store, days: int) -> None:
    with pytest.raises(DecisionError, match="Allowed: 1 to 3,650"):
        make_key(store, "coder", Scope.SUGGEST, days=days)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("damage", [lambda k: k[:-1], lambda k: k + "a", lambda k: "cac_x_y"])
def test_a_wrong_key_is_refused(store: Store, damage) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UnauthenticatedError):
        principal_of_key(store, damage(make_key(store, "coder", Scope.SUGGEST)))


@pytest.mark.usefixtures("people")
def test_neither_keys_nor_cookies_are_kept(store: Store) -> None:
    key = make_key(store, "coder", Scope.SUGGEST)
    token = log_in(store, "coder", PASSWORD, address="10.0.0.1")
    with store.read() as session:
        kept = repr([vars(r) for t in (ApiKey, BrowserSession) for r in session.query(t)])
    assert key.split("_", 2)[2] not in kept
    assert token not in kept


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer x", "cac_a_b"])
def test_another_authorization_is_refused_even_beside_a_cookie(
    store: Store, people: dict[str, str], header: str
) -> None:
    token = log_in(store, "coder", PASSWORD, address="")
    with pytest.raises(UnauthenticatedError):
        authenticate(store, authorization=header, cookie=token, csrf=None, method="GET")


@pytest.mark.usefixtures("people")
def test_a_session_reads_without_and_writes_only_with_its_own_csrf_token(store: Store) -> None:
    token, other = (log_in(store, "coder", PASSWORD, address="") for _ in range(2))
    assert token != other
    assert by_cookie(store, token).name == "coder"
    own = csrf_token(store.secrets, token)
    assert by_cookie(store, token, method="POST", csrf=own).name == "coder"
    for csrf in (None, "", csrf_token(store.secrets, other), csrf_token(Secrets.random(), token)):
        with pytest.raises(ForbiddenError):
            by_cookie(store, token, method="POST", csrf=csrf)


@pytest.mark.usefixtures("people")
def test_a_session_ends_by_idle_time(store: Store, clock: Clock) -> None:
    token = log_in(store, "coder", PASSWORD, address="")
    for _ in range(3):
        clock.move(minutes=14)
        principal_of_session(store, token)
        store.write(lambda unit: None)
    clock.move(minutes=15, seconds=1)
    with pytest.raises(UnauthenticatedError):
        principal_of_session(store, token)


@pytest.mark.usefixtures("people")
def test_a_session_ends_by_age_however_busy(store: Store, clock: Clock) -> None:
    store.settings = store.settings.model_copy(update={"session_hours": 0.5})
    token = log_in(store, "coder", PASSWORD, address="")
    for _ in range(3):
        clock.move(minutes=10)
        principal_of_session(store, token)
        store.write(lambda unit: None)
    clock.move(seconds=1)
    with pytest.raises(UnauthenticatedError):
        principal_of_session(store, token)


@pytest.mark.usefixtures("people")
def test_a_clock_that_goes_back_ends_sessions(store: Store, clock: Clock) -> None:
    token = log_in(store, "coder", PASSWORD, address="")
    clock.move(hours=-5)
    with pytest.raises(UnauthenticatedError):
        principal_of_session(store, token)


@pytest.mark.usefixtures("people")
def test_logging_out_and_locking_end_sessions(store: Store) -> None:
    first = log_in(store, "coder", PASSWORD, address="")
    second = log_in(store, "coder", PASSWORD, address="")
    store.write(lambda unit: end_session(unit, first, by="coder"))
    with pytest.raises(UnauthenticatedError):
        principal_of_session(store, first)
    assert principal_of_session(store, second).name == "coder"
    store.write(lambda unit: lock(unit, "coder"))
    with pytest.raises(UnauthenticatedError):
        principal_of_session(store, second)


@pytest.mark.usefixtures("people")
def test_a_session_that_outlived_the_lock_of_its_account_is_none(store: Store) -> None:
    token = log_in(store, "coder", PASSWORD, address="")

    def close(unit: Unit) -> None:
        user_named(unit.session, "coder").disabled_at = unit.now

    store.write(close)
    with pytest.raises(UnauthenticatedError):
        principal_of_session(store, token)


@pytest.mark.usefixtures("people")
def test_wrong_passwords_close_the_account_for_longer_and_longer(
    store: Store, clock: Clock
) -> None:
    for name in ("coder", f"nobody-{uuid4()}"):
        for _ in range(5):
            with pytest.raises(UnauthenticatedError):
                log_in(store, name, "wrong", address="")
        with pytest.raises(TooManyError) as closed:
            log_in(store, name, PASSWORD, address="")
        assert closed.value.retry_after_s == 16
    clock.move(seconds=16)
    assert log_in(store, "coder", PASSWORD, address="")
    assert [delay_s(n) for n in (4, 5, 6, 7, 40)] == [0, 15, 30, 60, 3600]
    store.write(lambda unit: unlock(unit, "coder"))


@pytest.mark.usefixtures("people")
def test_guesses_from_elsewhere_keep_nobody_out_of_their_own_browser(
    store: Store, clock: Clock, people: dict[str, str]
) -> None:
    mine = device_cookie(store.secrets, people["administrator"])
    theirs = device_cookie(store.secrets, people["coder"])
    for _ in range(5):
        with pytest.raises(UnauthenticatedError):
            log_in(store, "administrator", "wrong", address="10.6.6.6")
    forged = device_cookie(Secrets.random(), people["administrator"])
    for device in ("", "nonsense", forged, theirs):
        with pytest.raises(TooManyError):
            log_in(store, "administrator", PASSWORD, address="", device=device)
    assert log_in(store, "administrator", PASSWORD, address="", device=mine)


@pytest.mark.usefixtures("people")
def test_a_known_browser_has_five_tries_of_its_own_which_close_no_account(
    store: Store, people: dict[str, str]
) -> None:
    mine = device_cookie(store.secrets, people["coder"])
    for _ in range(5):
        with pytest.raises(UnauthenticatedError):
            log_in(store, "coder", "wrong", address="", device=mine)
    with store.read() as session:
        assert user_named(session, "coder").n_failures == 0
    for _ in range(5):
        with pytest.raises(UnauthenticatedError):
            log_in(store, "coder", "wrong", address="", device=mine)
    with pytest.raises(TooManyError):
        log_in(store, "coder", PASSWORD, address="", device=mine)


@pytest.mark.usefixtures("people")
def test_who_took_a_session_over_does_not_find_the_password_by_trying(store: Store) -> None:
    token = log_in(store, "coder", PASSWORD, address="")
    who = principal_of_session(store, token)
    for _ in range(5):
        with pytest.raises(UnauthenticatedError, match="present password"):
            change_password(store, who, "wrong", "another good password")
    with pytest.raises(UnauthenticatedError, match="Too many"):
        change_password(store, who, PASSWORD, "another good password")
    other = principal_of_session(store, log_in(store, "coder", PASSWORD, address=""))
    assert change_password(store, other, PASSWORD, "another good password")


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("name", ["nobody", "", "coder\x00", "\ud83d"])
def test_an_unknown_name_is_refused_in_the_same_words(store: Store, name: str) -> None:
    with pytest.raises(UnauthenticatedError, match="name or the password"):
        log_in(store, name, PASSWORD, address="")


def test_a_one_time_password_allows_nothing_but_its_change(store: Store) -> None:
    from serve.access.passwords import hashed, one_time
    from serve.access.users import add_user

    first = one_time()
    first_hash = hashed(first)
    store.write(
        lambda unit: (
            add_user(unit, "new", Role.ADMINISTRATOR, password_hash=first_hash, must_change=True).id
        )
    )
    token = log_in(store, "new", first, address="")
    who = principal_of_session(store, token)
    assert who.must_change
    assert who.scopes == frozenset()
    with pytest.raises(ForbiddenError, match="one-time"):
        who.require(Scope.SUGGEST)
    for bad in ("short", first):
        with pytest.raises((DecisionError, ForbiddenError)):
            change_password(store, who, first, bad)
    after = change_password(store, who, first, PASSWORD)
    assert Scope.ADMIN in principal_of_session(store, after).scopes
    with pytest.raises(UnauthenticatedError):
        principal_of_session(store, token)
    with pytest.raises(UnauthenticatedError):
        log_in(store, "new", first, address="")


@pytest.mark.usefixtures("people")
def test_the_last_administrator_stays(store: Store) -> None:
    for work in (
        lambda u: lock(u, "administrator"),
        lambda u: set_role(u, "administrator", Role.CODER),
    ):
        with pytest.raises(ConflictError):
            store.write(work)
    with store.read() as session:
        assert session.query(User).filter_by(name="administrator").one().disabled_at is None


def test_a_rate_is_held_and_fills_again() -> None:
    time = [0.0]
    limit = RateLimit(60, clock=lambda: time[0])
    for _ in range(60):
        limit.take("a")
    with pytest.raises(TooManyError) as refused:
        limit.take("a")
    limit.take("b")
    time[0] = float(refused.value.retry_after_s)
    limit.take("a")
