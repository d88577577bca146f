"""Who is let in, and whose turn it is."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator

from serve.engine.errors import QueueFullError
from serve.engine.models import Model
from serve.engine.pace import Pace
from serve.engine.work import Work

_TURNS = 5  # of which the last is for work that nobody waits for
_CALM_S = 1.0
_MOST_WAIT = 0.35  # of the time that a note takes


class Turns:
    """Three lines: requests not begun, requests begun, and work that nobody waits for.

    The first two take turns, so that a long list does not hold up single notes; the third comes
    behind both, and still gets one turn in five. ``size`` requests may wait unbegun, so a few that
    come together are all let in. Once one was refused, and until none had to be for a second, more
    come than can be done: then one is let in only where its turn is near, since whoever waits
    longer would as well ask again.

    Not safe for several threads: the engine holds a lock.
    """

    def __init__(self, size: int, pace: Pace) -> None:
        self._size = size
        self._pace = pace
        self._new: deque[Work] = deque()
        self._begun: deque[Work] = deque()
        self._behind: deque[Work] = deque()
        self._number = 0
        self._refused_at = -math.inf

    @property
    def n_waiting(self) -> int:
        """Requests that somebody waits for."""
        return len(self._new) + len(self._begun)

    @property
    def n_behind(self) -> int:
        """Pieces of work that nobody waits for."""
        return len(self._behind)

    def admit(self, work: Work, *, under_way_s: float) -> None:
        """Put new work at the end of its line.

        Args:
            work: Not begun.
            under_way_s: What is expected to be left of the notes under way, in seconds.

        Raises:
            QueueFullError: as many wait as may.
        """
        if work.is_waited_for and not self._has_room(work, under_way_s):
            self._refused_at = time.monotonic()
            raise QueueFullError(
                f"{self.n_waiting} requests wait, as many as may.",
                retry_after_s=self.seconds_to_wait(),
            )
        self._line(work).append(work)

    def again(self, work: Work) -> None:
        """Put work that has notes left behind the others."""
        self._line(work).append(work)

    def next(self, model: Model | None = None) -> Work | None:
        """Take the next work, of one model where that is named."""
        self._number += 1
        for line in self._in_turn():
            if line and model in (None, line[0].model):
                return line.popleft()
        return None

    def forget(self, work: Work) -> None:
        """Free the place of work that was cancelled while it waited."""
        for line in (self._new, self._begun, self._behind):
            # Asked first: where there is none, deque.remove would write all of the work's words
            # into its error, which takes longer than all else that is done for a request.
            if work in line:
                line.remove(work)

    def drain(self) -> Iterator[Work]:
        """Take all that is left."""
        for line in (self._new, self._begun, self._behind):
            while line:
                yield line.popleft()

    def seconds_to_wait(self) -> int:
        """Return the whole seconds after which what waits now will be done."""
        n_notes = sum(len(work.left) for work in (*self._new, *self._begun)) + 1
        return max(1, math.ceil(n_notes * self._pace.seconds_a_note))

    def _has_room(self, work: Work, under_way_s: float) -> bool:
        counted = self._new if len(work.questions) == 1 else (*self._new, *self._begun)
        if len(counted) >= self._size:
            return False
        if time.monotonic() - self._refused_at > _CALM_S:
            return True
        a_note = self._pace.seconds_a_note
        return under_way_s + len(self._new) * a_note <= _MOST_WAIT * a_note

    def _line(self, work: Work) -> deque[Work]:
        if not work.is_waited_for:
            return self._behind
        return self._begun if work.is_begun else self._new

    def _in_turn(self) -> tuple[deque[Work], ...]:
        first, second = self._new, self._begun
        if self._number % 2:
            first, second = second, first
        if self._number % _TURNS == 0:
            return self._behind, first, second
        return first, second, self._behind
