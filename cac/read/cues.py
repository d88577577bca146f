"""Cues of assertions in a note: medspaCy's ConText rules, found in one pass.

medspaCy's own engine compares every cue with every other. Here each token is looked up once:
where a literal begins with it, a tree of the literals is followed down the tokens behind it;
where a pattern is anchored to it, the pattern is tried there.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from medspacy.context.context_rule import ConTextRule

from cac.lower_case import compile_lowered, tells_case
from cac.read.tokens import Tokens, tokenize

_BEFORE_ANCHOR = 50
_AFTER_ANCHOR = 30


class Cue(NamedTuple):
    """A rule met at tokens ``first`` to ``last``, the latter not included."""

    first: int
    last: int
    rule: ConTextRule


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A regular expression, tried only around the places where a cheap anchor stands."""

    rule: ConTextRule
    pattern: re.Pattern[str]
    at_anchor: bool

    @classmethod
    def of(cls, rule: ConTextRule, pattern: str) -> _Pattern:
        compiled = _compiled(pattern)
        return cls(rule, compiled, rule.metadata.get("at_anchor", False))

    def find(self, text: str, tokens: Tokens, anchors: list[tuple[int, int]]) -> list[Cue]:
        text = text if self.pattern.flags & re.IGNORECASE else tokens.lower
        cues: list[Cue] = []
        done = 0
        for start, end in anchors:
            if start < done:
                continue
            if self.at_anchor:
                match = self.pattern.match(text, start, end + _AFTER_ANCHOR)
            else:
                first = max(done, start - _BEFORE_ANCHOR)
                match = self.pattern.search(text, first, end + _AFTER_ANCHOR)
            # What begins behind the anchor is found from an anchor of its own: here the end of
            # the window might pass for the end of the text.
            if match is not None and match.start() <= start and match.end() > match.start():
                done = match.end()
                cues += self._cue(match, tokens)
        return cues

    def _cue(self, match: re.Match[str], tokens: Tokens) -> list[Cue]:
        first = bisect_left(tokens.starts, match.start())
        last = bisect_left(tokens.starts, match.end())
        starts_token = first < len(tokens) and tokens.starts[first] == match.start()
        return [Cue(first, last, self.rule)] if starts_token else []


def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile for the text in lower case; with IGNORECASE, for the text itself, what tells case."""
    return re.compile(pattern, re.IGNORECASE) if tells_case(pattern) else compile_lowered(pattern)


@dataclass(slots=True)
class _Begun:
    """What may begin at a word: longer literals by their next word, rules, anchored patterns."""

    longer: dict[str, _Begun] = field(default_factory=dict)
    rules: list[ConTextRule] = field(default_factory=list)
    patterns: list[int] = field(default_factory=list)


class CueFinder:
    """Finds where the rules of one language are met."""

    def __init__(self, rules: Iterable[ConTextRule]) -> None:
        self._begun: dict[str, _Begun] = {}
        self._patterns: list[_Pattern] = []
        self._by_regex: defaultdict[re.Pattern[str], list[int]] = defaultdict(list)
        for rule in rules:
            if rule.pattern is None:
                self._add_literal(rule)
            else:
                self._add_pattern(rule, rule.pattern)

    def _add_literal(self, rule: ConTextRule) -> None:
        begun = self._begun
        for word in tokenize(rule.literal).words:
            node = begun.setdefault(word, _Begun())
            begun = node.longer
        node.rules.append(rule)

    def _add_pattern(self, rule: ConTextRule, pattern: str) -> None:
        number = len(self._patterns)
        self._patterns.append(_Pattern.of(rule, pattern))
        anchor = rule.metadata["anchor"]
        if isinstance(anchor, str):
            self._by_regex[_compiled(anchor)].append(number)
            return
        for word in dict.fromkeys(anchor):
            self._begun.setdefault(word, _Begun()).patterns.append(number)

    def find(self, text: str, tokens: Tokens) -> list[Cue]:
        """Return the cues in order, without those that lie inside a longer one."""
        begun, words = self._begun, tokens.words
        cues: list[Cue] = []
        places: list[list[tuple[int, int]]] = [[] for _ in self._patterns]
        for index, word in enumerate(words):
            if word in begun:
                node = begun[word]
                for number in node.patterns:
                    places[number].append((tokens.starts[index], tokens.ends[index]))
                cues += _literals(words, index, node)
        for regex, numbers in self._by_regex.items():
            met = [
                match.span()
                for match in regex.finditer(text if regex.flags & re.IGNORECASE else tokens.lower)
            ]
            for number in numbers:
                places[number] = met
        for pattern, anchors in zip(self._patterns, places, strict=True):
            if anchors:
                cues += pattern.find(text, tokens, anchors)
        return _without_contained(cues)


def _literals(words: Sequence[str], first: int, node: _Begun | None) -> list[Cue]:
    """Return the literals that stand at a token, of whatever length."""
    found: list[Cue] = []
    last = first
    while node is not None:
        last += 1
        found += [Cue(first, last, rule) for rule in node.rules]
        node = node.longer.get(words[last]) if last < len(words) and node.longer else None
    return found


def _without_contained(cues: list[Cue]) -> list[Cue]:
    """Drop each cue strictly inside another, and what overlaps a PSEUDO cue.

    The same span may hold several cues. A terminating cue hides nothing: "he denies" ends the
    scopes before it and yet denies.
    """
    cues.sort(key=lambda cue: (cue.first, -cue.last))
    kept: list[Cue] = []
    reach = pseudo_reach = 0
    widest_first = -1
    for cue in cues:
        if cue.last <= reach and (cue.first, cue.last) != (widest_first, reach):
            continue
        if cue.rule.direction == "PSEUDO":
            while kept and kept[-1].last > cue.first and kept[-1].rule.direction != "TERMINATE":
                kept.pop()
            pseudo_reach = cue.last
        elif cue.rule.direction == "FORWARD":
            # "is negative for X": what looks ahead overrules the "is negative" that looks back.
            while kept and kept[-1].last > cue.first and kept[-1].rule.direction == "BACKWARD":
                kept.pop()
        if cue.rule.direction != "TERMINATE" and cue.last > reach:
            reach, widest_first = cue.last, cue.first
        if cue.rule.direction in ("PSEUDO", "TERMINATE") or cue.first >= pseudo_reach:
            kept.append(cue)
    return kept
