import json
from pathlib import Path

import pytest

from cac.bundles import MANIFEST
from cac.coding import Band
from cac.errors import BundleError
from cac.learn.bundle import (
    TERMS,
    Manifest,
    read_dictionary,
    write_bundle,
    write_dictionary,
)
from cac.learn.model import LearnedModel
from cac.learn.training import Learned
from cac.learn.translation import Dictionary
from cac.note import Note

from .conftest import READER, read

TEXT = "Presenta dolor abdominal, neumonía y miopía. TAC cerebral normal."


@pytest.fixture
def bundle(tmp_path: Path, learned: Learned) -> Path:
    manifest = Manifest("codiesp", "es", "tiny", "train", "0", 60, READER, "0")
    write_bundle(tmp_path / "bundle", manifest, learned.finder, learned.scorers)
    return tmp_path / "bundle"


def test_a_loaded_bundle_answers_as_before_it_was_saved(bundle: Path, learned: Learned) -> None:
    loaded = LearnedModel.load(bundle, reader=READER)
    fresh = LearnedModel(loaded.manifest, learned.finder, learned.scorers)
    note = read(Note("1", TEXT, language="es"))
    assert loaded.predict(note) == fresh.predict(note) != ()
    for system in learned.scorers.calibration:
        assert loaded.threshold(system) == fresh.threshold(system)


def test_every_system_has_bands_and_every_code_is_in_one(bundle: Path, learned: Learned) -> None:
    loaded = LearnedModel.load(bundle, reader=READER)
    assert set(loaded.manifest.bands) == {s.value for s in learned.scorers.calibration}
    found = loaded.predict(read(Note("1", TEXT, language="es")))
    assert {s.band for s in found} >= {Band.ABSTAIN}
    assert all(s.suggested == (s.band is not Band.ABSTAIN) for s in found)


def test_saving_twice_gives_the_same_files(bundle: Path, learned: Learned) -> None:
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    loaded = LearnedModel.load(bundle)
    write_bundle(bundle, loaded.manifest, loaded.finder, learned.scorers)
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (MANIFEST, None, "no bundle"),
        (MANIFEST, "{", "damaged"),
        (MANIFEST, "[]", "damaged"),
        (MANIFEST, '{"schema": "cac.learned/1"}', "cac.learned/1"),
        (MANIFEST, '{"schema": "cac.learned/2"}', "damaged"),
        (TERMS, None, "lacks terms.jsonl"),
        (TERMS, "", "altered"),
    ],
)
def test_a_damaged_bundle_is_refused(
    bundle: Path, name: str, content: str | None, reason: str
) -> None:
    if content is None:
        (bundle / name).unlink()
    else:
        (bundle / name).write_text(content)
    with pytest.raises(BundleError, match=reason):
        LearnedModel.load(bundle)


def test_trees_over_other_features_are_refused(bundle: Path) -> None:
    from hashlib import sha256

    path = bundle / "mention_trees.json"
    data = json.loads(path.read_text())
    data["parts"][0]["names"][0] = "other"
    path.write_text(json.dumps(data))
    manifest = json.loads((bundle / MANIFEST).read_text())
    manifest["files"][path.name] = sha256(path.read_bytes()).hexdigest()
    (bundle / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match="other features"):
        LearnedModel.load(bundle)


def test_another_reader_is_refused_at_once(bundle: Path) -> None:
    with pytest.raises(BundleError, match="Learn it again"):
        LearnedModel.load(bundle, reader="newer")


def test_a_folder_of_other_things_is_not_overwritten(tmp_path: Path, learned: Learned) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    manifest = Manifest("codiesp", "es", "tiny", "train", "0", 60, READER, "0")
    with pytest.raises(BundleError, match=r"thesis\.txt"):
        write_bundle(tmp_path, manifest, learned.finder, learned.scorers)
    with pytest.raises(BundleError, match="is a file"):
        write_bundle(tmp_path / "thesis.txt", manifest, learned.finder, learned.scorers)


def test_a_dictionary_is_kept_for_the_same_texts(tmp_path: Path, dictionary: Dictionary) -> None:
    write_dictionary(tmp_path, dictionary, "texts")
    kept = read_dictionary(tmp_path, "texts")
    assert kept is not None
    assert kept.entries == dictionary.entries
    assert read_dictionary(tmp_path, "other texts") is None
    (tmp_path / "dictionary.json").write_text("{")
    assert read_dictionary(tmp_path, "texts") is None
