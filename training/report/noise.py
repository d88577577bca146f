"""Label noise: gold codes for which the text gives no support.

Coders see the whole chart, a corpus often one note of it; what no note says, no model can learn,
and it should be known before a figure is blamed on the model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cac.coding import Code, CodedNote, CodeSystem
from cac.metrics.hierarchy import category
from cac.note import Note
from training.report.answers import CodeSuggester

Support = Callable[[Note], frozenset[Code]]
"""Gives the codes of which a note says something, suggested or not."""

N_LISTED = 30


@dataclass(frozen=True, slots=True)
class NoiseRow:
    """A code whose gold labels often lack support; ``note_ids`` are examples to look at."""

    system: str
    code: str
    n_gold: int
    n_unsupported: int
    note_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noise:
    """Shares of the gold labels by what supports them; they sum to 1.

    ``annotated`` have evidence in the corpus, ``mentioned`` are found in the text though not
    annotated, of ``category`` only another code of the category is found, ``none`` have nothing.
    """

    n_labels: int
    annotated: float
    mentioned: float
    category: float
    none: float
    codes: tuple[NoiseRow, ...]

    def figures(self) -> dict[str, float]:
        """Return the shares by name."""
        return {
            name: getattr(self, name) for name in ("annotated", "mentioned", "category", "none")
        }


def label_noise(gold: Sequence[CodedNote], support: Support) -> Noise:
    """Sort the gold labels by what supports them."""
    kinds: Counter[str] = Counter()
    n_gold: Counter[Code] = Counter()
    without: dict[Code, list[str]] = {}
    for coded in gold:
        annotated = {e.code for e in coded.evidence if e.spans}
        found = support(coded.note)
        categories = {(code.system, category(code)) for code in found}
        for code in set(coded.codes):
            kind = _kind(code, annotated, found, categories)
            kinds[kind] += 1
            n_gold[code] += 1
            if kind == "none":
                without.setdefault(code, []).append(coded.note.note_id)
    n_labels = kinds.total()
    shares = {
        kind: kinds[kind] / n_labels if n_labels else float("nan")
        for kind in ("annotated", "mentioned", "category", "none")
    }
    ordered = sorted(without, key=lambda code: (-len(without[code]), code))[:N_LISTED]
    rows = (
        NoiseRow(c.system.value, c.value, n_gold[c], len(without[c]), tuple(without[c][:3]))
        for c in ordered
    )
    return Noise(n_labels, **shares, codes=tuple(rows))


def _kind(
    code: Code,
    annotated: set[Code],
    found: frozenset[Code],
    categories: set[tuple[CodeSystem, str]],
) -> str:
    if code in annotated:
        return "annotated"
    if code in found:
        return "mentioned"
    return "category" if (code.system, category(code)) in categories else "none"


def support_of(suggester: CodeSuggester) -> Support:
    """Return the support that a suggester finds: whatever it ranks or rejects, with evidence."""

    def support(note: Note) -> frozenset[Code]:
        result = suggester.suggest(note, min_probability=0.0)
        every = (*result.suggestions, *result.rejected)
        return frozenset(s.code for s in every if s.evidence)

    return support
