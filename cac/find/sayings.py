"""What the text says of the words of a match: one thing of all of them, or it is no match."""

from __future__ import annotations

from collections.abc import Iterator

from cac.find.match import Match
from cac.find.stream import Stream
from cac.note import AnnotatedNote, Assertion, Modifier, Span

_DECISIVE = frozenset([Assertion.NEGATED, Assertion.OTHER_SUBJECT])
_IN_ORDER = tuple(Assertion)
_ALL = frozenset(_IN_ORDER)
_NOTHING_SAID = (Assertion.PRESENT,), ()


class Sayings:
    """The assertions of the words of one sentence."""

    def __init__(self, annotated: AnnotatedNote, stream: Stream, sentence: Span) -> None:
        self._near = annotated.modifiers_near(sentence)
        self._stream = stream
        self._by_position: dict[int, list[Modifier]] = {}

    def is_one(self, match: Match) -> bool:
        """Tell whether the same is said of all words ("knee pain, rule out meniscal tear")."""
        if not self._near or len(match.positions) == 1:
            return True
        decisive = _DECISIVE if match.gap < 1 else _ALL
        said = {
            decisive.intersection(modifier.assertion for modifier in found)
            for found in self._modifiers_of(match)
        }
        return len(said) <= 1

    def of(self, match: Match) -> tuple[tuple[Assertion, ...], tuple[Span, ...]]:
        """Return the assertions of a match, and the cues that caused them."""
        if not self._near:
            return _NOTHING_SAID
        found = [m for modifiers in self._modifiers_of(match) for m in modifiers]
        if not found:
            return _NOTHING_SAID
        assertions = {modifier.assertion for modifier in found}
        cues = tuple(sorted({modifier.cue for modifier in found}))
        return tuple(a for a in _IN_ORDER if a in assertions) or (Assertion.PRESENT,), cues

    def _modifiers_of(self, match: Match) -> Iterator[list[Modifier]]:
        """Yield the modifiers of each word; a cue that is a word of the term says nothing."""
        for position in match.positions - match.absent:
            found = self._modifiers_at(position)
            yield [m for m in found if not self._is_own(m, match)] if found else found

    def _is_own(self, modifier: Modifier, match: Match) -> bool:
        """Tell whether a cue is a word of the term; "not on" is not that of "on aspirin"."""
        starts, ends = self._stream.starts, self._stream.ends
        cue = modifier.cue
        if modifier.assertion is Assertion.NEGATED and cue.start < starts[match.low]:
            return False
        if cue.end <= starts[match.low] or cue.start >= ends[match.high]:
            return False
        return any(starts[p] < cue.end and cue.start < ends[p] for p in match.positions)

    def _modifiers_at(self, position: int) -> list[Modifier]:
        found = self._by_position.get(position)
        if found is None:
            start, end = self._stream.starts[position], self._stream.ends[position]
            found = [m for m in self._near if m.scope.start <= start and end <= m.scope.end]
            self._by_position[position] = found
        return found
