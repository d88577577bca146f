"""What the text says of the words of a match: one thing of all of them, or it is no match."""

from __future__ import annotations

from cac.find.match import Match
from cac.find.stream import Stream
from cac.note import AnnotatedNote, Assertion, Modifier, Span


class Sayings:
    """The assertions of the words of one sentence."""

    def __init__(self, annotated: AnnotatedNote, stream: Stream) -> None:
        self._modifiers = [annotated.modifiers_of(span) for span in stream.offsets]
        self._any = any(self._modifiers)

    def is_one(self, match: Match) -> bool:
        """Tell whether all words are negated or none is ("no chest pain; arm numb")."""
        if not self._any:
            return True
        positions = match.positions - match.absent
        negated = [self._is(p, Assertion.NEGATED) for p in positions]
        other = [self._is(p, Assertion.OTHER_SUBJECT) for p in positions]
        return all(negated) == any(negated) and all(other) == any(other)

    def of(self, match: Match) -> tuple[tuple[Assertion, ...], tuple[Span, ...]]:
        """Return the assertions of a match, and the cues that caused them."""
        found: set[Modifier] = set()
        for position in match.positions - match.absent:
            found.update(self._modifiers[position])
        assertions = {modifier.assertion for modifier in found}
        cues = tuple(sorted({modifier.cue for modifier in found}))
        return tuple(a for a in Assertion if a in assertions) or (Assertion.PRESENT,), cues

    def _is(self, position: int, assertion: Assertion) -> bool:
        return any(m.assertion is assertion for m in self._modifiers[position])
