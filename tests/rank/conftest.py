"""Notes and mentions built in memory: sections in order, phrases by what they stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from cac.codes import Icd10cm, load_icd10cm
from cac.coding import Candidate, Code, CodeSystem, Mention
from cac.note import AnnotatedNote, Assertion, Modifier, Note, Section, Setting, Span
from cac.rank import Convention, Ranker, Ranking

P, N, Q, H, Y, O = Assertion  # noqa: E741


@dataclass
class Scene:
    """A note under construction: text by section, then mentions by their words."""

    ranker: Ranker
    text: str = ""
    sections: list[Section] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    modifiers: list[Modifier] = field(default_factory=list)

    def section(self, category: str, body: str) -> Scene:
        start = len(self.text)
        title = "" if category == "other" else f"{category.replace('_', ' ').upper()}:\n"
        self.text += f"{title}{body}\n\n"
        middle = start + len(title)
        self.sections.append(Section(category, Span(start, middle), Span(middle, len(self.text))))
        return self

    def mention(
        self,
        words: str,
        *codes: str,
        says: Assertion = Assertion.PRESENT,
        cue: str = "",
        section: str = "",
        weight: float = 1.0,
        missing: tuple[str, ...] = (),
        system: CodeSystem = CodeSystem.ICD10CM,
    ) -> Scene:
        """Add mentions of the words, in each section or the one named."""
        for match in re.finditer(re.escape(words), self.text):
            span = Span(*match.span())
            at = next(s for s in self.sections if s.body.contains(span))
            if section and at.category != section:
                continue
            cues = self._cue(span, cue, says)
            candidates = tuple(
                Candidate(Code(system, code), weight - 0.15 * place, words, "index", missing)
                for place, code in enumerate(codes)
            )
            self.mentions.append(Mention((span,), candidates, at.category, (says,), cues))
        return self

    def _cue(self, span: Span, cue: str, says: Assertion) -> tuple[Span, ...]:
        if not cue:
            return ()
        start = self.text.rfind(cue, 0, span.start)
        start = start if start >= 0 else self.text.index(cue)
        found = Span(start, start + len(cue))
        scope = Span(min(start, span.start), max(found.end, span.end))
        self.modifiers.append(Modifier(says, found, scope, "test"))
        return (found,)

    def annotated(self) -> AnnotatedNote:
        sentences = tuple(
            Span(*m.span()) for m in re.finditer(r"[^\n]+?(?:[.!?](?=\s)|(?=\n)|$)", self.text)
        )
        note = Note("n1", self.text)
        return AnnotatedNote(note, tuple(self.sections), sentences, (), tuple(self.modifiers))

    def rank(self, setting: Setting | None = Setting.OUTPATIENT, **options: object) -> Ranking:
        return self.ranker.rank(
            self.annotated(), self.mentions, setting, include_rejected=True, **options
        )

    def codes(self, setting: Setting | None = Setting.OUTPATIENT) -> list[str]:
        return [s.code.value for s in self.rank(setting).suggestions]


@pytest.fixture(scope="session")
def icd10cm() -> Icd10cm:
    return load_icd10cm()


@pytest.fixture
def scene(icd10cm: Icd10cm) -> Scene:
    return Scene(Ranker(icd10cm))


@pytest.fixture
def all_mentions(icd10cm: Icd10cm) -> Scene:
    return Scene(Ranker(icd10cm, Convention.load("all-mentions")))
