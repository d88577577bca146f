"""The tiny run through every stage, as a person types it; and the patient's name is never said."""

import json
import sqlite3
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from cac.classified_suggester import ClassifiedSuggester
from cac.coding import CodedNote
from cac.corpus import read_coded_notes, write_coded_notes
from cac.errors import BundleError
from cac.note import Note
from cac.suggester import Suggester
from training import evaluate, package, prepare, register, train
from training.bundles import RunNote
from training.prepared import Prepared
from training.report.answers import read_back
from training.tracking import bundle_folder, production_standing

ROOT = Path(__file__).parents[2]
NAME = "Zebulon Quixworth"
OPENING = f"Mr {NAME}, who keeps bees behind the old mill, comes for a visit.\n"


def named(coded: CodedNote) -> CodedNote:
    """Put the patient's name at the end, where no offset changes."""
    note = coded.note
    text = f"{note.text}\n{OPENING}"
    again = Note(
        note.note_id, text, note.note_type, note.language, note.patient_id, note.encounter_id
    )
    return CodedNote(again, coded.codes, coded.evidence)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder with a corpus of named patients and its configuration; no server named."""
    folder = tmp_path_factory.mktemp("home")
    notes = map(named, read_coded_notes(ROOT / "training" / "tiny" / "notes.jsonl"))
    write_coded_notes(folder / "notes.jsonl", notes)
    card = (ROOT / "training" / "tiny" / "notes.md").read_text("utf-8")
    (folder / "notes.md").write_text(card)
    data = yaml.safe_load((ROOT / "configs" / "tiny.yaml").read_text("utf-8"))
    data["corpus"]["name"] = str(folder / "notes.jsonl")
    data["model"]["encoder"]["name"] = str(ROOT / data["model"]["encoder"]["name"])
    (folder / "tiny.yaml").write_text(yaml.safe_dump(data))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        yield folder


@pytest.fixture(scope="module")
def done(home: Path) -> Path:
    """Run every stage; return the run's folder."""
    config = str(home / "tiny.yaml")
    for stage in (prepare, train, evaluate, register):
        assert stage.main([config]) == 0, stage.__name__
    assert register.main([config, "--promote"]) == 0
    return home / "out" / "runs" / "tiny"


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def test_the_run_learns_and_shows_evidence(done: Path) -> None:
    metrics = read(done / "evaluation" / "metrics.json")
    assert metrics["codes"]["micro_f1"] > 0.9
    assert metrics["evidence"]["share_with_evidence"] == 1
    assert metrics["evidence_tokens_predicted_codes"]["f1"] > 0.5
    assert metrics["evidence_faithfulness"]["comprehensiveness"] > 0.5
    summary = read(done / "evaluation" / "evaluation.json")
    wanted = {"macro_f1_present", "macro_f1_caml", "p_at_8", "r_precision", "map", "ece", "brier"}
    assert wanted <= {figure["name"] for figure in summary["figures"]["all"]}


def test_no_report_no_record_and_no_bundle_holds_a_word_of_the_name(done: Path, home: Path) -> None:
    tracked = home / "out" / "mlflow"
    files = [
        path
        for folder in (
            done / "evaluation",
            done / "registered",
            done / "bundle",
            home / "out/mlflow",
        )
        for path in folder.rglob("*")
        if path.is_file()
    ]
    assert tracked / "mlflow.db" in files
    assert len(files) > 20
    for path in files:
        content = path.read_bytes().lower()
        assert b"zebulon" not in content, path
        assert b"quixworth" not in content, path
        assert b"behind the old mill" not in content, path


def test_mlflow_has_all_of_the_run(done: Path, home: Path) -> None:
    import mlflow

    note = RunNote.of(done / "bundle")
    assert note is not None
    assert note.finished
    run = mlflow.MlflowClient(f"sqlite:///{home}/out/mlflow/mlflow.db").get_run(note.run_id)
    assert run.data.params["model.fit.epochs"] == "4"
    assert run.data.metrics["test/codes/micro_f1"] > 0.9
    assert {"epoch/loss", "epoch/dev_map"} <= run.data.metrics.keys()
    assert run.data.tags["git_commit"]
    assert any(name.startswith("code_set.ICD-10-CM") for name in run.data.tags)
    digests = {i.dataset.name: i.dataset.digest for i in run.inputs.dataset_inputs}
    splits = Prepared.read(done / "data").splits
    assert len(digests) == 3
    assert {digest[:30] for digest in digests.values()} == {s.digest[:30] for s in splits.values()}
    kept = {p.name for p in (home / "out" / "mlflow" / "artifacts").rglob("*")}
    plots = {"precision_recall.png", "reliability.png", "f1_by_frequency.png", "learning_curve.png"}
    assert plots <= kept
    assert {"codes.csv", "errors.csv", "page.html", "environment.json", "MODEL_CARD.md"} <= kept


def test_probabilities_are_those_of_the_answers_and_only_suggestions_are_explained(
    done: Path,
) -> None:
    suggester = Suggester.load(done / "bundle")
    assert isinstance(suggester, ClassifiedSuggester)
    gold = Prepared.read(done / "data").notes("test")
    every = suggester.suggest(gold[0].note, min_probability=0.0).suggestions
    assert {s.code: s.probability for s in every} == suggester.probabilities(gold[0].note)
    answers = read_back(done / "evaluation" / "answers.jsonl")
    assert [r.note_id for r in answers.results] == [c.note.note_id for c in gold]
    for result in answers.results:
        explained = {s.code for s in result.suggestions if s.evidence}
        assert explained == answers.suggested[result.note_id]
        assert len(result.suggestions) == len(suggester.predictor.labels)


def test_errors_are_rows_of_ids_and_offsets(done: Path) -> None:
    head, *rows = (done / "evaluation" / "errors.csv").read_text().splitlines()
    assert head == "note_id,system,code,kind,rank,probability,spans"
    assert all(row.split(",")[0].startswith("visit-") for row in rows)


def test_the_registry_gives_the_bundle_back(done: Path) -> None:
    folder = bundle_folder("models:/cac-tiny@production")
    assert (folder / "manifest.json").read_bytes() == (done / "bundle/manifest.json").read_bytes()
    standing = production_standing("cac-tiny", "test")
    assert standing is not None
    assert standing[0]["codes/micro_f1"] > 0.9
    with pytest.raises(BundleError, match="has no bundle 'models:/nothing@production'"):
        bundle_folder("models:/nothing@production")


def test_the_suggester_loads_what_the_registry_names(done: Path) -> None:
    test = Prepared.read(done / "data").notes("test")
    one = Suggester.load("models:/cac-tiny@candidate").suggest(test[0].note)
    two = Suggester.load(done / "bundle").suggest(test[0].note)
    assert one == two
    assert one.suggestions


@pytest.mark.filterwarnings("ignore")
def test_the_pyfunc_model_answers_by_offsets(done: Path) -> None:
    import mlflow
    import pandas as pd

    coded = Prepared.read(done / "data").notes("test")[0]
    model = mlflow.pyfunc.load_model("models:/cac-tiny@production")
    asked = pd.DataFrame([{"note_id": coded.note.note_id, "text": coded.note.text}])
    answer = model.predict(asked)
    assert set(answer["code"]) == {c.value for c in coded.codes}
    evidence = answer["evidence"][0][0]
    assert coded.note.text[evidence["start"] : evidence["end"]].strip()
    assert model.metadata.signature.inputs.input_names()[:2] == ["note_id", "text"]


def test_a_model_that_fails_a_gate_is_refused_and_the_gate_named(
    done: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = deepcopy(yaml.safe_load((home / "tiny.yaml").read_text()))
    data["gates"].update(at_least={"codes/micro_f1": 1.01}, at_most={"codes/map": 0.5})
    (home / "strict.yaml").write_text(yaml.safe_dump(data))
    output = home / "refused"
    assert register.main([str(home / "strict.yaml"), "--output", str(output)]) == 2
    said = capsys.readouterr().err
    assert "Not registered. Gates not passed: codes/micro_f1:" in said
    assert "at least 1.01 wanted" in said
    assert "codes/map: no figure found" in said
    assert read(output / "registration.json")["version"] is None
    assert not (output / "MODEL_CARD.md").exists()


def test_figures_of_another_bundle_and_leaked_text_are_refused(
    done: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    evaluation = home / "altered"
    shutil.copytree(done / "evaluation", evaluation)
    summary = read(evaluation / "evaluation.json")
    summary["subject"]["bundle_digest"] = "0"
    (evaluation / "evaluation.json").write_text(json.dumps(summary))
    (evaluation / "page.html").write_text(f"<p>{OPENING}</p>")
    command = [str(home / "tiny.yaml"), "--evaluation", str(evaluation)]
    assert register.main([*command, "--output", str(home / "refused2")]) == 2
    said = capsys.readouterr().err
    assert "figures of another bundle or corpus found" in said
    assert "no note text: page.html (visit-" in said
    assert "Zebulon" not in said


def test_the_card_says_what_was_measured(done: Path) -> None:
    card = (done / "registered" / "MODEL_CARD.md").read_text()
    for wanted in ("## Intended use", "## Data", "micro_f1", "By type of note", "By sex", "Gates"):
        assert wanted in card


def test_the_registered_bundle_is_packed(done: Path, home: Path) -> None:
    assert package.main([str(home / "tiny.yaml"), "--output", str(home / "x.tar.gz")]) == 0
    assert (home / "x.tar.gz").stat().st_size > 10_000


def test_evaluation_against_another_tests_the_difference(
    done: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = str(done / "evaluation" / "answers.jsonl")
    again = home / "again"
    command = [str(home / "tiny.yaml"), "--output", str(again), "--against", answers]
    assert evaluate.main(command) == 0
    rows = read(again / "evaluation.json")["against"]
    assert {(row["difference"], row["p_value"]) for row in rows} == {(0.0, 1.0)}
    captured = capsys.readouterr()
    assert "against the other" in captured.out
    assert "zebulon" not in (captured.out + captured.err).lower()
    assert (again / "metrics.json").read_bytes() == (
        done / "evaluation" / "metrics.json"
    ).read_bytes()


def test_an_error_that_quotes_a_note_is_named_without_its_words(
    done: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fall(job: Any) -> None:
        raise KeyError(job.prepared.notes("train")[0].note.text)

    output = home / "fallen" / "bundle"
    command = [str(home / "tiny.yaml"), "--output", str(output)]
    with monkeypatch.context() as patch:
        patch.setattr("training.kinds.document.fit", fall)
        assert train.main(command) == 1
    captured = capsys.readouterr()
    assert "unexpected KeyError" in captured.err
    assert "zebulon" not in (captured.out + captured.err).lower()
    assert b"ebulon" not in (home / "out" / "mlflow" / "mlflow.db").read_bytes()
    note = RunNote.of(output)
    assert note is not None
    assert not note.finished
    assert train.main(command) == 0
    again = RunNote.of(output)
    assert again is not None
    assert (again.run_id, again.finished) == (note.run_id, True)


def test_a_licence_that_the_bundle_does_not_carry_is_refused(
    done: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = home / "notes.md"
    shared = card.read_text()
    card.write_text(shared.replace("weights: shareable", "weights: restricted"))
    try:
        command = [str(home / "tiny.yaml"), "--output", str(home / "refused3")]
        assert register.main(command) == 2
    finally:
        card.write_text(shared)
    said = capsys.readouterr().err
    assert "licence: a bundle marked shareable found, restricted weights wanted" in said


def test_a_bundle_whose_run_the_server_does_not_know_is_refused(
    done: Path, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{home}/empty.db")
    assert register.main([str(home / "tiny.yaml"), "--output", str(home / "refused4")]) == 2
    assert "Set MLFLOW_TRACKING_URI to its server" in capsys.readouterr().err


def test_the_server_that_the_environment_names_is_used(
    done: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training.tracking import open_run

    database = home / "other.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
    with open_run("elsewhere", name="one") as run:
        run.figures({"a": 1.0, "b": float("nan")})
    with sqlite3.connect(database) as connection:
        assert connection.execute("select key from metrics").fetchall() == [("a",)]
