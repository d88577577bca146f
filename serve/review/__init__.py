"""A coder's decisions, and the state that follows from them: pure, without a database."""

from serve.review.check import check
from serve.review.decision import Decision, Event, Kind, Reason
from serve.review.fold import fold
from serve.review.state import CodeState, ReviewState, Status, Suggested

__all__ = [
    "CodeState",
    "Decision",
    "Event",
    "Kind",
    "Reason",
    "ReviewState",
    "Status",
    "Suggested",
    "check",
    "fold",
]
