"""What the text says of the words of a match: one thing of all of them, or it is no match."""

from __future__ import annotations

from collections.abc import Iterator

from cac.find.match import Match
from cac.find.stream import Stream
from cac.note import AnnotatedNote, Assertion, Modifier, Span

_DECISIVE = frozenset([Assertion.NEGATED, Assertion.OTHER_SUBJECT])
_ALL = frozenset(Assertion)


class Sayings:
    """The assertions of the words of one sentence."""

    def __init__(self, annotated: AnnotatedNote, stream: Stream) -> None:
        self._modifiers = [annotated.modifiers_of(span) for span in stream.offsets]
        self._offsets = stream.offsets
        self._any = any(self._modifiers)

    def is_one(self, match: Match) -> bool:
        """Tell whether the same is said of all words ("knee pain, rule out meniscal tear")."""
        if not self._any:
            return True
        decisive = _DECISIVE if match.gap < 1 else _ALL
        said = {
            decisive.intersection(modifier.assertion for modifier in found)
            for found in self._modifiers_of(match)
        }
        return len(said) <= 1

    def of(self, match: Match) -> tuple[tuple[Assertion, ...], tuple[Span, ...]]:
        """Return the assertions of a match, and the cues that caused them."""
        found: set[Modifier] = set()
        for modifiers in self._modifiers_of(match):
            found.update(modifiers)
        assertions = {modifier.assertion for modifier in found}
        cues = tuple(sorted({modifier.cue for modifier in found}))
        return tuple(a for a in Assertion if a in assertions) or (Assertion.PRESENT,), cues

    def _modifiers_of(self, match: Match) -> Iterator[list[Modifier]]:
        """Yield the modifiers of each word; a cue that is a word of the term says nothing."""
        own = [self._offsets[position] for position in match.positions]
        for position in match.positions - match.absent:
            yield [
                modifier
                for modifier in self._modifiers[position]
                if not any(modifier.cue.overlaps(span) for span in own)
            ]
