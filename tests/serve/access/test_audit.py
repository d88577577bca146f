"""Accounts and keys that somebody put into the database by hand."""

import pytest
from sqlalchemy import text

from serve.access.api_keys import add_key, revoke_key, rotate_key, set_scopes
from serve.access.audit import unlogged
from serve.access.principal import Role, Scope
from serve.access.sessions import start_session
from serve.access.users import lock, set_password, set_role, unlock, user_named
from serve.store import Store

from ..conftest import Clock
from .test_authenticate import make_key


def found(store: Store) -> list[str]:
    with store.read() as session:
        faults = unlogged(session, store.secrets).faults
    return [line.split(" ", 2)[0] + ": " + line.split(": ")[1] for line in faults]


@pytest.fixture
def key(store: Store, people: dict[str, str]) -> str:
    """The prefix of a coder's key."""
    return make_key(store, "coder", Scope.SUGGEST, Scope.REVIEW).split("_")[1]


def test_what_was_done_by_this_program_is_in_the_log(store: Store, key: str) -> None:
    store.write(lambda unit: set_role(unit, "reader", Role.AUDITOR))
    store.write(lambda unit: lock(unit, "reader"))
    store.write(lambda unit: lock(unit, "auditor"))
    store.write(lambda unit: unlock(unit, "auditor"))
    store.write(lambda unit: set_password(unit, user_named(unit.session, "coder"), "another hash"))
    store.write(lambda unit: set_scopes(unit, key, [Scope.REVIEW], by="system"))
    store.write(lambda unit: rotate_key(unit, key, by="system", scopes=[Scope.SUGGEST]))
    store.write(lambda unit: revoke_key(unit, key, by="system"))
    store.write(
        lambda unit: add_key(
            unit, user_named(unit.session, "coder"), "x", [Scope.SUGGEST], by="system"
        )
    )
    assert found(store) == []


FORGED = {
    "UPDATE users SET role = 'administrator' WHERE name = 'reader'": (
        "account: is 'administrator', and by the log 'reader'"
    ),
    "UPDATE users SET password_hash = 'mine' WHERE name = 'reader'": (
        "account: has another password or secret than the log knows"
    ),
    "UPDATE users SET disabled_at = NULL WHERE name = 'coder'": (
        "account: is open, and by the log it is not"
    ),
    "INSERT INTO users (id, name, role, must_change, created_at, n_failures) VALUES "
    "('u_x', 'x', 'administrator', false, '2026-01-01 00:00:00', 0)": (
        "account: was not made by this program"
    ),
    "UPDATE api_keys SET scopes = 'admin'": "key: is 'admin', and by the log 'review suggest'",
    "UPDATE api_keys SET digest = 'mine'": (
        "key: has another password or secret than the log knows"
    ),
    "UPDATE api_keys SET expires_at = '2099-01-01 00:00:00'": (
        "key: ends 2099-01-01T00:00:00.000000+00:00, and by the log "
        "2027-01-31T09:00:00.000000+00:00"
    ),
    "UPDATE users SET name = 'ann' WHERE name = 'reader'": (
        "account: goes by another name or OIDC subject"
    ),
    "UPDATE users SET oidc_subject = 'mine' WHERE name = 'administrator'": (
        "account: goes by another name or OIDC subject"
    ),
    "DELETE FROM api_keys": "key: was removed from the database",
    "DELETE FROM users WHERE name = 'reader'": "account: was removed from the database",
}


@pytest.mark.parametrize("statement", FORGED)
def test_what_was_put_past_it_is_named(store: Store, key: str, statement: str) -> None:
    store.write(lambda unit: lock(unit, "coder"))
    with store.engine.begin() as connection:
        connection.execute(text(statement))
    assert found(store) == [FORGED[statement]]


def test_sessions_are_held_against_the_log(
    store: Store, people: dict[str, str], clock: Clock
) -> None:
    def start(name: str) -> str:
        return store.write(lambda unit: start_session(unit, user_named(unit.session, name)))

    token = start("coder")
    clock.move(minutes=1)
    start("reader")
    assert found(store) == []
    forged = "session: was not begun by this program as it stands"
    for statement in (
        "UPDATE sessions SET user_id = :admin WHERE user_id = :reader",
        "UPDATE sessions SET created_at = '2026-11-02 20:00:00' WHERE user_id = :admin",
        "INSERT INTO sessions (digest, user_id, created_at, seen_at) "
        "VALUES ('mine', :admin, '2026-11-02 09:00:30', '2026-11-02 09:00:30')",
    ):
        names = {"admin": people["administrator"], "reader": people["reader"]}
        used = {name: id_ for name, id_ in names.items() if f":{name}" in statement}
        with store.engine.begin() as connection:
            connection.execute(text(statement), used)
        assert set(found(store)) == {forged}
    assert len(found(store)) == 2
    with store.read() as session:
        [fault, _] = unlogged(session, store.secrets).faults
    assert token not in fault


def test_a_session_of_an_earlier_version_is_not_covered(
    store: Store, people: dict[str, str]
) -> None:
    with store.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO sessions (digest, user_id, created_at, seen_at) "
                "VALUES ('old', :id, '2026-11-02 08:00:00', '2026-11-02 08:00:00')"
            ),
            {"id": people["coder"]},
        )
    with store.read() as session:
        whole = unlogged(session, store.secrets)
    assert whole.faults == []
    assert [remark.partition(" not")[0] for remark in whole.remarks] == ["1 sessions"]


def test_a_key_that_was_put_in_or_has_another_owner_is_named(
    store: Store, key: str, people: dict[str, str]
) -> None:
    with store.engine.begin() as connection:
        connection.execute(
            text("UPDATE api_keys SET user_id = :id"), {"id": people["administrator"]}
        )
    [line] = found(store)
    assert line.startswith(f"key: belongs to {people['administrator']}, and by the log to ")
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE api_keys SET prefix = 'another'"))
    assert found(store) == [
        "key: was not made by this program", "key: was removed from the database",
    ]  # fmt: skip


def test_a_key_that_was_revoked_and_is_open_again_is_named(store: Store, key: str) -> None:
    store.write(lambda unit: revoke_key(unit, key, by="system"))
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE api_keys SET revoked_at = NULL"))
    assert found(store) == ["key: is open, and by the log it is not"]
