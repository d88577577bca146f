"""Logging in at an OpenID Connect issuer: authorization code with PKCE, a nonce and a state.

What is kept between the two steps stands in a signed cookie of the browser, not on the server. A
person's role is the claim ``CAC_OIDC_ROLE_CLAIM`` of each log-in: who no longer has it at the
issuer no longer comes in here.
"""

from __future__ import annotations

import hashlib
import secrets as tokens
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from itsdangerous import BadData, URLSafeTimedSerializer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select

from serve.access.principal import Role
from serve.access.sessions import start_session
from serve.access.signed import signer
from serve.access.users import add_user, set_role
from serve.errors import ForbiddenError, UnauthenticatedError
from serve.store import Store, Unit
from serve.store.tables import User

_LIFE_S = 600
_TIMEOUT_S = 10.0
_LEEWAY_S = 60
# What a public key verifies: neither "none" nor a key that both sides know.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
_AGAIN = "The log-in at the issuer did not come to its end here: begin again."
_AWAY = "The OpenID Connect issuer cannot be reached, or its answer is none: try again later."


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and the cookie that it brings back."""

    url: str
    cookie: str


class Oidc:
    """The issuer that ``CAC_OIDC_ISSUER`` names."""

    def __init__(self, store: Store, *, transport: httpx2.BaseTransport | None = None) -> None:
        self._store = store
        self._settings = store.settings
        self._transport = transport

    def begin(self, redirect_uri: str) -> Begun:
        """Return the way to the issuer; ``redirect_uri`` is where it sends the browser back."""
        kept = {name: tokens.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        with self._client(redirect_uri) as client:
            place = _endpoint(self._metadata(client), "authorization_endpoint")
            url, _ = client.create_authorization_url(
                place, state=kept["state"], nonce=kept["nonce"], code_verifier=kept["verifier"]
            )
        return Begun(url, self._signer().dumps(kept))

    def finish(
        self, redirect_uri: str, cookie: str, given: Mapping[str, str], *, address: str
    ) -> str:
        """Return the token of a new session.

        Args:
            redirect_uri: As it was at the beginning.
            cookie: What `begin` gave.
            given: The parameters that the issuer sent the browser back with.
            address: The browser's, for the log.

        Raises:
            UnauthenticatedError: the answer is not the issuer's, not for this browser, or too late.
            ForbiddenError: the person has no role here.
        """
        try:
            kept = self._signer().loads(cookie, max_age=_LIFE_S)
        except BadData:
            raise UnauthenticatedError(_AGAIN) from None
        if not tokens.compare_digest(given.get("state", "").encode(), kept["state"].encode()):
            raise UnauthenticatedError(_AGAIN)
        try:
            claims = self._claims(redirect_uri, given.get("code", ""), kept)
        except (AuthlibBaseError, JoseError, ValueError, KeyError):
            self._store.write(lambda unit: unit.log("login.failed", "unknown", address=address))
            raise UnauthenticatedError(_AGAIN) from None
        return self._store.write(lambda unit: self._let_in(unit, claims, address))

    def _claims(self, redirect_uri: str, code: str, kept: Mapping[str, str]) -> dict[str, Any]:
        with self._client(redirect_uri) as client:
            metadata = self._metadata(client)
            place = _endpoint(metadata, "token_endpoint")
            try:
                token = client.fetch_token(place, code=code, code_verifier=kept["verifier"])
            except httpx2.HTTPError:
                raise UnauthenticatedError(_AWAY) from None
            keys = KeySet.import_key_set(self._read(client, _endpoint(metadata, "jwks_uri")))
        return self._verified(token["id_token"], keys, kept["nonce"])

    def _verified(self, id_token: str, keys: KeySet, nonce: str) -> dict[str, Any]:
        decoded = jwt.decode(id_token, keys, algorithms=_ALGORITHMS)
        mine = self._settings.oidc_client_id
        wanted = {
            "iss": {"essential": True, "value": self._settings.oidc_issuer},
            "aud": {"essential": True, "value": mine},
        }
        claims = CodeIDToken(
            decoded.claims, decoded.header, wanted, {"nonce": nonce, "client_id": mine}
        )
        claims.validate(now=int(self._store.clock().timestamp()), leeway=_LEEWAY_S)
        return dict(claims)

    def _let_in(self, unit: Unit, claims: Mapping[str, Any], address: str) -> str:
        role = self._role(claims)
        # Issuers differ in how long a subject is.
        subject = hashlib.sha256(f"{claims['iss']}|{claims['sub']}".encode()).hexdigest()
        query = select(User).where(User.oidc_subject == subject)
        user = unit.session.scalars(query).one_or_none()
        if user is None:
            user = add_user(unit, _name(claims), role, by="oidc", oidc_subject=subject)
        if user.disabled_at:
            raise UnauthenticatedError("This account is locked.")
        if user.role != role:
            set_role(unit, user.name, role, by="oidc")
        unit.log("login", user.id, address=address, by="oidc")
        return start_session(unit, user)

    def _role(self, claims: Mapping[str, Any]) -> Role:
        claim = self._settings.oidc_role_claim
        given = claims.get(claim)
        named = [given] if isinstance(given, str) else list(given or ())
        roles = [role for role in Role if role.value in named]
        if len(roles) != 1:
            raise ForbiddenError(
                f"The issuer must name one role of this person in the claim {claim}: "
                + ", ".join(Role)
                + "."
            )
        return roles[0]

    def _client(self, redirect_uri: str) -> OAuth2Client:
        secret = self._settings.oidc_client_secret.get_secret_value()
        return OAuth2Client(
            self._settings.oidc_client_id,
            secret or None,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope="openid profile email",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=_TIMEOUT_S,
        )

    def _metadata(self, client: OAuth2Client) -> dict[str, Any]:
        issuer = self._settings.oidc_issuer
        found: dict[str, Any] = self._read(
            client, f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        )
        if found.get("issuer") != issuer:
            raise UnauthenticatedError("The issuer calls itself by another name than it is set.")
        return found

    def _read(self, client: OAuth2Client, url: str) -> Any:
        try:
            answer = client.request("GET", url, withhold_token=True)
            answer.raise_for_status()
            return answer.json()
        except (httpx2.HTTPError, ValueError):
            raise UnauthenticatedError(_AWAY) from None

    def _signer(self) -> URLSafeTimedSerializer:
        return signer(self._store.secrets, "oidc")


def _endpoint(metadata: Mapping[str, Any], name: str) -> str:
    place = metadata.get(name)
    if not isinstance(place, str) or not place.startswith("https://"):
        raise UnauthenticatedError(f"The issuer names no https:// address as {name}.")
    return place


def _name(claims: Mapping[str, Any]) -> str:
    given = claims.get("preferred_username") or claims.get("email") or claims["sub"]
    return "".join(c for c in str(given) if c.isprintable()).strip()[:100]
