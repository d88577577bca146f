"""Figures, tables and curves of answers whose faults are known; and no word of a note in them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cac.coding import Code, CodedNote, CodeSystem, CodingResult, Evidence, Suggestion
from cac.metrics import Figure
from cac.note import Assertion, Note, Span
from training.report.answers import Answers, ask, read_back, write_answers
from training.report.curves import by_frequency, precision_recall, reliability
from training.report.drift import drift
from training.report.faithfulness import faithfulness_figures, heaviest_words, masked
from training.report.figures import Paired, key_of, pairings
from training.report.noise import label_noise
from training.report.page import drift_page, table
from training.report.plots import as_data_uri, draw
from training.report.tables import (
    error_table,
    evidence_share,
    note_type_table,
    section_table,
    sex_table,
)

Notes = list[CodedNote]
UNLIKELY, NEVER = Code(CodeSystem.ICD10CM, "Z99.8"), Code(CodeSystem.ICD10CM, "Z99.9")


def silent(_: str) -> None:
    pass


def test_answers_are_kept_without_the_words_of_the_notes(
    gold: Notes, suggester: Any, tmp_path: Path
) -> None:
    path = tmp_path / "answers.jsonl"
    notes = [c.note for c in gold]
    write_answers(path, ask(suggester, notes, min_probability=0.0, report=silent))
    answers = read_back(path)
    assert [r.note_id for r in answers.results] == [n.note_id for n in notes]
    assert answers.suggested[notes[0].note_id] == {
        s.code for s in answers.results[0].suggestions if s.probability >= 0.5
    }
    words = {w for c in gold for e in c.evidence for s in e.spans for w in [_cut(c, s)]}
    assert not [w for w in words if w in path.read_text()]


def _cut(coded: CodedNote, span: Span) -> str:
    return coded.note.text[span.start : span.end]


def test_a_suggester_without_thresholds_is_asked_for_its_own_cut(
    gold: Notes, suggester: Any
) -> None:
    class Unstated:
        def suggest(self, note: Note, **options: Any) -> Any:
            return suggester.suggest(note, **options)

    notes = [c.note for c in gold]
    one = list(ask(suggester, notes, min_probability=0.0, report=silent))
    two = list(ask(Unstated(), notes, min_probability=0.0, report=silent))
    assert [shown for _, shown in one] == [shown for _, shown in two]


def test_only_what_is_suggested_is_explained_where_probabilities_are_given(
    gold: Notes, suggester: Any
) -> None:
    explained = []

    class Costly:
        thresholds = suggester.thresholds

        def suggest(self, note: Note, **options: Any) -> Any:
            found = suggester.suggest(note, **options)
            explained.extend(s.probability for s in found.suggestions)
            return found

        def probabilities(self, note: Note) -> dict[Code, float]:
            every = suggester.suggest(note, min_probability=0.0).suggestions
            return {s.code: s.probability for s in every} | {UNLIKELY: 0.2, NEVER: 0.01}

    notes = [c.note for c in gold]
    plain = list(ask(suggester, notes, min_probability=0.1, report=silent))
    found = list(ask(Costly(), notes, min_probability=0.1, report=silent))
    assert [shown for _, shown in plain] == [shown for _, shown in found]
    assert min(explained) >= 0.5
    for (before, _), (after, _) in zip(plain, found, strict=True):
        *same, unlikely = after.suggestions
        assert {s.code: s.evidence for s in same} == {
            s.code: s.evidence for s in before.suggestions
        }
        assert (unlikely.code, unlikely.evidence) == (UNLIKELY, ())
        chances = [s.probability for s in after.suggestions]
        assert chances == sorted(chances, reverse=True)
        assert [s.rank for s in after.suggestions] == [*range(1, len(chances) + 1)]


def test_errors_are_named_by_ids_and_offsets(gold: Notes, paired: Paired) -> None:
    errors = list(error_table(paired))
    missed = [e for e in errors if e.kind == "false_negative"]
    assert len(missed) == len(gold)
    first = gold[0]
    assert missed[0].spans == first.evidence[-1].spans
    assert (missed[0].rank, missed[0].note_id) == (0, first.note.note_id)
    wrong = [e for e in errors if e.kind == "false_positive"]
    assert {e.code for e in wrong} == {first.codes[0].value}
    assert evidence_share(paired) < 1


def test_sections_and_types_count_what_stands_in_them(gold: Notes, paired: Paired) -> None:
    rows = {row.section: row for row in section_table(paired)}
    n_missed, n_spans = len(gold), sum(len(c.codes) for c in gold)
    assert rows["assessment"].precision == 1
    assert rows["assessment"].n_gold_spans == n_spans
    assert rows["assessment"].recall == pytest.approx(1 - n_missed / n_spans)
    assert rows["none"].precision == 0
    types = note_type_table(paired)
    assert sum(row.n_notes for row in types) == len(gold)
    assert {row.group for row in types} == {"office visit", "emergency note"}


def test_figures_by_sex_are_those_of_the_notes_that_state_it(gold: Notes) -> None:
    said = ("A 40-year-old woman. ", "Mr. Doe. ", "Leslie. ")
    notes = [
        replace(c, note=replace(c.note, text=f"{said[min(n, 2)]}{c.note.text}"))
        for n, c in enumerate(gold)
    ]
    chosen = {c.note.note_id: frozenset(c.codes[:1]) for c in notes}
    results = [
        CodingResult(c.note.note_id, (Suggestion(c.codes[0], "", 1.0, 1, ()),), "m", {}, "c")
        for c in notes
    ]
    answers = Answers(tuple(results), chosen)
    rows = {r.group: r for r in sex_table(pairings(notes, answers, (CodeSystem.ICD10CM,))[0])}
    assert {name: row.n_notes for name, row in rows.items()} == {
        "female": 1,
        "male": 1,
        "not stated": len(gold) - 2,
    }
    assert rows["female"].recall == pytest.approx(1 / len(set(notes[0].codes)))
    assert rows["male"].recall == pytest.approx(1 / len(set(notes[1].codes)))


def test_curves_end_where_the_answers_do(gold: Notes, paired: Paired) -> None:
    curve = precision_recall(paired)
    recalls = [float(row[0]) for row in curve.rows]
    assert recalls == sorted(recalls)
    n_gold = sum(len(c.codes) for c in gold)
    assert recalls[-1] == pytest.approx(1 - len(gold) / n_gold, abs=1e-4)
    assert {row[0] for row in reliability(paired).rows} == {0.6, 0.9}
    assert curve.csv().startswith("recall,precision\n")


def test_empty_buckets_are_left_out_and_drawn_without_a_date() -> None:
    figures = [
        Figure("micro F1 by training frequency", "1-10", 0.5),
        Figure("micro F1 by training frequency", ">500", float("nan")),
    ]
    curve = by_frequency(figures)
    assert curve.rows == (("1-10", 0.5),)
    assert as_data_uri(draw(curve)) == as_data_uri(draw(curve))


@pytest.mark.parametrize(
    ("group", "name", "key"),
    [
        ("codes", "micro_f1", "codes/micro_f1"),
        ("evidence (MDACE)", "span_exact_f1", "evidence_mdace/span_exact_f1"),
        ("micro F1 by training frequency", ">500", "micro_f1_by_training_frequency/over_500"),
    ],
)
def test_keys_are_plain(group: str, name: str, key: str) -> None:
    assert key_of(Figure(group, name, 1.0)) == key


def test_masking_keeps_every_offset() -> None:
    text = "Has asthma, no fever."
    span = Span(4, 10)
    assert masked(text, [span], keep=False) == "Has       , no fever."
    kept = masked(text, [span], keep=True)
    assert kept[4:10] == "asthma"
    assert kept.replace("asthma", "").strip(" ,.") == ""
    assert len(kept) == len(text)


def suggestion(*weighted: tuple[Span, float]) -> Suggestion:
    code = Code(CodeSystem.ICD10CM, "J45.909")
    found = (Evidence(s, "", "other", Assertion.PRESENT, w) for s, w in weighted)
    return Suggestion(code, "", 0.9, 1, tuple(found))


def test_the_heaviest_words_come_first_and_once() -> None:
    words = heaviest_words(
        "mild asthma and cough",
        suggestion((Span(0, 11), 0.2), (Span(5, 11), 0.9), (Span(16, 21), 0.5)),
    )
    assert words == [Span(5, 11), Span(16, 21), Span(0, 4)]


class Wordy:
    """Gives a code as long as its word stands in the note."""

    def suggest(self, note: Note, **_: Any) -> Any:
        from cac.coding import CodingResult

        found = (suggestion((Span(4, 10), 1.0)),) if "asthma" in note.text else ()
        return CodingResult(note.note_id, found, "", {}, "")


def test_evidence_that_is_all_the_model_sees_is_wholly_faithful(paired: Paired) -> None:
    coded = CodedNote(Note("a", "Has asthma, no fever."), (suggestion().code,))
    result = Wordy().suggest(coded.note)
    from training.report.answers import Answers
    from training.report.figures import pairings

    answers = Answers((result,), {"a": frozenset({suggestion().code})})
    [one] = pairings([coded], answers, (CodeSystem.ICD10CM,))
    found = faithfulness_figures(Wordy(), one, n_codes=5, seed=0, report=silent)
    assert [f.value for f in found] == [1.0, 0.0, 1.0]
    assert faithfulness_figures(Wordy(), one, n_codes=0, seed=0, report=silent) == []


def test_labels_are_sorted_by_what_supports_them(gold: Notes) -> None:
    asthma, copd, gout = (Code(CodeSystem.ICD10CM, v) for v in ("J45.909", "J44.1", "M10.9"))
    note = replace(gold[0], codes=(asthma, copd, gout), evidence=())
    other = Code(CodeSystem.ICD10CM, "J44.9")
    found = label_noise([note], lambda _: frozenset({asthma, other}))
    assert found.figures() == pytest.approx(
        {"annotated": 0, "mentioned": 1 / 3, "category": 1 / 3, "none": 1 / 3}
    )
    assert [(row.code, row.note_ids) for row in found.codes] == [("M10.9", (note.note.note_id,))]
    assert label_noise(gold, lambda _: frozenset()).annotated == 1


def test_a_corpus_does_not_drift_from_itself(gold: Notes) -> None:
    found = drift(gold, gold)
    assert set(found.figures.values()) == {0.0}
    assert {row.change for row in found.shifts} == {0.0}


def test_drift_sees_other_codes_words_and_lengths(gold: Notes) -> None:
    new = Code(CodeSystem.ICD10CM, "Z99.9")
    notes = [
        CodedNote(Note(f"z{n}", "Zwischenbericht folgt", note_type="letter"), (new,))
        for n in range(5)
    ]
    found = drift(gold, notes)
    assert found.figures["codes"] == pytest.approx(1)
    assert found.figures["unseen_codes"] == found.figures["unseen_words"] == 1
    assert found.figures["note_length"] == 1
    assert ("ICD-10-CM Z99.9", 1.0) in {(row.name, row.change) for row in found.shifts}
    page = drift_page(found)
    assert "zwischenbericht" not in page.lower()


def test_a_table_escapes_what_it_shows() -> None:
    shown = table("<t>", ("a",), [("<script>",), (float("nan"),), (2,)])
    assert "<script>" not in shown
    assert "n/a" in shown


def test_drift_by_the_command(
    prepared: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from training.drift import main

    paths: Sequence[str] = [str(prepared.path(role)) for role in ("train", "test")]
    assert main([*paths, "--output", str(tmp_path)]) == 0
    figures = json.loads((tmp_path / "drift.json").read_text())["figures"]
    assert 0 < figures["codes"] < 0.5
    assert np.isfinite(list(figures.values())).all()
    assert "Drift between" in (tmp_path / "drift.html").read_text()
