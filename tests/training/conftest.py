"""A prepared tiny corpus, and answers to it that need no model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cac.coding import CodedNote, CodeSystem, CodingResult, Evidence, Suggestion
from cac.note import Assertion, Note
from training.config import RunConfig, parse_config
from training.prepare import prepare
from training.prepared import Prepared
from training.report.answers import Answers
from training.report.figures import Paired, pairings

ROOT = Path(__file__).parents[2]
TINY = ROOT / "configs" / "tiny.yaml"


def silent(_: str) -> None:
    pass


@pytest.fixture(scope="session")
def raw() -> dict[str, Any]:
    """The tiny run's YAML, with the corpus by its whole path."""
    data: dict[str, Any] = yaml.safe_load(TINY.read_text("utf-8"))
    data["corpus"]["name"] = str(ROOT / data["corpus"]["name"])
    return data


@pytest.fixture(scope="session")
def config(raw: dict[str, Any]) -> RunConfig:
    return parse_config(raw, "tiny")


@pytest.fixture(scope="session")
def prepared(config: RunConfig, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepare(config, tmp_path_factory.mktemp("prepared"), report=silent)


class GoldSuggester:
    """Answers with the gold codes of known notes, the last left out, and a wrong one first."""

    def __init__(self, notes: list[CodedNote]) -> None:
        self.thresholds = {CodeSystem.ICD10CM: 0.5}
        self._notes = {coded.note.note_id: coded for coded in notes}
        self._wrong = notes[0].codes[0]

    def suggest(
        self, note: Note, *, top_k: int | None = None, min_probability: float | None = None
    ) -> CodingResult:
        coded = self._notes[note.note_id]
        found = [self._suggestion(note, coded, e.code, e.spans) for e in coded.evidence[:-1]]
        found = [s for s in found if s is not None]
        if self._wrong not in coded.codes:
            found.append(Suggestion(self._wrong, "", 0.6, 0, ()))
        floor = 0.5 if min_probability is None else min_probability
        kept = [s for s in found if s.probability >= floor][:top_k]
        ranked = tuple(replace(s, rank=n) for n, s in enumerate(kept, 1))
        return CodingResult(note.note_id, ranked, "gold-1", {}, "tiny", calibrated=True)

    def _suggestion(self, note: Note, coded: CodedNote, code: Any, spans: Any) -> Any:
        said = [s for s in spans if note.text[s.start : s.end].strip()]
        if not said:
            return None
        evidence = tuple(
            Evidence(s, note.text[s.start : s.end], "assessment", Assertion.PRESENT) for s in said
        )
        return Suggestion(code, "", 0.9, 0, evidence)


@pytest.fixture(scope="session")
def gold(prepared: Prepared) -> list[CodedNote]:
    return prepared.notes("test")


@pytest.fixture
def suggester(gold: list[CodedNote]) -> GoldSuggester:
    return GoldSuggester(gold)


@pytest.fixture
def paired(gold: list[CodedNote], suggester: GoldSuggester) -> Paired:
    results = tuple(suggester.suggest(c.note) for c in gold)
    chosen = {r.note_id: frozenset(s.code for s in r.suggestions) for r in results}
    return pairings(gold, Answers(results, chosen), (CodeSystem.ICD10CM,))[0]
