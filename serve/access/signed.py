"""What a browser keeps for the server, signed, so that it comes back as it was given."""

from __future__ import annotations

from itsdangerous import URLSafeTimedSerializer

from serve.secrets import Secrets


def signer(secrets_: Secrets, use: str) -> URLSafeTimedSerializer:
    """Return what signs by the newest session key and reads by all; one use reads no other's."""
    keys = list(secrets_.session.keys.values())
    return URLSafeTimedSerializer(keys[::-1], salt=f"cac.{use}")
