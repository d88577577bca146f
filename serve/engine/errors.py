"""Why the engine does not answer now; each is a reason to come again."""

from __future__ import annotations

from serve.errors import ServeError


class EngineError(ServeError):
    """Base: ``retry_after_s`` says when to come again, in whole seconds."""

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class NotReadyError(EngineError):
    """No model is loaded and warm; the message says why."""


class QueueFullError(EngineError):
    """More wait than are let in."""


class DeadlineError(EngineError):
    """No answer within the time that the request was given; what was left of it is not done."""
