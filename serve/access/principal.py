"""Who asks, and what a role allows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from serve.errors import ForbiddenError, MissingScopeError


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
        """Raise MissingScopeError, which says how to get it, where the scope is lacking."""
        if self.must_change:
            raise ForbiddenError("Change the one-time password first, at /password.")
        if scope not in self.scopes:
            raise MissingScopeError(self._without(scope), scope=scope.value)

    def _without(self, scope: Scope) -> str:
        have = ", ".join(sorted(self.scopes)) or "none"
        found = f"This needs the scope {scope.value!r}; yours: {have}."
        if scope in SCOPES[self.role]:
            return (
                f"{found} The owner of this key may have it: an administrator gives it to the key, "
                f"on the administration page or by `cac keys scopes {self.credential} --add "
                f"{scope.value}`."
            )
        roles = ", ".join(role.value for role, scopes in SCOPES.items() if scope in scopes)
        return f"{found} It belongs to the roles {roles}: ask an administrator, or one of them."
