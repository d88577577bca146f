"""One inference thread behind a bounded queue.

Batches across requests lose a quarter on a CPU (padding, no spare cores), so notes are done one at
a time, those of one request in turn with those of others. Work that nobody waits for (notes queued
for review, jobs) goes behind, and still gets one turn in five.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from cac.coding import CodingResult
from cac.errors import CacError
from serve.engine.errors import DeadlineError, NotReadyError, QueueFullError
from serve.engine.models import Model, Models, use_threads
from serve.engine.question import Question
from serve.engine.shadow import Agreements, Comparison, compare

Outcome = CodingResult | CacError
"""What came of one note: an answer, or why there is none."""

_LOG = logging.getLogger("cac.serve.engine")
_TURNS = 5  # of which the last is for work that nobody waits for
_FIRST_GUESS_S = 0.1
_SMOOTHING = 0.1


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is let in.

    ``queue_size`` is the requests that may wait beside the one under way; ``stuck_s`` is how long
    one note may take before the engine says that it is not ready; ``n_threads`` is what torch may
    use (0: as it likes); ``shadow_size`` is how many answers may wait to be compared.
    """

    queue_size: int = 2
    stuck_s: float = 60.0
    n_threads: int = 0
    shadow_size: int = 16


class Observer(Protocol):
    """Who counts what the engine does."""

    def answered(self, result: CodingResult, seconds: float) -> None:
        """Take in the answer for one note."""

    def compared(self, comparison: Comparison) -> None:
        """Take in a note that two models answered."""


class NoObserver:
    """Counts nothing."""

    def answered(self, result: CodingResult, seconds: float) -> None:
        """Leave the answer."""

    def compared(self, comparison: Comparison) -> None:
        """Leave the comparison."""


@dataclass(slots=True, eq=False)
class _Work:
    """The notes of one request; ``model`` was in use when it came, and answers all of them."""

    questions: Sequence[Question]
    model: Model
    deadline: float
    is_waited_for: bool
    future: Future[list[Outcome]] = field(default_factory=Future)
    outcomes: list[Outcome] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the engine is; ``busy_s`` is how long the note under way has taken."""

    n_waiting: int
    n_behind: int
    busy_s: float


class Engine:
    """Answers questions in one thread of its own."""

    def __init__(
        self, models: Models, limits: Limits | None = None, observer: Observer | None = None
    ) -> None:
        self.models = models
        self.limits = limits or Limits()
        self.agreements = Agreements()
        self._observer = observer or NoObserver()
        self._waiting: deque[_Work] = deque()
        self._behind: deque[_Work] = deque()
        self._to_compare: deque[tuple[Question, CodingResult]] = deque(
            maxlen=self.limits.shadow_size
        )
        self._lock = threading.Condition()
        self._turn = 0
        self._seconds_a_note = _FIRST_GUESS_S
        self._busy_since: float | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="cac-inference", daemon=True)

    def start(self, bundle: str) -> None:
        """Begin to answer; the first model is loaded beside."""
        self._thread.start()
        self.models.start(bundle)

    def stop(self) -> None:
        """End after the note under way; what waits is told so."""
        with self._lock:
            self._stopping = True
            left = [*self._waiting, *self._behind]
            self._waiting.clear()
            self._behind.clear()
            self._lock.notify()
        for work in left:
            _fail(work, NotReadyError("The server is stopping.", retry_after_s=5))
        if self._thread.is_alive():
            self._thread.join()

    def submit(
        self, questions: Sequence[Question], *, deadline_s: float, is_waited_for: bool = True
    ) -> Future[list[Outcome]]:
        """Ask; the future gives one outcome for each question. Cancel it when nobody waits more.

        Args:
            questions: The notes of one request.
            deadline_s: Seconds from now after which what is left is not done.
            is_waited_for: False puts the work behind all that somebody waits for.

        Raises:
            NotReadyError: no model is warm, or the server is stopping.
            QueueFullError: as many wait as may.
        """
        work = _Work(questions, self.models.current, time.monotonic() + deadline_s, is_waited_for)
        with self._lock:
            if self._stopping:
                raise NotReadyError("The server is stopping.", retry_after_s=5)
            if is_waited_for and len(self._waiting) >= self.limits.queue_size:
                raise QueueFullError(
                    f"{len(self._waiting)} requests wait, as many as may.",
                    retry_after_s=self._seconds_to_wait(),
                )
            self._queue_of(work).append(work)
            self._lock.notify()
        work.future.add_done_callback(lambda _: self._forget(work))
        return work.future

    @property
    def load(self) -> Load:
        """How busy the engine is now."""
        since = self._busy_since
        busy = time.monotonic() - since if since is not None else 0.0
        return Load(len(self._waiting), len(self._behind), busy)

    def require_ready(self) -> Model:
        """Return the model in use; raise NotReadyError with the reason where none can answer."""
        model = self.models.current
        if self._stopping or not self._thread.is_alive():
            raise NotReadyError("The inference thread does not run.", retry_after_s=5)
        if self.load.busy_s > self.limits.stuck_s:
            raise NotReadyError(
                f"One note has taken over {self.limits.stuck_s:g} seconds.", retry_after_s=30
            )
        return model

    def _run(self) -> None:
        used: Model | None = None
        while (work := self._next()) is not None:
            if isinstance(work, tuple):
                self._compare(*work)
                continue
            if work.model is not used:
                used = work.model
                use_threads(self.limits.n_threads)
            self._step(work)

    def _next(self) -> _Work | tuple[Question, CodingResult] | None:
        with self._lock:
            while not self._stopping:
                self._turn += 1
                first, second = self._waiting, self._behind
                if self._turn % _TURNS == 0:
                    first, second = second, first
                if queue := first or second:
                    return queue.popleft()
                if self._to_compare:
                    return self._to_compare.popleft()
                self._lock.wait()
        return None

    def _step(self, work: _Work) -> None:
        """Do one note of a request; where more are left, it queues again behind the others."""
        if work.future.cancelled():
            return
        if time.monotonic() > work.deadline:
            _fail(work, DeadlineError("No answer in time.", retry_after_s=self._seconds_to_wait()))
            return
        try:
            work.outcomes.append(self._answer(work.questions[len(work.outcomes)], work.model))
        except Exception as error:
            _fail(work, error)
            return
        if len(work.outcomes) < len(work.questions):
            with self._lock:
                self._queue_of(work).append(work)
        else:
            with suppress(InvalidStateError):  # cancelled at this moment
                work.future.set_result(work.outcomes)

    def _answer(self, question: Question, model: Model) -> Outcome:
        start = self._busy_since = time.monotonic()
        try:
            result = question.ask(model.suggester)
        except CacError as error:
            return error
        finally:
            seconds = time.monotonic() - start
            self._seconds_a_note += _SMOOTHING * (seconds - self._seconds_a_note)
            self._busy_since = None
        self._observer.answered(result, seconds)
        if self.models.shadow is not None:
            self._to_compare.append((question, result))
        return result

    def _compare(self, question: Question, result: CodingResult) -> None:
        shadow = self.models.shadow
        if shadow is None:
            return
        try:
            comparison = compare(result, question.ask(shadow.suggester))
        except Exception as error:
            # A note in another language, or a fault of the new model: the one in use goes on.
            _LOG.warning("shadow failed", extra={"fields": {"error": type(error).__name__}})
            return
        self.agreements.add(comparison)
        self._observer.compared(comparison)

    def _queue_of(self, work: _Work) -> deque[_Work]:
        return self._waiting if work.is_waited_for else self._behind

    def _forget(self, work: _Work) -> None:
        """Free the place of work that was cancelled while it waited."""
        with self._lock, suppress(ValueError):
            self._queue_of(work).remove(work)

    def _seconds_to_wait(self) -> int:
        n_notes = sum(len(w.questions) - len(w.outcomes) for w in self._waiting) + 1
        return max(1, math.ceil(n_notes * self._seconds_a_note))


def _fail(work: _Work, error: Exception) -> None:
    with suppress(InvalidStateError):
        work.future.set_exception(error)
