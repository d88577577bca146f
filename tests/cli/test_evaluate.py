"""``cac evaluate``: figures as a table and as JSON, and files that do not pair."""

import json

import pytest

from cac.cli import main
from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.corpus import write_coded_notes
from cac.corpus.held_out import held_out_ids
from cac.note import Note, Span

E119, I10, BW40 = (
    Code(CodeSystem.ICD10CM, "E11.9"),
    Code(CodeSystem.ICD10CM, "I10"),
    Code(CodeSystem.ICD10PCS, "BW40ZZZ"),
)
TEXT = "Diabetes, HTN; abdominal ultrasound."


def gold_note(note_id, codes):
    words = {E119: "Diabetes", I10: "HTN", BW40: "abdominal ultrasound"}
    return CodedNote(
        Note(note_id, TEXT),
        tuple(codes),
        tuple(
            CodeEvidence(c, (Span(TEXT.index(words[c]), TEXT.index(words[c]) + len(words[c])),))
            for c in codes
        ),
    )


def answer(note_id, suggestions):
    return {
        "note_id": note_id,
        "suggestions": [
            {
                "system": code.system.value,
                "code": code.value,
                "probability": probability,
                "rank": rank,
                "evidence": [
                    {"start": s, "end": e, "text": TEXT[s:e], "assertion": "PRESENT"}
                    for s, e in spans
                ],
            }
            for rank, (code, probability, spans) in enumerate(suggestions, start=1)
        ],
    }


@pytest.fixture
def files(tmp_path):
    """Return a function that writes both files and gives their paths."""

    def write(gold, answers):
        write_coded_notes(tmp_path / "gold.jsonl", gold)
        lines = "".join(json.dumps(a) + "\n" for a in answers)
        (tmp_path / "pred.jsonl").write_text(lines, encoding="utf-8")
        return [str(tmp_path / "gold.jsonl"), str(tmp_path / "pred.jsonl")]

    return write


@pytest.fixture
def pair(files):
    gold = [gold_note("a", [E119, I10]), gold_note("b", [E119, BW40])]
    answers = [
        answer("a", [(E119, 0.9, [(0, 8)]), (BW40, 0.2, [])]),
        answer("b", [(I10, 0.6, [(10, 13)]), (E119, 0.5, [(0, 8)])]),
    ]
    return files(gold, answers)


def figures(report, system):
    found = report["systems"][system]["figures"]
    return {(f["group"], f["name"]): f["value"] for f in found}


def run_json(capsys, *arguments):
    assert main(["evaluate", *arguments, "--format", "json", "--samples", "50"]) == 0
    return json.loads(capsys.readouterr().out)


def test_figures_by_hand(pair, capsys):
    report = run_json(capsys, *pair)
    assert set(report["systems"]) == {"ICD-10-CM", "ICD-10-PCS", "all systems"}
    every = figures(report, "all systems")
    assert every["codes", "micro_precision"] == every["codes", "micro_recall"] == 0.5
    assert every["ranking", "map"] == pytest.approx((1 / 2 + 1 / 4) / 2)
    assert every["ranking", "p_at_5"] == pytest.approx(0.2)
    assert every["evidence (MDACE)", "span_exact_f1"] == pytest.approx(2 * 2 / (3 + 4))
    assert every["evidence (CodiEsp X)", "code_and_span_recall"] == 0.5
    assert every["evidence tokens, predicted codes", "f1"] == 1
    procedures = figures(report, "ICD-10-PCS")
    assert procedures["codes", "micro_f1"] == 0


@pytest.mark.parametrize(("mention", "recall"), [(None, 0.0), (1, 1.0)])
def test_pieces_of_one_mention_are_one_reference(files, capsys, mention, recall):
    spans = (Span(0, 8), Span(21, 35))
    gold = CodedNote(Note("a", TEXT), (BW40,), (CodeEvidence(BW40, spans),))
    said = answer("a", [(BW40, 0.9, [(0, 8), (21, 35)])])
    for piece in said["suggestions"][0]["evidence"]:
        piece["mention"] = mention
    found = figures(run_json(capsys, *files([gold], [said])), "ICD-10-PCS")
    assert found["evidence (CodiEsp X)", "code_and_span_recall"] == recall
    assert found["evidence (MDACE)", "span_exact_f1"] == 1


def test_a_figure_that_is_not_defined_is_null(files, capsys):
    report = run_json(capsys, *files([gold_note("a", [E119])], [answer("a", [])]))
    found = figures(report, "ICD-10-CM")
    assert found["codes", "micro_precision"] is None
    assert found["codes", "micro_recall"] == 0
    assert found["probabilities", "ece"] is None


def test_threshold_system_and_codes(pair, capsys):
    options = ["--system", "icd10cm,icd10pcs", "--threshold", "0.55", "--per-code", "0"]
    report = run_json(capsys, *pair, *options)
    (name,) = report["systems"]
    found = figures(report, name)
    assert found["codes", "micro_precision"] == 0.5
    assert found["codes", "micro_recall"] == 0.25
    rows = report["systems"][name]["codes"]
    assert [(r["code"], r["n_gold"], r["n_predicted"], r["n_correct"]) for r in rows] == [
        ("E11.9", 2, 1, 1),
        ("I10", 1, 1, 0),
        ("BW40ZZZ", 1, 0, 0),
    ]


def test_training_notes_make_buckets_and_the_label_space(pair, tmp_path, capsys):
    training = [gold_note(f"t{n}", [E119]) for n in range(11)]
    write_coded_notes(tmp_path / "train.jsonl", training)
    report = run_json(capsys, *pair, "--training", str(tmp_path / "train.jsonl"))
    found = figures(report, "all systems")
    assert found["micro F1 by training frequency", "11-50"] == 1
    assert found["micro F1 by training frequency", "unseen"] == 0
    assert found["micro F1 by training frequency", ">500"] is None


def test_the_table_has_intervals_and_principal_diagnoses(pair, capsys):
    options = ["--sequenced", "--per-code", "2", "--best-threshold", "--samples", "50"]
    assert main(["evaluate", *pair, *options]) == 0
    out = capsys.readouterr().out
    assert "all systems: 2 notes, 3 codes" in out
    assert " to " in next(row for row in out.splitlines() if "micro_f1 " in row)
    assert "0.5000" in next(row for row in out.splitlines() if "principal_accuracy" in row)
    assert "best threshold 0.5" in out
    assert TEXT[:8] not in out


def test_the_best_threshold_is_refused_on_test_notes(files, capsys):
    test_id = sorted(held_out_ids()["codiesp"])[0]
    paths = files([gold_note(test_id, [E119])], [answer(test_id, [(E119, 0.5, [])])])
    assert main(["evaluate", *paths, "--best-threshold"]) == 2
    assert f"1 of codiesp ({test_id})" in capsys.readouterr().err
    assert main(["evaluate", *paths, "--samples", "10"]) == 0


def test_output_goes_to_a_file(pair, tmp_path, capsys):
    output = tmp_path / "report.txt"
    assert main(["evaluate", *pair, "--samples", "0", "--output", str(output)]) == 0
    assert capsys.readouterr().out == ""
    assert "micro_f1" in output.read_text(encoding="utf-8")
    assert main(["evaluate", *pair, "--samples", "0", "--output", str(tmp_path / "no/f")]) == 2


def test_two_systems_are_compared_by_approximate_randomization(files, tmp_path, capsys):
    notes = [f"n{number}" for number in range(12)]
    right, wrong = [(E119, 0.9, [])], [(I10, 0.9, [])]
    paths = files([gold_note(n, [E119]) for n in notes], [answer(n, right) for n in notes])
    other = tmp_path / "other.jsonl"
    other.write_text("".join(json.dumps(answer(n, wrong)) + "\n" for n in notes))
    options = ["--against", str(other), "--shuffles", "999"]
    report = run_json(capsys, *paths, *options)["systems"]["ICD-10-CM"]
    rows = {row["name"]: row for row in report["against"]}
    assert (rows["micro_f1"]["first"], rows["micro_f1"]["second"]) == (1, 0)
    assert rows["map"]["difference"] == 1
    # All twelve notes differ: of 4,096 ways to swap them, two differ as much.
    assert rows["micro_f1"]["p_value"] < 0.01
    alone = run_json(capsys, *paths)["systems"]["ICD-10-CM"]
    assert alone["figures"] == report["figures"]
    assert main(["evaluate", *paths, *options, "--samples", "0"]) == 0
    assert "against the other" in capsys.readouterr().out


def test_a_system_does_not_differ_from_itself(pair, capsys):
    report = run_json(capsys, *pair, "--against", pair[1], "--shuffles", "99")
    rows = report["systems"]["all systems"]["against"]
    assert {(row["difference"], row["p_value"]) for row in rows} == {(0, 1)}


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([answer("a", []), answer("c", [])], "1 answers belong to no gold note: c."),
        ([answer("a", [])], "1 gold notes have no answer: b."),
        ([answer("a", []), answer("a", [])], "line 2: note id 'a' stands twice"),
        ([answer("a", [(E119, 1.5, [])])], "line 1: not an answer of `cac suggest`"),
        ([{"note_id": "a"}], "the field 'suggestions' is missing"),
        (
            [answer("a", [(E119, 0.5, [(0, 99)])]), answer("b", [])],
            "Note 'a': evidence 0 to 99 is not what stands there",
        ),
    ],
)
def test_files_that_do_not_pair_are_named(files, capsys, answers, message):
    paths = files([gold_note("a", [E119]), gold_note("b", [I10])], answers)
    assert main(["evaluate", *paths]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert "ultrasound" not in err


def test_missing_answers_may_count_as_empty(files, capsys):
    paths = files([gold_note("a", [E119]), gold_note("b", [I10])], [answer("a", [(E119, 1, [])])])
    report = run_json(capsys, *paths, "--allow-missing")
    assert figures(report, "ICD-10-CM")["codes", "micro_recall"] == 0.5


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (["--format", "xml"], "Unknown format 'xml'. Allowed: table, json"),
        (["--threshold", "2"], "must lie between 0 and 1"),
        (["--samples", "-1"], "must be 0 or more"),
        (["--shuffles", "0"], "--shuffles must be 1 or more"),
        (["--system", "icd11"], "Unknown code system 'icd11'"),
    ],
)
def test_options_that_are_not_allowed(pair, capsys, option, message):
    assert main(["evaluate", *pair, *option]) == 2
    assert message in capsys.readouterr().err


def test_no_gold_notes(files, capsys):
    assert main(["evaluate", *files([], [])]) == 2
    assert "No gold notes found" in capsys.readouterr().err
