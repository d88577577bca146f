"""One inference thread behind a bounded queue.

Batches across requests lose a quarter on a CPU (padding, no spare cores), so there notes are done
one at a time. A model on a GPU says how many it likes together, and gets as many as wait.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from cac.coding import CodingResult
from serve.engine.errors import DeadlineError, NotReadyError
from serve.engine.models import Model, Models, use_threads
from serve.engine.pace import Pace
from serve.engine.question import Question, ask_all
from serve.engine.shadow import Agreements, Comparison, compare
from serve.engine.turns import Turns
from serve.engine.work import Outcome, Work

_LOG = logging.getLogger("cac.serve.engine")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is let in.

    ``queue_size`` is the requests that may wait beside what is under way; ``stuck_s`` is how long
    a note may take before the engine says that it is not ready; ``n_threads`` is what torch may
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


@dataclass(frozen=True, slots=True)
class Load:
    """How busy the engine is; ``busy_s`` is how long the note under way has taken."""

    n_waiting: int
    n_behind: int
    busy_s: float


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """When the notes under way were begun, and how long they were expected to take."""

    since: float
    expected_s: float


class Engine:
    """Answers questions in one thread of its own."""

    def __init__(
        self, models: Models, limits: Limits | None = None, observer: Observer | None = None
    ) -> None:
        self.models = models
        self.limits = limits or Limits()
        self.agreements = Agreements()
        self._observer = observer or NoObserver()
        self._pace = Pace()
        self._turns = Turns(self.limits.queue_size, self._pace)
        self._to_compare: deque[tuple[Question, CodingResult]] = deque(
            maxlen=self.limits.shadow_size
        )
        self._lock = threading.Condition()
        self._under_way: _UnderWay | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="cac-inference", daemon=True)

    def start(self, bundle: str) -> None:
        """Begin to answer; the first model is loaded beside."""
        self._thread.start()
        self.models.start(bundle)

    def stop(self) -> None:
        """End after what is under way; what waits is told so."""
        with self._lock:
            self._stopping = True
            left = list(self._turns.drain())
            self._lock.notify()
        for work in left:
            work.fail(NotReadyError("The server is stopping.", retry_after_s=5))
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
        work = Work(questions, self.models.current, time.monotonic() + deadline_s, is_waited_for)
        with self._lock:
            if self._stopping:
                raise NotReadyError("The server is stopping.", retry_after_s=5)
            self._turns.admit(work, under_way_s=self._left_s())
            self._lock.notify()
        work.future.add_done_callback(lambda _: self._forget(work))
        return work.future

    @property
    def load(self) -> Load:
        """How busy the engine is now."""
        under_way = self._under_way
        busy = time.monotonic() - under_way.since if under_way else 0.0
        return Load(self._turns.n_waiting, self._turns.n_behind, busy)

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
        while (works := self._next()) is not None:
            if not works:
                self._compare(*self._to_compare.popleft())
                continue
            if works[0].model is not used:
                used = works[0].model
                use_threads(self.limits.n_threads)
            self._step(works)

    def _next(self) -> list[Work] | None:
        """Wait for work, as much as the model likes together; none: a shadow may answer."""
        with self._lock:
            while not self._stopping:
                if (first := self._turns.next()) is not None:
                    return [first, *self._more(first.model)]
                if self._to_compare:
                    return []
                self._lock.wait()
        return None

    def _more(self, model: Model) -> list[Work]:
        found: list[Work] = []
        while len(found) < model.batch_size - 1 and (work := self._turns.next(model)):
            found.append(work)
        return found

    def _step(self, works: Sequence[Work]) -> None:
        """Do some notes of each work; what has more left queues again behind the others."""
        parts = _parts([work for work in works if self._is_wanted(work)])
        questions = [question for _, part in parts for question in part]
        if not questions:
            return
        start = time.monotonic()
        self._under_way = _UnderWay(start, self._pace.expected(questions))
        outcomes = ask_all(questions, parts[0][0].model.suggester)
        seconds = time.monotonic() - start
        self._under_way = None
        self._pace.learn(questions, seconds)
        left = iter(outcomes)
        for work, part in parts:
            self._deliver(work, [next(left) for _ in part])
        # Whoever waits has the answer by now.
        for question, outcome in zip(questions, outcomes, strict=True):
            self._count(question, outcome, seconds / len(questions))

    def _is_wanted(self, work: Work) -> bool:
        """Tell whether work is still to be done; what is past its deadline is told so."""
        if time.monotonic() > work.deadline:
            seconds = self._turns.seconds_to_wait()
            work.fail(DeadlineError("No answer in time.", retry_after_s=seconds))
        return not work.future.done()

    def _deliver(self, work: Work, outcomes: Sequence[Outcome | Exception]) -> None:
        good: list[Outcome] = []
        for outcome in outcomes:
            if not isinstance(outcome, Outcome):
                work.fail(outcome)
                return
            good.append(outcome)
        work.add(good)
        if work.left:
            with self._lock:
                self._turns.again(work)

    def _count(self, question: Question, outcome: Outcome | Exception, seconds: float) -> None:
        if isinstance(outcome, CodingResult):
            self._observer.answered(outcome, seconds)
            if self.models.shadow is not None:
                self._to_compare.append((question, outcome))

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

    def _forget(self, work: Work) -> None:
        with self._lock:
            self._turns.forget(work)

    def _left_s(self) -> float:
        """Return how long the notes under way will still take, as far as one can tell."""
        under_way = self._under_way
        if under_way is None:
            return 0.0
        return max(0.0, under_way.expected_s - (time.monotonic() - under_way.since))


def _parts(works: Sequence[Work]) -> list[tuple[Work, Sequence[Question]]]:
    """Return the notes to do now: one of each work, and more of it where there is room."""
    if not works:
        return []
    n_each = max(1, works[0].model.batch_size // len(works))
    return [(work, work.left[:n_each]) for work in works]
