"""Cues of assertions in a note: medspaCy's ConText rules, found in one pass.

medspaCy's own engine compares every cue with every other. Here spaCy's PhraseMatcher finds
the literals in time linear in the note; tokens that stand in no rule reach spaCy as "_", so
its string store does not grow with the notes that pass through.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from medspacy.context.context_rule import ConTextRule
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from cac.read.tokens import Tokens, tokenize

_UNKNOWN = "_"
_BEFORE_ANCHOR = 50
_AFTER_ANCHOR = 30


@dataclass(frozen=True, slots=True)
class Cue:
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
    def of(cls, rule: ConTextRule) -> _Pattern:
        pattern = re.compile(rule.pattern, re.IGNORECASE)
        return cls(rule, pattern, rule.metadata.get("at_anchor", False))

    def find(self, text: str, tokens: Tokens, anchors: list[tuple[int, int]]) -> list[Cue]:
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


class _Anchors:
    """Where the patterns are tried: at words, found token by token, or at what a regex meets."""

    def __init__(self, rules: Iterable[ConTextRule]) -> None:
        self._patterns: list[_Pattern] = []
        self._by_word: defaultdict[str, list[int]] = defaultdict(list)
        self._by_regex: defaultdict[re.Pattern[str], list[int]] = defaultdict(list)
        for number, rule in enumerate(rules):
            self._patterns.append(_Pattern.of(rule))
            anchor = rule.metadata["anchor"]
            if isinstance(anchor, str):
                self._by_regex[re.compile(anchor, re.IGNORECASE)].append(number)
            else:
                for word in dict.fromkeys(anchor):
                    self._by_word[word].append(number)

    def find(self, text: str, tokens: Tokens) -> list[Cue]:
        """Return the cues of all patterns."""
        by_word = self._by_word
        places: list[list[tuple[int, int]]] = [[] for _ in self._patterns]
        for index, word in enumerate(tokens.words):
            if word in by_word:
                for number in by_word[word]:
                    places[number].append((tokens.starts[index], tokens.ends[index]))
        for regex, numbers in self._by_regex.items():
            met = [match.span() for match in regex.finditer(text)]
            for number in numbers:
                places[number] = met
        found = zip(self._patterns, places, strict=True)
        return [cue for pattern, met in found for cue in pattern.find(text, tokens, met)]


class CueFinder:
    """Finds where the rules of one language are met."""

    def __init__(self, rules: Iterable[ConTextRule]) -> None:
        self._vocab = Vocab()
        self._words: set[str] = set()
        rules = tuple(rules)
        self._anchors = _Anchors(rule for rule in rules if rule.pattern is not None)
        literals: defaultdict[tuple[str, ...], list[ConTextRule]] = defaultdict(list)
        for rule in rules:
            if rule.pattern is None:
                literals[tuple(tokenize(rule.literal).words)].append(rule)
        self._matcher = PhraseMatcher(self._vocab, attr="ORTH")
        self._rules_by_key: dict[int, list[ConTextRule]] = {}
        for words, found in literals.items():
            self._words.update(words)
            key = " ".join(words)
            self._matcher.add(key, [Doc(self._vocab, words=list(words))])
            self._rules_by_key[self._vocab.strings[key]] = found

    def find(self, text: str, tokens: Tokens) -> list[Cue]:
        """Return the cues in order, without those that lie inside a longer one."""
        if not len(tokens):
            return []
        known = self._words
        words = [word if word in known else _UNKNOWN for word in tokens.words]
        cues = [
            Cue(first, last, rule)
            for key, first, last in self._matcher(Doc(self._vocab, words=words))
            for rule in self._rules_by_key[key]
        ]
        return _without_contained(cues + self._anchors.find(text, tokens))


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
