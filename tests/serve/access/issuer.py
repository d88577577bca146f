"""An OpenID Connect issuer in memory: it signs what the tests want it to say."""

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

URL = "https://issuer.test"
CLIENT = "cac-here"


class Issuer:
    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, auto_kid=True)
        self.claims: dict[str, Any] = {}
        self.algorithm = "RS256"
        self.signing = self.key
        self.metadata = {
            "issuer": URL,
            "authorization_endpoint": f"{URL}/authorize",
            "token_endpoint": f"{URL}/token",
            "jwks_uri": f"{URL}/keys",
        }
        self.asked: dict[str, list[str]] = {}
        self.is_away = False
        self.transport = httpx2.MockTransport(self._answer)

    def visited(self, url: str) -> dict[str, str]:
        """Do as a browser that is sent there and logs in; return what it is sent back with."""
        parts = urlsplit(url)
        assert (
            f"{parts.scheme}://{parts.netloc}{parts.path}"
            == self.metadata["authorization_endpoint"]
        )
        self.asked = parse_qs(parts.query)
        return {"code": "a-code", "state": self.asked["state"][0]}

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        if self.is_away:
            raise httpx2.ConnectError("away")
        if request.url.path == "/.well-known/openid-configuration":
            return httpx2.Response(200, json=self.metadata)
        if request.url.path == "/keys":
            return httpx2.Response(200, json=KeySet([self.key]).as_dict(private=False))
        given = parse_qs(request.content.decode())
        if given["code"] != ["a-code"] or self._challenge(given) != self.asked["code_challenge"]:
            return httpx2.Response(400, json={"error": "invalid_grant"})
        token = {"access_token": "t", "token_type": "Bearer", "id_token": self._id_token()}
        return httpx2.Response(200, json=token)

    @staticmethod
    def _challenge(given: dict[str, list[str]]) -> list[str]:
        """Return what the verifier must have been announced as (RFC 7636, S256)."""
        digest = hashlib.sha256(given["code_verifier"][0].encode()).digest()
        return [base64.urlsafe_b64encode(digest).decode().rstrip("=")]

    def _id_token(self) -> str:
        claims = {"nonce": self.asked["nonce"][0], **self.claims}
        if self.algorithm == "none":
            parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
            return ".".join(base64.urlsafe_b64encode(p).decode().rstrip("=") for p in parts) + "."
        header = {"alg": self.algorithm, "kid": self.signing.kid}
        return jwt.encode(header, claims, self.signing, algorithms=[self.algorithm])
