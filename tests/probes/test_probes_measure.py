"""How the probes are counted, on answers made up in memory."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from cac.coding import Code, CodeSystem, CodingResult, Suggestion
from cac.note import Note, Setting


@pytest.fixture(scope="module")
def measure() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "probes.py"
    spec = importlib.util.spec_from_file_location("benchmarks_probes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _answer(note: Note, *values: str) -> CodingResult:
    suggestions = tuple(
        Suggestion(Code(CodeSystem.ICD10CM, value), "", 0.9, rank, ())
        for rank, value in enumerate(values, start=1)
    )
    return CodingResult(note.note_id, suggestions, "", {}, "us")


def _probe(measure: ModuleType, holdout: bool = False):
    return measure.Probe(
        "a",
        "I00-I99",
        "with",
        "HTN",
        Setting.OUTPATIENT,
        ("I10", "N18.4"),
        ("I11", "I12"),
        "",
        holdout,
    )


def test_a_wanted_code_counts_only_among_the_first_six(measure: ModuleType) -> None:
    probe = _probe(measure)
    answer = _answer(
        probe.note, "I10", "A01", "A02", "A03", "A04", "A05", "N18.4", "I11.0", "I11.9"
    )
    outcome = measure.judge(probe, answer)
    assert outcome.missed == ("N18.4",)
    assert outcome.suggested_unwanted == ("I11",)


def test_rows_pool_over_probes_and_stay_in_their_interval(measure: ModuleType) -> None:
    probes = [_probe(measure), _probe(measure, holdout=True)]
    rows = {
        row["what"]: row for row in measure.run(lambda note: _answer(note, "I10", "I12.9"), probes)
    }
    row = rows["probes, all: wanted codes in the first 6"]
    assert (row["figure"], row["low"], row["high"], row["n"]) == (0.5, 0.5, 0.5, 4)
    assert rows["probes, holdout: unwanted codes suggested"]["figure"] == 0.5


def test_held_out_probes_are_never_listed(measure: ModuleType) -> None:
    outcomes = [
        measure.judge(probe, _answer(probe.note))
        for probe in (_probe(measure), _probe(measure, holdout=True))
    ]
    assert len(measure.misses(outcomes)) == 1


def test_the_shipped_probes_load(measure: ModuleType) -> None:
    assert len(measure.load_probes()) >= 220
