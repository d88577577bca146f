"""How long notes take, learnt from those that were answered."""

from __future__ import annotations

from collections.abc import Sequence

from serve.engine.question import Question

_FIRST_GUESS_S = 0.1
_FIRST_GUESS_CHARACTERS = 10_000
_SMOOTHING = 0.1


class Pace:
    """Running means of the seconds that a note takes, and of its length; read by any thread."""

    def __init__(self) -> None:
        self.seconds_a_note = _FIRST_GUESS_S
        self._characters_a_note = float(_FIRST_GUESS_CHARACTERS)

    def expected(self, questions: Sequence[Question]) -> float:
        """Return the seconds that the notes will take: as their length is to the usual one."""
        n_characters = sum(len(q.note.text) for q in questions)
        return self.seconds_a_note * n_characters / self._characters_a_note

    def learn(self, questions: Sequence[Question], seconds: float) -> None:
        """Take in how long notes took that were answered together."""
        n_notes = len(questions)
        n_characters = sum(len(q.note.text) for q in questions)
        self.seconds_a_note += _SMOOTHING * (seconds / n_notes - self.seconds_a_note)
        longer = n_characters / n_notes - self._characters_a_note
        self._characters_a_note = max(1.0, self._characters_a_note + _SMOOTHING * longer)
