"""The notes of one request, and what came of each so far."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field

from cac.coding import CodingResult
from cac.errors import CacError
from serve.engine.models import Model
from serve.engine.question import Question

Outcome = CodingResult | CacError
"""What came of one note: an answer, or why there is none."""


@dataclass(slots=True, eq=False, repr=False)
class Work:
    """The notes of one request; ``model`` was in use when it came, and answers all of them.

    ``deadline`` is by the monotonic clock, in seconds.
    """

    questions: Sequence[Question]
    model: Model
    deadline: float
    is_waited_for: bool
    future: Future[list[Outcome]] = field(default_factory=Future)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def is_begun(self) -> bool:
        """Whether a note of it was answered."""
        return bool(self.outcomes)

    @property
    def left(self) -> Sequence[Question]:
        """The notes without an outcome."""
        return self.questions[len(self.outcomes) :]

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Take in what came of the next notes; after the last of them the future is done."""
        self.outcomes += outcomes
        if not self.left:
            with suppress(InvalidStateError):  # cancelled at this moment
                self.future.set_result(self.outcomes)

    def fail(self, error: Exception) -> None:
        """Answer the whole request by an error."""
        with suppress(InvalidStateError):
            self.future.set_exception(error)
