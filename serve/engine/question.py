"""One note with what is wanted of it, and its answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from cac.coding import Band, CodeSystem, CodingResult, Suggestion
from cac.errors import CacError
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


@runtime_checkable
class SuggestsMany(Suggests, Protocol):
    """What answers several notes in less time together than one by one, as on a GPU."""

    @property
    def batch_size(self) -> int:
        """How many it likes together; 1: it does not."""

    def suggest_many(
        self, notes: Sequence[Note], *, min_probability: float | None = None
    ) -> Sequence[CodingResult | CacError]:
        """Return for each note what `suggest` gives, or raises."""


@dataclass(frozen=True, slots=True)
class Question:
    """A note, and which of its codes are wanted; None: all that the model suggests."""

    note: Note
    systems: frozenset[CodeSystem] | None = None
    bands: frozenset[Band] | None = None
    top_k: int | None = None
    min_probability: float | None = None

    def ask(self, suggester: Suggests) -> CodingResult:
        """Return what is wanted of the answer, ranked from 1."""
        return self.of(suggester.suggest(self.note, min_probability=self.min_probability))

    def of(self, result: CodingResult) -> CodingResult:
        """Return what is wanted of the note's whole answer."""
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


def ask_all(
    questions: Sequence[Question], suggester: Suggests
) -> list[CodingResult | CacError | Exception]:
    """Ask several together where that is quicker; return for each its answer, or its error.

    Where they fail together, each is asked by itself: a fault at one note is not another's.
    """
    if len(questions) > 1 and isinstance(suggester, SuggestsMany):
        with suppress(Exception):
            return _together(questions, suggester)
    return [_alone(question, suggester) for question in questions]


def _together(
    questions: Sequence[Question], suggester: SuggestsMany
) -> list[CodingResult | CacError | Exception]:
    found: dict[int, CodingResult | CacError | Exception] = {}
    for least in dict.fromkeys(q.min_probability for q in questions):
        places = [i for i, q in enumerate(questions) if q.min_probability == least]
        notes = [questions[i].note for i in places]
        outcomes = suggester.suggest_many(notes, min_probability=least)
        for i, outcome in zip(places, outcomes, strict=True):
            found[i] = questions[i].of(outcome) if isinstance(outcome, CodingResult) else outcome
    return [found[i] for i in range(len(questions))]


def _alone(question: Question, suggester: Suggests) -> CodingResult | CacError | Exception:
    try:
        return question.ask(suggester)
    except Exception as error:
        return error


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
