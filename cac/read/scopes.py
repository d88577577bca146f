"""The tokens that each cue holds over (ConText, Harkema et al. 2009), in linear time.

A scope never leaves its sentence. It ends at ";", at a terminating cue, at a comma behind
which a new clause begins ("No effusion, fever persists"), and after ``max_scope`` tokens. What
names a test and not the disease before a colon or dash ends at it ("Gout - cultures negative").
What is to be ruled out may have a cause that is no surer ("r/o PE secondary to DVT"); any
other scope ends where a cause is named.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from cac.note import Assertion, Modifier, Span
from cac.read.cues import Cue
from cac.read.sentences import TokenRange
from cac.read.tokens import Tokens

_DIRECTIONAL = frozenset({"FORWARD", "BACKWARD", "BIDIRECTIONAL"})
_EVERY = "ALL"
_COMMA = "COMMA"
_COLON = "COLON"
_CAUSE = "CAUSE"
_DASHES = frozenset({"-", "--", "–", "—"})
_MARKS = _DASHES | {",", ";", ":"}
# Tokens from the end of a sentence to the next, its stop included, less than:
_NEAR = 3


class ScopeResolver:
    """Turns cues into modifiers with their scopes."""

    def __init__(self, rules: dict[str, Any]) -> None:
        self._verbs = frozenset(rules["clause_verbs"])
        self._alternatives = frozenset(rules["alternatives"])
        self._contrasts = frozenset(rules["contrasts"])
        self._relatives = frozenset(rules["relatives"])
        self._telling = frozenset(rules["telling"])
        self._taking_up = frozenset(rules["taking_up"])

    def resolve(
        self, tokens: Tokens, sentences: list[TokenRange], cues: Iterable[Cue]
    ) -> tuple[Modifier, ...]:
        """Return the modifiers in order of their cues."""
        modifiers: list[Modifier] = []
        warned = -_NEAR
        for sentence, inside in _by_sentence(sentences, cues):
            if all(cue.rule.direction not in _DIRECTIONAL for cue in inside):
                continue
            stops = self._stops(tokens, sentence, inside)
            for cue in inside:
                if cue.rule.direction not in _DIRECTIONAL:
                    continue
                found = _modifiers(tokens, sentence, cue, stops)
                modifiers += found
                if found and cue.rule.category == Assertion.HYPOTHETICAL:
                    warned = sentence.last
                elif sentence.first - warned < _NEAR and self._takes_up(tokens, sentence, cue):
                    modifiers += map(_warning, found)
        return tuple(modifiers)

    def _takes_up(self, tokens: Tokens, sentence: TokenRange, cue: Cue) -> bool:
        """Tell whether a doubt speaks of what was just said: "these could mean"."""
        if cue.rule.category != Assertion.POSSIBLE or cue.rule.direction != "FORWARD":
            return False
        first = cue.first
        while first > sentence.first and tokens.words[first - 1] in self._taking_up:
            first -= 1
        opens = first == sentence.first or tokens.words[first - 1] in (";", ",", ":", "-", "–")
        return first < cue.first and opens

    def _stops(self, tokens: Tokens, sentence: TokenRange, cues: list[Cue]) -> _Stops:
        stops = _Stops()
        # What follows a cue at once belongs to it: "no presentando fiebre".
        ends = {cue.last for cue in cues if cue.rule.direction == "FORWARD"}
        for cue in cues:
            if cue.rule.direction == "TERMINATE" and cue.first not in ends:
                for category in cue.rule.category.split("|"):
                    stops.add(category, cue.first, cue.last)
            elif cue.rule.direction in _DIRECTIONAL:
                stops.add(f"{cue.rule.category} CUE", cue.first, cue.last)
        inside = {i for cue in cues for i in range(cue.first, cue.last)}
        marks = [
            index
            for index in range(sentence.first, sentence.last)
            if tokens.words[index] in _MARKS and index not in inside
        ]
        self._add_punctuation(tokens.words, sentence, stops, marks)
        _add_colons(tokens, sentence, stops, cues, marks)
        return stops.sorted()

    def _add_punctuation(
        self, words: list[str], sentence: TokenRange, stops: _Stops, marks: list[int]
    ) -> None:
        """Add ";" and the commas: before and after a clause, and those of no "or" list."""
        marks = [mark for mark in marks if words[mark] in ",;"]
        clause_after, listed = False, False
        end = sentence.last
        for mark in reversed(marks):
            clause_after, alternative = self._kind(words, mark + 1, end)
            listed = not clause_after and (alternative or listed)
            end = mark
            if words[mark] == ";":
                stops.add(_EVERY, mark, mark + 1)
                listed = False
                continue
            if clause_after:
                stops.forward[_EVERY].append(mark)
            if not listed:
                stops.add(_COMMA, mark, mark + 1)
        self._add_backward(words, sentence, marks, stops)

    def _add_backward(
        self, words: list[str], sentence: TokenRange, marks: list[int], stops: _Stops
    ) -> None:
        start = sentence.first
        for mark in marks:
            if self._kind(words, start, mark)[0]:
                stops.backward[_EVERY].append(mark + 1)
            start = mark + 1

    def _kind(self, words: list[str], first: int, last: int) -> tuple[bool, bool]:
        """Tell whether the words are a clause of their own, and whether "or" stands in them."""
        for index in range(first, last):
            word = words[index]
            if word in self._alternatives:
                return False, True
            if word in self._relatives or (index > first and word in self._contrasts):
                return False, False
            if word in self._verbs:
                # "risks of A, B and C were explained": the last of a list, and no clause.
                told = index + 1 < last and words[index + 1] in self._telling
                return not told, told
        return False, False


class _Stops:
    """Where scopes of each category end: going forward, and going backward."""

    def __init__(self) -> None:
        self.forward: defaultdict[str, list[int]] = defaultdict(list)
        self.backward: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, category: str, first: int, last: int) -> None:
        self.forward[category].append(first)
        self.backward[category].append(last)

    def sorted(self) -> _Stops:
        for positions in (*self.forward.values(), *self.backward.values()):
            positions.sort()
        return self

    def after(self, categories: Iterable[str], position: int, limit: int) -> int:
        for category in categories:
            positions = self.forward.get(category, [])
            index = bisect_left(positions, position)
            if index < len(positions):
                limit = min(limit, positions[index])
        return limit

    def before(self, categories: Iterable[str], position: int, limit: int) -> int:
        for category in categories:
            positions = self.backward.get(category, [])
            index = bisect_right(positions, position) - 1
            if index >= 0:
                limit = max(limit, positions[index])
        return limit


def _by_sentence(
    sentences: list[TokenRange], cues: Iterable[Cue]
) -> Iterator[tuple[TokenRange, list[Cue]]]:
    starts = [sentence.first for sentence in sentences]
    grouped: defaultdict[int, list[Cue]] = defaultdict(list)
    for cue in cues:
        index = bisect_right(starts, cue.last - 1) - 1
        if index < 0 or cue.last > sentences[index].last:
            continue
        # A cue may begin in the title: "PAST MEDICAL HISTORY: Significant for gout".
        first = sentences[index].first
        if first <= cue.first:
            grouped[index].append(cue)
        elif index == 0 or sentences[index - 1].last <= cue.first:
            grouped[index].append(Cue(first, cue.last, cue.rule))
    for index in sorted(grouped):
        yield sentences[index], grouped[index]


def _modifiers(tokens: Tokens, sentence: TokenRange, cue: Cue, stops: _Stops) -> list[Modifier]:
    rule = cue.rule
    enders = [_EVERY, rule.category, *sorted(rule.terminated_by)]
    if not rule.metadata.get("over_causes"):
        enders.append(_CAUSE)
    found: list[Modifier] = []
    if rule.direction != "BACKWARD":
        last = stops.after(enders, cue.last, sentence.last)
        if rule.max_scope is not None:
            last = min(last, cue.last + rule.max_scope)
        found += _modifier(tokens, cue, cue.last, last)
    if rule.direction != "FORWARD":
        first = stops.before(enders, cue.first, sentence.first)
        if rule.max_scope is not None:
            first = max(first, cue.first - rule.max_scope)
        found += _modifier(tokens, cue, first, cue.first)
    return found


def _add_colons(
    tokens: Tokens, sentence: TokenRange, stops: _Stops, cues: list[Cue], marks: list[int]
) -> None:
    """Add ":" and " - ", but where a cue follows at once: "Gout: was ruled out"."""
    firsts = {cue.first for cue in cues if cue.rule.direction == "BACKWARD"}
    for mark in marks:
        word = tokens.words[mark]
        if not sentence.first < mark < sentence.last - 1 or mark + 1 in firsts:
            continue
        if word == ":" or (word in _DASHES and _stands_alone(tokens, mark)):
            stops.add(_COLON, mark, mark + 1)


def _stands_alone(tokens: Tokens, index: int) -> bool:
    before = tokens.starts[index] - tokens.ends[index - 1]
    return before > 0 and tokens.starts[index + 1] > tokens.ends[index]


def _warning(doubt: Modifier) -> Modifier:
    """Return what a doubt is in advice: "call if he faints; this may be a stroke"."""
    rule = f"ADVICE:{doubt.rule.partition(':')[2]}"
    return Modifier(Assertion.HYPOTHETICAL, doubt.cue, doubt.scope, rule)


def _modifier(tokens: Tokens, cue: Cue, first: int, last: int) -> list[Modifier]:
    if first >= last:
        return []
    return [
        Modifier(
            assertion=Assertion(cue.rule.category),
            cue=Span(tokens.starts[cue.first], tokens.ends[cue.last - 1]),
            scope=Span(tokens.starts[first], tokens.ends[last - 1]),
            rule=f"{cue.rule.direction}:{cue.rule.literal}",
        )
    ]
