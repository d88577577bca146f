"""A suggester that needs no model: it finds fixed words and codes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from cac.coding import Code, CodeSystem, CodingResult, Concern, Evidence, Suggestion
from cac.errors import CodeSetError
from cac.explanation import Explanation, Reason
from cac.note import Assertion, Note, Section, Span

WORDS = {
    "asthma": ("J45.909", "Unspecified asthma, uncomplicated", Assertion.PRESENT),
    "chest pain": ("R07.9", "Chest pain, unspecified", Assertion.POSSIBLE),
    "fever": ("R50.9", "Fever, unspecified", Assertion.NEGATED),
}


class FakeSuggester:
    """Finds ``WORDS``; counts its calls, and fails on the words that ask for it."""

    def __init__(self, model_version: str = "fake-1", release: str = "2027") -> None:
        self.model_version = model_version
        self.release = release
        self.note_ids: list[str] = []

    def suggest(
        self, note: Note, *, top_k: int | None = None, min_probability: float | None = None
    ) -> CodingResult:
        self.note_ids.append(note.note_id)
        if "explode" in note.text:
            raise KeyError(note.text)
        if "outdated" in note.text:
            raise CodeSetError("No release holds on 1999-01-01. Known: 2025 to 2027.")
        found = [self._suggestion(note, word) for word in WORDS if word in note.text]
        cut = min_probability or 0.0
        kept = [s for s in found if not s.rejected_because and s.probability >= cut][:top_k]
        return CodingResult(
            note_id=note.note_id,
            suggestions=tuple(ranked(kept)),
            model_version=self.model_version,
            code_set_versions={"ICD-10-CM": self.release},
            convention="us-billing",
            rejected=tuple(s for s in found if s.rejected_because),
        )

    def _suggestion(self, note: Note, word: str) -> Suggestion:
        code, title, assertion = WORDS[word]
        spans = [Span(*m.span()) for m in re.finditer(word, note.text)]
        return Suggestion(
            code=Code(CodeSystem.ICD10CM, code),
            description=title,
            probability=0.75 if assertion is Assertion.PRESENT else 0.4,
            rank=0,
            evidence=tuple(
                Evidence(s, note.text[s.start : s.end], "assessment", assertion) for s in spans
            ),
            concerns=(Concern("unspecified", "The note leaves the type open."),),
            rejected_because="negated" if assertion is Assertion.NEGATED else "",
        )

    def explain(self, note: Note, code: Code) -> Explanation:
        result = self.suggest(note)
        for found in result.suggestions:
            if found.code == code:
                spans = tuple(e.span for e in found.evidence)
                reason = Reason("mention", f"Words match the title {found.description!r}", spans)
                return Explanation(code, True, found.rank, found.probability, (reason,))
        reason = Reason("no-mention", "No words of the note match a term of this code.")
        return Explanation(code, False, None, None, (reason,))


def ranked(suggestions: Iterable[Suggestion]) -> Iterable[Suggestion]:
    from dataclasses import replace

    return [replace(s, rank=rank) for rank, s in enumerate(suggestions, 1)]


def outline(note: Note) -> tuple[Section, ...]:
    """Return one section whose header is the first line."""
    end = note.text.find("\n") if "\n" in note.text else 0
    return (Section("assessment", Span(0, end), Span(end, len(note.text))),)


@pytest.fixture
def suggester(monkeypatch: pytest.MonkeyPatch) -> FakeSuggester:
    """Put the fake in the place of the suggester that the commands load."""
    fake = FakeSuggester()
    for command in ("suggest", "explain", "demo"):
        monkeypatch.setattr(f"cac.cli.{command}.load_suggester", lambda *_, **__: fake)
    for command in ("suggest", "demo"):
        monkeypatch.setattr(f"cac.cli.{command}.outline", outline)
    return fake
