"""One note with what is wanted of it, and its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from cac.coding import Band, CodeSystem, CodingResult, Suggestion
from cac.note import Note


class Suggests(Protocol):
    """What `cac.suggester.Suggester.load` returns, whichever the bundle."""

    @property
    def model_version(self) -> str:
        """What answers."""

    def suggest(
        self, note: Note, *, top_k: int | None = None, min_probability: float | None = None
    ) -> CodingResult:
        """Return ranked suggestions."""


@dataclass(frozen=True, slots=True)
class Question:
    """A note, and which of its codes are wanted; None: all that the model suggests."""

    note: Note
    systems: frozenset[CodeSystem] | None = None
    bands: frozenset[Band] | None = None
    top_k: int | None = None
    min_probability: float | None = None

    def ask(self, suggester: Suggests) -> CodingResult:
        """Return the answer, ranked anew from 1 after what is not wanted has gone."""
        result = suggester.suggest(self.note, min_probability=self.min_probability)
        wanted = [s for s in result.suggestions if self._wants(s)][: self.top_k]
        ranked = (replace(s, rank=rank) for rank, s in enumerate(wanted, start=1))
        return replace(
            result,
            suggestions=tuple(ranked),
            rejected=tuple(s for s in result.rejected if self._has_system(s)),
        )

    def _wants(self, suggestion: Suggestion) -> bool:
        in_band = self.bands is None or suggestion.band in self.bands
        return in_band and self._has_system(suggestion)

    def _has_system(self, suggestion: Suggestion) -> bool:
        return self.systems is None or suggestion.code.system in self.systems


def warm_up_questions() -> Iterator[Question]:
    """Yield a note in each language; a model is warm once it has answered the first it takes."""
    for language, text in _WARM_UP.items():
        yield Question(Note("warm-up", text, language=language))


_WARM_UP = {
    "en": "ASSESSMENT:\n1. Acute on chronic systolic heart failure.\n2. Type 2 diabetes with CKD "
    "stage 3b.\nNo chest pain. Mother had breast cancer.",
    "es": "DIAGNÓSTICO:\n1. Insuficiencia cardiaca aguda.\n2. Diabetes mellitus tipo 2.\n"
    "Niega dolor torácico.",
}
