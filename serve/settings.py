"""What an administrator sets, by environment variables ``CAC_*``; docs/settings.md lists them.

A setting may stand in a file of its own instead, named like its variable in lower case, in the
folder ``CREDENTIALS_DIRECTORY``: where systemd and Docker lay what they keep secret.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from cac.errors import SettingsError
from cac.inputs.fields import MAX_CHARACTERS

_ORIGIN = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?")
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
Names = Annotated[tuple[str, ...], NoDecode]
"""Several values with commas between."""


class Settings(BaseSettings):
    """One server's settings; frozen, and every value has a safe default."""

    model_config = SettingsConfigDict(
        env_prefix="CAC_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8700, ge=0, le=65535, description="port to listen on; 0: any free one")
    state: Path = Field(Path("~/.local/state/cac"), description="folder of the SQLite database")
    secrets: Path = Field(
        Path("~/.config/cac/secrets"),
        description="folder of the keys (log, text, sessions), apart from the database",
    )
    database_url: SecretStr = Field(
        SecretStr(""), description="`postgresql://...`; none: SQLite in the state folder"
    )
    bundle: str = Field(
        "default",
        description="what answers: `default` (ships), a folder or `models:/NAME@ALIAS`; empty: "
        "finder and rules alone",
    )
    bundles: Path | None = Field(
        None, description="folder whose bundles an administrator may change to while it runs"
    )

    public_url: str = Field("", description="URL that browsers use, where a proxy stands before")
    allowed_hosts: Names = Field((), description="further names that `Host` may have")
    cors_origins: Names = Field((), description="origins whose pages may call the API")
    tls_certificate: Path | None = Field(None, description="PEM file of the certificate chain")
    tls_key: Path | None = Field(None, description="PEM file of its private key")
    trusted_proxies: Names = Field(
        (), description="addresses of proxies that end TLS and set `X-Forwarded-For`"
    )

    log_level: Literal["debug", "info", "warning"] = Field(
        "info", description="lines about requests: `debug` also of probes and of the pages' files"
    )

    session_idle_minutes: float = Field(15, gt=0, description="automatic logoff after so long idle")
    session_hours: float = Field(12, gt=0, description="a session ends after so long, idle or not")
    key_days: int = Field(90, ge=1, le=3650, description="life of an API key that names none")
    requests_per_minute: int = Field(1200, ge=1, description="of one person or key")
    logins_per_minute: int = Field(20, ge=1, description="from one address")

    claim_minutes: float = Field(30, gt=0, description="a claimed note is free again after so long")
    blinded_share: float = Field(
        0.0, ge=0, le=1, description="share of notes shown without suggestions, drawn by their id"
    )
    retention_days: int = Field(
        0, ge=0, description="days until a completed note's text is deleted; 0: kept until asked"
    )
    database_timeout_s: float = Field(5, gt=0, description="wait for a locked database")

    max_body_bytes: int = Field(4 << 20, ge=1024, description="of one request, after unpacking")
    max_note_chars: int = Field(
        MAX_CHARACTERS, ge=1, le=MAX_CHARACTERS, description="characters of one note"
    )
    max_notes: int = Field(64, ge=1, le=64, description="notes of one `POST /v1/suggest`")
    queue_size: int = Field(
        2,
        ge=1,
        description="requests that may wait for the model beside what is under way; then 503",
    )
    deadline_s: float = Field(30, gt=0, description="longest wait for a suggestion")

    oidc_issuer: str = Field("", description="OpenID Connect issuer; none: passwords alone")
    oidc_client_id: str = Field("", description="this server's id at the issuer")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="and its secret")
    oidc_role_claim: str = Field("cac_role", description="claim of the ID token that names a role")

    @field_validator(
        "allowed_hosts", "cors_origins", "trusted_proxies", mode="before", check_fields=True
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("state", "secrets")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser()

    @property
    def url(self) -> URL:
        """The database, by the driver that this package installs."""
        given = self.database_url.get_secret_value()
        if not given:
            return URL.create("sqlite", database=str(self.state / "cac.sqlite"))
        try:
            url = make_url(given)
        except ArgumentError:
            raise SettingsError(
                "CAC_DATABASE_URL is no URL. Allowed: postgresql://USER:PASSWORD@HOST/NAME, or "
                "sqlite:////PATH."
            ) from None
        if url.drivername in ("postgresql", "postgres"):
            return url.set(drivername="postgresql+psycopg")
        if url.drivername in ("sqlite", "postgresql+psycopg"):
            return url
        raise SettingsError(
            f"CAC_DATABASE_URL names {url.drivername!r}. Known: postgresql, sqlite."
        )

    @property
    def is_local(self) -> bool:
        """Whether nobody outside this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by TLS: cookies are then marked so."""
        return bool(self.tls_certificate) or self.public_url.startswith("https://")

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request's ``Host`` may name, without its port."""
        own = () if self.host in ("0.0.0.0", "::") else (self.host,)
        named = (urlsplit(self.public_url).hostname or "",)
        return tuple(dict.fromkeys(h for h in _LOCAL_HOSTS + own + named + self.allowed_hosts if h))


def load_settings(**overrides: Any) -> Settings:
    """Read the environment; raise SettingsError that names the variable, never its value."""
    try:
        return Settings(**{"_secrets_dir": _credentials(), **overrides})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "CAC_" + "_".join(str(part) for part in first["loc"][:1]).upper()
        raise SettingsError(f"{name}: {first['msg']}. docs/settings.md lists the values.") from None
    except SourceError:
        raise SettingsError(
            "A file in CREDENTIALS_DIRECTORY cannot be read. Let the user that runs the server "
            "read the folder and its files."
        ) from None


def _credentials() -> str | None:
    named = os.environ.get("CREDENTIALS_DIRECTORY")
    return named if named and os.path.isdir(named) else None


def _is_some_address(name: str) -> bool:
    try:
        return ipaddress.ip_network(name).prefixlen > 0
    except ValueError:
        return False


def unsafe(settings: Settings) -> list[str]:
    """Return what keeps the server from starting, each with its mend."""
    found = []
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        found.append("CAC_TLS_CERTIFICATE and CAC_TLS_KEY go together: set both, or none.")
    if not settings.is_local and not settings.tls_certificate and not settings.trusted_proxies:
        found.append(
            f"{settings.host} can be reached from outside, and there is no TLS. Set "
            "CAC_TLS_CERTIFICATE and CAC_TLS_KEY, or name the proxy that ends TLS by "
            "CAC_TRUSTED_PROXIES, or listen on 127.0.0.1."
        )
    proxied = settings.public_url.startswith("https://") and not settings.tls_certificate
    if proxied and not settings.trusted_proxies:
        found.append(
            "CAC_PUBLIC_URL is https://, and there is no certificate here: name the proxy that "
            "ends TLS by CAC_TRUSTED_PROXIES, such as 127.0.0.1."
        )
    if settings.trusted_proxies and not settings.public_url.startswith("https://"):
        found.append("CAC_TRUSTED_PROXIES needs CAC_PUBLIC_URL, an https:// URL.")
    if not all(_is_some_address(proxy) for proxy in settings.trusted_proxies):
        found.append(
            "CAC_TRUSTED_PROXIES names IP addresses or networks (10.0.0.7, 10.1.0.0/24): neither "
            "names of hosts nor everybody, since who is trusted says who asks."
        )
    if "*" in settings.allowed_hosts:
        found.append("CAC_ALLOWED_HOSTS names each one; '*' is not allowed.")
    if not all(_ORIGIN.fullmatch(origin) for origin in settings.cors_origins):
        found.append(
            "CAC_CORS_ORIGINS names origins as browsers do, https://ehr.example.org or with "
            ":PORT, nothing behind; '*' is not allowed."
        )
    if settings.oidc_issuer and not settings.oidc_issuer.startswith("https://"):
        found.append("CAC_OIDC_ISSUER must be an https:// URL.")
    if settings.oidc_issuer and not settings.oidc_client_id:
        found.append("CAC_OIDC_ISSUER needs CAC_OIDC_CLIENT_ID.")
    return found
