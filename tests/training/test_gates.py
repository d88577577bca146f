"""Gates say what they found and what they want; leaks are found by runs of words."""

import tarfile
from pathlib import Path

import pytest

from cac.coding import CodedNote
from cac.corpus import Licence, Weights
from cac.errors import BundleError, SettingsError
from cac.note import Note
from training.bundles import RunNote, is_restricted, mark
from training.config import GateConfig
from training.gates import Standing, figure_gates, production_gates
from training.leaks import find_in_texts, find_leaks, readable_files
from training.package import package

GATES = GateConfig(
    at_least={"codes/micro_f1": 0.5},
    at_most={"probabilities/ece": 0.1},
    worse_than_production={"codes/micro_f1": 0.02},
    evidence=0.9,
)
GOOD = {"codes/micro_f1": 0.6, "probabilities/ece": 0.05, "evidence/share_with_evidence": 0.95}


def failed(gates: object) -> list[str]:
    return [gate.name for gate in gates if not gate.passed]  # type: ignore[attr-defined]


def test_good_figures_pass_and_each_bad_one_is_named() -> None:
    assert failed(figure_gates(GATES, GOOD)) == []
    for name, bad in (
        ("codes/micro_f1", 0.4),
        ("probabilities/ece", 0.2),
        ("evidence/share_with_evidence", 0.5),
    ):
        assert failed(figure_gates(GATES, {**GOOD, name: bad})) == [name]


def test_a_figure_that_is_not_there_does_not_pass() -> None:
    assert failed(figure_gates(GATES, {})) == [
        "codes/micro_f1",
        "evidence/share_with_evidence",
        "probabilities/ece",
    ]
    gate = next(figure_gates(GATES, {}))
    assert str(gate) == "codes/micro_f1: no figure found, at least 0.5 wanted"


@pytest.mark.parametrize(("value", "passes"), [(0.61, True), (0.59, True), (0.57, False)])
def test_no_worse_than_production(value: float, passes: bool) -> None:
    standing = Standing({"codes/micro_f1": 0.6}, same_notes=True)
    found = failed(production_gates(GATES, {**GOOD, "codes/micro_f1": value}, standing))
    assert (found == []) is passes


def test_figures_on_other_notes_are_not_compared() -> None:
    standing = Standing({"codes/micro_f1": 0.1}, same_notes=False)
    assert failed(production_gates(GATES, GOOD, standing)) == ["production"]
    assert failed(production_gates(GATES, GOOD, None)) == []


NOTE = CodedNote(
    Note("n7", "Mr Zebulon Quixworth, a retired baker, was seen for chest pain today."), ()
)


def test_a_run_of_words_is_found_whatever_its_case_and_punctuation() -> None:
    said = "x ZEBULON quixworth -- a retired BAKER was seen for chest y"
    [leak] = find_in_texts({"page": said, "clean": "chest pain today"}, [NOTE])
    assert (leak.file, leak.note_id) == ("page", "n7")
    assert find_in_texts({"page": "a retired baker was seen"}, [NOTE]) == []


def test_leaks_are_sought_in_every_readable_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "page.html").write_text(NOTE.note.text)
    (tmp_path / "picture.png").write_bytes(b"\x89" + NOTE.note.text.encode())
    assert [Path(x.file).name for x in find_leaks(readable_files(tmp_path), [NOTE])] == [
        "page.html"
    ]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "manifest.json").write_text('{"schema": "cac.learned/2"}')
    return folder


def test_a_bundle_that_does_not_say_counts_as_restricted(bundle: Path) -> None:
    assert is_restricted(bundle)
    mark(bundle, Licence("CC BY 4.0", Weights.SHAREABLE))
    assert not is_restricted(bundle)
    mark(bundle, Licence("PhysioNet", Weights.RESTRICTED))
    assert is_restricted(bundle)
    assert [p.name for p in bundle.iterdir()] == ["manifest.json"]


def test_a_restricted_bundle_is_not_packed(bundle: Path, tmp_path: Path) -> None:
    mark(bundle, Licence("PhysioNet", Weights.RESTRICTED))
    output = tmp_path / "x.tar.gz"
    with pytest.raises(SettingsError, match=r"is restricted \(licence .*PhysioNet\)"):
        package(bundle, tmp_path, output)
    assert not output.exists()


def test_an_unregistered_bundle_is_not_packed_and_a_registered_one_is(
    bundle: Path, tmp_path: Path
) -> None:
    mark(bundle, Licence("CC BY 4.0", Weights.SHAREABLE))
    output = tmp_path / "x.tar.gz"
    (tmp_path / "registration.json").write_text('{"version": null}')
    with pytest.raises(BundleError, match="is not registered"):
        package(bundle, tmp_path, output)
    (tmp_path / "registration.json").write_text('{"version": 3}')
    (tmp_path / "MODEL_CARD.md").write_text("# card")
    package(bundle, tmp_path, output)
    first = output.read_bytes()
    with tarfile.open(output) as archive:
        names = archive.getnames()
    assert names == ["bundle/manifest.json", "MODEL_CARD.md", "LICENSE", "NOTICE"]
    package(bundle, tmp_path, output)
    assert output.read_bytes() == first


def test_an_unfinished_run_of_the_same_inputs_goes_on(bundle: Path) -> None:
    assert RunNote.of(bundle) is None
    RunNote("r1", "abc").write(bundle)
    note = RunNote.of(bundle)
    assert note is not None
    assert note.goes_on("abc")
    assert not note.goes_on("other")
    RunNote("r1", "abc", finished=True).write(bundle)
    assert not RunNote.of(bundle).goes_on("abc")  # type: ignore[union-attr]
