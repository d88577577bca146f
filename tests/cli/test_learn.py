from collections.abc import Callable
from pathlib import Path

import pytest

from cac.cli import main
from cac.learn import corpora
from cac.learn.bundle import Manifest


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Replace the learning by a note of what was asked for."""
    seen: dict[str, object] = {}

    def learn_bundle(
        corpus: str,
        split: str,
        language: str,
        output: Path,
        *,
        evidence: Path | None,
        report: Callable[[str], None],
        method: str,
    ) -> Manifest:
        seen.update(corpus=corpus, split=split, language=language, output=output, evidence=evidence)
        seen.update(method=method)
        report("reading notes")
        measured = {"ICD-10-CM": {"micro_f1": 0.71, "n_gold": 9.0}}
        return Manifest("codiesp", language, corpus, split, "0", 3, "", "0", measured=measured)

    monkeypatch.setattr(corpora, "learn_bundle", learn_bundle)
    return seen


def test_it_says_what_was_learnt(
    asked: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["learn", "--corpus", "codiesp", "--language", "es", "--output", "b"]) == 0
    out, err = capsys.readouterr()
    assert out == (
        "b: learnt from 3 notes of codiesp\n"
        "ICD-10-CM: micro F1 0.710 by cross-validation, 9 gold codes\n"
    )
    assert err == "cac: reading notes\n"
    assert asked == {
        "corpus": "codiesp",
        "split": "train",
        "language": "es",
        "output": Path("b"),
        "evidence": None,
        "method": "platt",
    }


def test_another_calibration_may_be_asked_for(asked: dict[str, object]) -> None:
    options = ["--corpus", "codiesp", "--output", "b", "--calibration", "isotonic"]
    assert main(["learn", *options]) == 0
    assert asked["method"] == "isotonic"


def test_quiet_is_quiet(asked: dict[str, object], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "--corpus", "codiesp", "--output", "b", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--corpus", "codiesp", "--split", "test"], "Nothing may be learnt from codiesp 'test'"),
        (["--corpus", "codiesp", "--split", "dev"], "Nothing may be learnt from codiesp 'dev'"),
        (["--corpus", "negex", "--split", "dev"], "evaluation only"),
        (["--corpus", "nothing"], "Unknown corpus 'nothing'"),
        (["--corpus", "codiesp", "--evidence", "missing.jsonl"], "missing.jsonl does not exist"),
    ],
)
def test_what_may_not_be_learnt_is_refused(
    options: list[str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["learn", *options, "--output", str(tmp_path / "b")]) == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "b").exists()


def test_a_test_id_among_the_evidence_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
    from cac.corpus import write_coded_notes
    from cac.corpus.held_out import held_out_ids
    from cac.note import Note, Span

    code = Code(CodeSystem.ICD10CM, "R05")
    note = Note(min(held_out_ids()["codiesp"]), "Tos.", language="es")
    coded = CodedNote(note, (code,), (CodeEvidence(code, (Span(0, 3),)),))
    write_coded_notes(tmp_path / "notes.jsonl", [coded])
    options = ["--corpus", "codiesp", "--language", "es", "--evidence"]
    output = tmp_path / "bundle"
    assert main(["learn", *options, str(tmp_path / "notes.jsonl"), "--output", str(output)]) == 2
    assert "test split" in capsys.readouterr().err
    assert not output.exists()
