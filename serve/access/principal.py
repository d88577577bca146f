"""Who asks, and what a role allows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from serve.errors import ForbiddenError


class Scope(StrEnum):
    """One thing that may be allowed."""

    SUGGEST = "suggest"
    NOTES_READ = "notes:read"
    NOTES_WRITE = "notes:write"
    REVIEW = "review"
    SECOND = "second"
    EXPORT = "export"
    LOG_READ = "log:read"
    ADMIN = "admin"


class Role(StrEnum):
    """What a person is here."""

    READER = "reader"
    CODER = "coder"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


SCOPES: dict[Role, frozenset[Scope]] = {
    Role.READER: frozenset({Scope.SUGGEST, Scope.NOTES_READ}),
    Role.CODER: frozenset({Scope.SUGGEST, Scope.NOTES_READ, Scope.NOTES_WRITE, Scope.REVIEW}),
    Role.AUDITOR: frozenset(
        {Scope.SUGGEST, Scope.NOTES_READ, Scope.SECOND, Scope.EXPORT, Scope.LOG_READ}
    ),
    Role.ADMINISTRATOR: frozenset(Scope),
}
"""A role is a set of scopes; a key has at most those of its owner."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks. ``scopes`` is empty while a one-time password has not been changed.

    ``credential`` names what was shown: the prefix of an API key, or the start of the session's
    digest; it may stand in logs.
    """

    user_id: str
    name: str
    role: Role
    scopes: frozenset[Scope]
    credential: str = ""
    must_change: bool = False

    def require(self, scope: Scope) -> None:
        """Raise ForbiddenError where the scope is lacking."""
        if self.must_change:
            raise ForbiddenError("Change the one-time password first, at /password.")
        if scope not in self.scopes:
            have = ", ".join(sorted(self.scopes)) or "none"
            raise ForbiddenError(f"This needs the scope {scope.value!r}; yours: {have}.")
