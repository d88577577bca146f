"""Whether a suggestion rests on the evidence shown: the note is asked again with words masked.

Comprehensiveness masks the heaviest words of the evidence, sufficiency all others (DeYoung et al.
2020, as in Edin et al. 2024). Every model is asked through its door, so any two compare.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cac.coding import Suggestion
from cac.metrics import Figure, comprehensiveness, sufficiency
from cac.note import Note, Span
from training.command import Report
from training.report.answers import CodeSuggester, Probabilities
from training.report.figures import Paired
from training.report.tables import suggested_by_note

STEPS = (1, 5, 10, 20, 50)
"""How many words are masked, or kept, at each step."""
GROUP = "evidence faithfulness"
_WORD = re.compile(r"\w+")
_REPORT_EVERY = 10


@dataclass(frozen=True, slots=True)
class _Explained:
    note: Note
    suggestion: Suggestion


def faithfulness_figures(
    suggester: CodeSuggester, paired: Paired, *, n_codes: int, seed: int, report: Report
) -> list[Figure]:
    """Return both figures over a sample of suggested codes with evidence; none without any.

    A code costs two questions a step.
    """
    sample = _sample(paired, n_codes, seed)
    if not sample:
        return []
    whole, without, only = [], [], []
    for number, explained in enumerate(sample, start=1):
        words = heaviest_words(explained.note.text, explained.suggestion)
        whole.append(explained.suggestion.probability)
        without.append([_asked(suggester, explained, words[:k], keep=False) for k in STEPS])
        only.append([_asked(suggester, explained, words[:k], keep=True) for k in STEPS])
        if number % _REPORT_EVERY == 0:
            report(f"{number} of {len(sample)} codes asked again without their evidence")
    chances = np.array(whole)
    return [
        Figure(GROUP, "comprehensiveness", comprehensiveness(chances, np.array(without))),
        Figure(GROUP, "sufficiency", sufficiency(chances, np.array(only))),
        Figure(GROUP, "n_codes", float(len(sample))),
    ]


def heaviest_words(text: str, suggestion: Suggestion) -> list[Span]:
    """Return the words of the evidence, the heaviest first, each once."""
    weights: dict[Span, float] = {}
    for evidence in suggestion.evidence:
        for match in _WORD.finditer(text, evidence.span.start, evidence.span.end):
            span = Span(*match.span())
            weights[span] = max(weights.get(span, 0.0), evidence.weight)
    return sorted(weights, key=lambda span: (-weights[span], span))


def masked(text: str, words: Sequence[Span], *, keep: bool) -> str:
    """Blank the words, or all words but them; the length stays, so that offsets stay true."""
    letters = list(_WORD.sub(lambda m: " " * len(m.group()), text) if keep else text)
    for span in words:
        letters[span.start : span.end] = text[span.start : span.end] if keep else " " * len(span)
    return "".join(letters)


def _sample(paired: Paired, n_codes: int, seed: int) -> list[_Explained]:
    every = [
        _Explained(coded.note, suggestion)
        for coded, found in suggested_by_note(paired)
        for suggestion in found
        if suggestion.evidence and suggestion.probability > 0
    ]
    return random.Random(seed).sample(every, min(n_codes, len(every)))


def _asked(
    suggester: CodeSuggester, explained: _Explained, words: Sequence[Span], *, keep: bool
) -> float:
    """Return the code's probability on the masked note; 0 where it is not ranked any more."""
    note = replace(explained.note, text=masked(explained.note.text, words, keep=keep))
    code = explained.suggestion.code
    chances: Probabilities | None = getattr(suggester, "probabilities", None)
    if chances is not None:
        return chances(note).get(code, 0.0)
    found = suggester.suggest(note, min_probability=0.0).suggestions
    return next((s.probability for s in found if s.code == code), 0.0)
