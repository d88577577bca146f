"""How a mention stands in its note: as the heading of a problem, treated, or only listed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from cac.coding import Mention
from cac.lower_case import compile_lowered
from cac.note import AnnotatedNote, Span
from cac.rank.rule_data import load_rules

_WINDOW = 300  # characters on each side: a note without line breaks must stay linear
_BULLET = re.compile(r"\s*(?:[#*•▪–-]+\s*|\(?\d{1,2}[.):]\s*|[A-Za-z][.)]\s+)*")
_INLINE_ITEM = re.compile(r"(?:\b\d{1,2}[.)]|#\s?\d{0,2}[.):]?|;)\s*(?:[\w'-]+\s+){0,2}$")
_HEADING_END = re.compile(r"\s*(?:[:.,;(–-]|$|\w+\s*[:.–-]|\w+\s+\w+\s*[:.–-])")
_CLAUSE_END = re.compile(r"[.:;](?=\s|$)")
_BEFORE, _AFTER = "preoperative_diagnosis", "postoperative_diagnosis"
_SAME = re.compile(r"[\W_]*(?:the )?(?:same|as above|unchanged|see above)\b", re.IGNORECASE)
_HEADING_WORDS = 12
_LEADING_WORDS = 3
_CLAUSE = 60  # characters after a mention that may still say what became of it


@dataclass(frozen=True, slots=True)
class Context:
    """Flags of one mention; ``window`` is the text near it, lower-cased, for cue search."""

    section: str
    heading: bool
    treated: bool
    listed: bool
    past_list: bool
    first: bool
    sentence: Span
    window: str


@cache
def _rule(name: str) -> re.Pattern[str]:
    return compile_lowered("|".join(load_rules("context")[name]))


@cache
def _sections(name: str) -> frozenset[str]:
    return frozenset(load_rules("context")[name])


def context_of(annotated: AnnotatedNote, mention: Mention) -> Context:
    """Read the sentence and the line in which the mention stands."""
    text, start = annotated.lower, mention.spans[0].start
    line, sentence = _line_of(annotated, start), _sentence_at(annotated, mention.extent)
    words = text[sentence.start : sentence.end]
    section = _confirmed(annotated, mention.section)
    assessed = section in _sections("assessed_sections")
    heading = assessed and _is_heading(text, line, mention)
    listed = section in _sections("listing_sections")
    return Context(
        section=section,
        heading=heading,
        treated=_says("treatment", words),
        listed=listed or (not heading and _says("listing", words)),
        past_list=not heading and _says("past_list", words),
        first=bool(_rule("principal").search(text, line.start, mention.extent.end)),
        sentence=sentence,
        window=words,
    )


def _confirmed(annotated: AnnotatedNote, section: str) -> str:
    """Return the section; a diagnosis before surgery is that after it, where this is the same."""
    if section != _BEFORE:
        return section
    after = [s for s in annotated.sections if s.category == _AFTER]
    text = annotated.note.text
    same = any(_SAME.match(text, s.body.start, s.body.end) for s in after)
    return _AFTER if same else section


@lru_cache(maxsize=256)  # a sentence is asked about once for each mention in it
def _says(rule: str, words: str) -> bool:
    return bool(_rule(rule).search(words))


def is_assessed(section: str) -> bool:
    """Tell whether the section holds what the provider assessed in this encounter."""
    return section in _sections("assessed_sections")


def is_finding(section: str) -> bool:
    """Tell whether the section holds findings and results, not a provider's diagnoses."""
    return section in _sections("finding_sections")


def is_listing(cue: str) -> bool:
    """Tell whether a cue of the past opens a list of conditions, chronic ones among them."""
    return bool(_rule("listing_cue").search(cue.lower()))


def is_evaluated(cue: str) -> bool:
    """Tell whether a cue of doubt names what was merely looked for ("EGD to evaluate for ulcer").

    That is no uncertain diagnosis such as are coded for an inpatient (guideline II.H).
    """
    return bool(_rule("evaluated_cue").search(cue))


def is_resolved(cue: str, section: str) -> bool:
    """Tell whether a cue of the past says that a condition of this encounter has resolved."""
    return section not in _sections("listing_sections") and bool(
        _rule("resolved_cue").search(cue.lower())
    )


def is_outgrown(lower: str, extent: Span) -> bool:
    """Tell whether the clause that follows a mention says that the disease was outgrown.

    ``lower`` is the text in lower case.
    """
    clause = lower[extent.start : extent.end + _CLAUSE]
    end = _rule("outgrown_end").search(clause, len(extent))
    return bool(_rule("outgrown").search(clause, 0, end.start() if end else len(clause)))


def _line_at(text: str, position: int) -> tuple[int, int]:
    start = text.rfind("\n", max(0, position - _WINDOW), position) + 1
    end = text.find("\n", position, position + _WINDOW)
    start = start or max(0, position - _WINDOW)
    return start, end if end >= 0 else min(len(text), position + _WINDOW)


def _line_of(annotated: AnnotatedNote, position: int) -> Span:
    """Return the line, from where its section's body begins."""
    start, end = _line_at(annotated.note.text, position)
    section = annotated.section_from(position)
    return Span(max(start, section.body.start) if section else start, end)


def _sentence_at(annotated: AnnotatedNote, extent: Span) -> Span:
    sentence = annotated.sentence_at(extent) or extent
    start = max(sentence.start, extent.start - _WINDOW)
    return Span(start, max(extent.end, min(sentence.end, extent.end + _WINDOW)))


def _is_heading(text: str, line: Span, mention: Mention) -> bool:
    """Tell whether the mention names a problem, as ``2. Gout.`` or ``# Gout - stable`` do."""
    start = mention.spans[0].start
    body = _body_start(text, line)
    before = text[body:start]
    content = text[body : line.end]
    if _rule("plan").match(content):
        return False
    clause = _CLAUSE_END.split(content, maxsplit=1)[0]
    in_clause = len(before) < len(clause) and len(clause.split()) <= _HEADING_WORDS
    if in_clause and not _rule("prose").search(clause):
        return True
    if _INLINE_ITEM.search(text[line.start : start]):
        return True
    leads = len(before.split()) <= _LEADING_WORDS and not _rule("prose").search(before)
    return leads and bool(_HEADING_END.match(text, mention.extent.end, line.end))


def _body_start(text: str, line: Span) -> int:
    match = _BULLET.match(text, line.start, line.end)
    return match.end() if match else line.start
