"""Every error that the server raises on purpose; each door says it in its own way.

    ServeError
    ├── UnauthenticatedError   nobody is logged in, or the key is not known          (401)
    ├── ForbiddenError         known, but not allowed to do this                     (403)
    │   └── MissingScopeError  which scope it takes, and how to get it               (403)
    ├── NotFoundError          no such thing, or not for this person                 (404)
    ├── ConflictError          someone else was quicker, or another holds the note   (409)
    ├── GoneError              the text was deleted on request or by retention       (410)
    ├── DecisionError          a decision that is not allowed as it stands           (422)
    ├── TooManyError           locked out, or too many requests; when to come again  (429)
    └── StoreUnavailableError  the database is locked, full or away                  (503)

A message says what was found, what is allowed, and the mend; never a word of a note.
"""

from __future__ import annotations

from cac.errors import CacError


class ServeError(CacError):
    """Base of the server's errors."""


class UnauthenticatedError(ServeError):
    """Nobody is logged in, or what was shown is not, or no longer, valid."""


class ForbiddenError(ServeError):
    """Who asks is known, and not allowed to do this."""


class MissingScopeError(ForbiddenError):
    """Who asks lacks ``scope``."""

    def __init__(self, message: str, *, scope: str) -> None:
        super().__init__(message)
        self.scope = scope


class NotFoundError(ServeError):
    """There is no such thing."""


class ConflictError(ServeError):
    """What was asked rests on a state that has changed since."""


class GoneError(ServeError):
    """The text of the note was deleted; its log stands."""


class DecisionError(ServeError):
    """A decision that is not allowed as it stands."""


class TooManyError(ServeError):
    """Too many tries; ``retry_after_s`` says when to come again, in whole seconds."""

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StoreUnavailableError(ServeError):
    """The database is locked, full or away; nothing of the request was kept."""
