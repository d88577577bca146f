"""Names of people and places that sound like findings: "Dr. Graves", "Stroke Center".

No assertion says that words are a name. They get HYPOTHETICAL, since they say of nobody that
he has the disease, with a rule that begins with ``NAME:``; nothing is coded from them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import partial

from cac.note import Assertion, Modifier, Span

_GAP = r"(?:[ \t]+|[ \t]*\r?\n[ \t]*)"
_WORD = r"[A-ZÀ-Þ][\w'’-]*"
_SURNAME = r"[A-ZÀ-Þ][a-zß-ÿ'’]+(?:[A-Z][a-z]+)?(?:-[A-Z][a-z]+)?"
_DISEASES = r"(?:disease|syndrome|palsy|lymphoma|sarcoma|tumou?r|thyroiditis|ophthalmopathy|crisis)"
# The characters before and after a cue that its name may take.
_REACH = 120
# The words of a place: "Stroke & Cancer", "Multiple Sclerosis"; at most seven.
_RUN = rf"{_WORD}(?:{_GAP}(?:(?:&|and|of|for|/){_GAP})?{_WORD}){{0,6}}?"


class NameFinder:
    """Finds names with the titles, degrees and kinds of place of one language."""

    def __init__(self, rules: dict[str, list[str]]) -> None:
        surnames = f"(?:{'|'.join(rules['eponyms'])})"
        patterns = (
            ("title", "titles", partial(_titled, surnames)),
            ("degree", "degrees", _with_degree),
            ("place", "places", _placed),
            ("place", "small_places", _small_placed),
        )
        alternatives = {words: f"(?:{'|'.join(rules[words])})" for _, words, _ in patterns}
        self._patterns = [
            (f"NAME:{name}", re.compile(pattern(cues)), re.compile(rf"{cues}(?!\w)"))
            for name, words, pattern in patterns
            if rules[words] and (cues := alternatives[words])
        ]

    def find(self, text: str, sentences: Sequence[Span]) -> Iterator[Modifier]:
        """Yield a modifier for each name, no further than its sentence goes."""
        starts = [sentence.start for sentence in sentences]
        for rule, pattern, cues in self._patterns:
            for match in _near(text, pattern, cues):
                cue = Span(*match.span("cue"))
                index = bisect_right(starts, cue.start) - 1
                if index < 0 or not sentences[index].contains(cue):
                    continue
                start = max(match.start("name"), sentences[index].start)
                end = min(match.end("name"), sentences[index].end)
                if start < end:
                    yield Modifier(Assertion.HYPOTHETICAL, cue, Span(start, end), rule)


def _near(text: str, pattern: re.Pattern[str], cues: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Yield the matches around cues: trying the whole pattern everywhere takes thrice as long."""
    done = 0
    for cue in cues.finditer(text):
        first = max(done, cue.start() - _REACH)
        match = pattern.search(text, first, cue.end() + _REACH) if cue.start() >= done else None
        if match:
            done = match.end()
            yield match


def _titled(surnames: str, titles: str) -> str:
    """Return the pattern of "Dr. Graves", "Drs. A. Addison and Bell" and "DR. BELL".

    A second word is a name only if it is one of ``surnames``: "Dr. Ann Graves", but not
    "Dr. Smith Pneumonia" where a stop is missing.
    """
    another = rf"(?:[ \t]+(?:and|&)[ \t]+{_SURNAME})?"
    second = rf"(?:[ \t]+(?:[A-Z]\.[ \t]+)?{surnames}(?![\w'’]|{_GAP}{_DISEASES}\b))?"
    name = rf"(?:[A-Z]\.[ \t]*){{0,2}}{_SURNAME}{second}{another}"
    capitals = r"(?<=[A-Z]\.)[ \t]+[A-Z]{2,}(?![\w'’])"
    return rf"\b(?P<cue>{titles}\.?)(?P<name>{_GAP}?{name}|{capitals})"


def _with_degree(degrees: str) -> str:
    """Return the pattern of "John Hodgkin, MD" and "John Hodgkin MD", but not "Gout, MD told"."""
    first = rf"(?:{_SURNAME}|[A-Z]\.?)[ \t]+"
    name = rf"(?:{first}){{1,3}}{_SURNAME},?|{_SURNAME},"
    return rf"\b(?P<name>{name})[ \t]+(?P<cue>{degrees})(?![ \t]*\w)"


def _placed(places: str) -> str:
    """Return the pattern of "Stroke & Cancer Center"."""
    return rf"\b(?P<name>{_RUN}){_GAP}(?P<cue>{places})\b"


def _small_placed(places: str) -> str:
    """Return the pattern of "Crohn's clinic", where one capital says that it is a name."""
    return rf"\b(?P<name>{_WORD})[ \t]+(?P<cue>{places})\b"
