"""Logging in at an issuer: who is let in, and every way of being refused."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey
from pydantic import SecretStr

from serve.access.oidc import Oidc
from serve.access.principal import Principal, Scope
from serve.access.sessions import principal_of_session
from serve.access.users import lock
from serve.errors import ConflictError, ForbiddenError, UnauthenticatedError
from serve.settings import Settings
from serve.store import Store
from serve.store.tables import LogRow

from ..conftest import Clock
from .issuer import CLIENT, URL, Issuer

BACK = "http://localhost/login/oidc/back"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    wanted = {"oidc_issuer": URL, "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr("s")}
    return settings.model_copy(update=wanted)


@pytest.fixture(scope="module")
def shared_issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def issuer(shared_issuer: Issuer, clock: Clock) -> Iterator[Issuer]:
    now = int(clock().timestamp())
    usual = dict(vars(shared_issuer))
    shared_issuer.claims = {
        "iss": URL, "aud": CLIENT, "sub": "17", "preferred_username": "ann", "iat": now,
        "exp": now + 300, "cac_role": "coder",
    }  # fmt: skip
    yield shared_issuer
    vars(shared_issuer).update(usual)


@pytest.fixture
def oidc(store: Store, issuer: Issuer) -> Oidc:
    return Oidc(store, transport=issuer.transport)


def come_in(oidc: Oidc, issuer: Issuer, **other: str) -> str:
    begun = oidc.begin(BACK)
    given = issuer.visited(begun.url) | other
    return oidc.finish(BACK, begun.cookie, given, address="10.0.0.1")


def who(store: Store, token: str) -> Principal:
    return principal_of_session(store, token)


def test_who_has_a_role_at_the_issuer_is_let_in_and_known_again(
    store: Store, oidc: Oidc, issuer: Issuer
) -> None:
    first = who(store, come_in(oidc, issuer))
    assert (first.name, first.role) == ("ann", "coder")
    assert issuer.asked["code_challenge_method"] == ["S256"]
    assert issuer.asked["scope"] == ["openid profile email"]
    issuer.claims["preferred_username"] = "ann-marie"
    issuer.claims["cac_role"] = ["something else", "auditor"]
    again = who(store, come_in(oidc, issuer))
    assert (again.user_id, again.name, again.role) == (first.user_id, "ann", "auditor")
    assert Scope.REVIEW not in again.scopes
    with store.read() as session:
        kinds = [row.kind for row in session.query(LogRow).order_by(LogRow.seq)]
    assert kinds == [
        "user.added", "login", "session.started", "user.role", "login", "session.started",
    ]  # fmt: skip


@pytest.mark.parametrize("role", [None, "", "boss", ["coder", "auditor"], []])
def test_without_one_role_nobody_is_let_in(
    store: Store, oidc: Oidc, issuer: Issuer, role: object
) -> None:
    come_in(oidc, issuer)
    issuer.claims["cac_role"] = role
    with pytest.raises(ForbiddenError, match="cac_role"):
        come_in(oidc, issuer)


def test_a_locked_account_stays_so(store: Store, oidc: Oidc, issuer: Issuer) -> None:
    come_in(oidc, issuer)
    store.write(lambda unit: lock(unit, "ann"))
    with pytest.raises(UnauthenticatedError, match="locked"):
        come_in(oidc, issuer)


def test_another_account_of_the_name_is_not_taken_over(
    store: Store, oidc: Oidc, issuer: Issuer, people: dict[str, str]
) -> None:
    issuer.claims["preferred_username"] = "administrator"
    with pytest.raises(ConflictError):
        come_in(oidc, issuer)


WRONG: dict[str, Callable[[Issuer], Any]] = {
    "issuer": lambda i: i.claims.update(iss="https://other.test"),
    "audience": lambda i: i.claims.update(aud="someone-else"),
    "audience that names us as a party": lambda i: i.claims.update(aud="other", azp=CLIENT),
    "unsigned": lambda i: setattr(i, "algorithm", "none"),
    "nonce": lambda i: i.claims.update(nonce="replayed"),
    "expired": lambda i: i.claims.update(exp=i.claims["exp"] - 3600),
    "no subject": lambda i: i.claims.pop("sub"),
    "key": lambda i: setattr(i, "signing", RSAKey.generate_key(2048, auto_kid=True)),
    "symmetric": lambda i: vars(i).update(
        signing=OctKey.import_key("k" * 32, {"kid": i.key.kid}), algorithm="HS256"
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_token_that_is_not_for_here_and_now_is_refused(
    store: Store, oidc: Oidc, issuer: Issuer, wrong: str
) -> None:
    WRONG[wrong](issuer)
    with pytest.raises(UnauthenticatedError, match="begin again"):
        come_in(oidc, issuer)
    with store.read() as session:
        assert [row.kind for row in session.query(LogRow)] == ["login.failed"]


@pytest.mark.parametrize("other", [{"state": "forged"}, {"state": ""}, {"code": "another"}])
def test_what_another_browser_began_is_refused(
    oidc: Oidc, issuer: Issuer, other: dict[str, str]
) -> None:
    with pytest.raises(UnauthenticatedError, match="begin again"):
        come_in(oidc, issuer, **other)


def test_a_cookie_that_is_forged_is_refused(oidc: Oidc, issuer: Issuer) -> None:
    begun = oidc.begin(BACK)
    given = issuer.visited(begun.url)
    for cookie in ("", "x", begun.cookie[:-2], oidc.begin(BACK).cookie):
        with pytest.raises(UnauthenticatedError):
            oidc.finish(BACK, cookie, given, address="")


def test_an_issuer_that_is_away_or_another_is_said(oidc: Oidc, issuer: Issuer) -> None:
    begun = oidc.begin(BACK)
    issuer.is_away = True
    with pytest.raises(UnauthenticatedError, match="cannot be reached"):
        oidc.begin(BACK)
    with pytest.raises(UnauthenticatedError, match="cannot be reached"):
        oidc.finish(BACK, begun.cookie, issuer.visited(begun.url), address="")
    issuer.is_away = False
    issuer.metadata = {**issuer.metadata, "token_endpoint": "http://issuer.test/token"}
    with pytest.raises(UnauthenticatedError, match="https"):
        oidc.finish(BACK, begun.cookie, issuer.visited(begun.url), address="")
    issuer.metadata = {**issuer.metadata, "issuer": "https://other.test"}
    with pytest.raises(UnauthenticatedError, match="another name"):
        oidc.begin(BACK)
