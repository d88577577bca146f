"""A corpus of the user's own: a path in place of a name."""

import json

import pytest

from cac.cli import main
from cac.corpus import Weights, find_corpus, load_corpus, require_learnable, require_no_leak
from cac.errors import CorpusError, InputError, SettingsError

LINE = {"text": "CKD stage 3b.", "codes": [{"system": "icd10cm", "code": "N1832"}]}


def write(path, records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return str(path)


def notes(n_patients, n_each=2, **fields):
    return [
        LINE | {"note_id": f"n{p}-{i}", "patient_id": f"p{p}"} | fields
        for p in range(n_patients)
        for i in range(n_each)
    ]


def splits_of(name):
    return {split: load_corpus(name, split) for split in find_corpus(name).splits}


def test_a_file_without_splits_is_divided_by_patient(tmp_path):
    name = write(tmp_path / "mine.jsonl", notes(200))
    splits = splits_of(name)
    assert {split: len(found) > 20 for split, found in splits.items()} == {
        "train": True,
        "dev": True,
        "test": True,
    }
    assert sum(map(len, splits.values())) == 400
    require_no_leak(splits)
    code = splits["train"][0].codes[0]
    assert (code.system.value, code.value) == ("ICD-10-CM", "N18.32")


def test_a_later_note_joins_its_patient(tmp_path):
    first = splits_of(write(tmp_path / "first.jsonl", notes(50)))
    later = splits_of(write(tmp_path / "later.jsonl", notes(80)))
    for split, found in first.items():
        assert {n.note.note_id for n in found} <= {n.note.note_id for n in later[split]}


def test_a_file_with_splits_keeps_them(tmp_path):
    names = ("train", "valid", "test")
    records = [r | {"split": names[i // 2]} for i, r in enumerate(notes(3))]
    splits = splits_of(write(tmp_path / "mine.jsonl.bak" / "notes.jsonl", records))
    assert {split: [c.note.patient_id for c in found] for split, found in splits.items()} == {
        "train": ["p0"] * 2,
        "dev": ["p1"] * 2,
        "test": ["p2"] * 2,
    }


@pytest.mark.parametrize(
    ("splits", "message"),
    [
        (["train", "test"], "1 patients stand in more than one split"),
        (["train", ""], "line 2: some lines name a split and some do not"),
        (["train", "secret words"], "line 2: unknown split. Allowed: train, dev, test"),
    ],
)
def test_a_wrong_division_is_refused_without_its_words(tmp_path, splits, message):
    records = [r | {"split": s} for r, s in zip(notes(1), splits, strict=True)]
    name = write(tmp_path / "mine.jsonl", records)
    with pytest.raises(CorpusError, match=message) as raised:
        load_corpus(name, "train")
    assert "secret" not in str(raised.value)


def test_a_folder_with_a_file_or_a_folder_for_each_split(tmp_path):
    one, two, three = notes(3, 1)
    write(tmp_path / "train" / "00000.jsonl", [one])
    write(tmp_path / "train" / "00001.jsonl", [two])
    write(tmp_path / "val.jsonl", [three])
    assert find_corpus(str(tmp_path)).splits == ("train", "dev")
    splits = splits_of(str(tmp_path))
    assert [c.note.note_id for c in splits["train"]] == ["n0-0", "n1-0"]
    assert [c.note.note_id for c in splits["dev"]] == ["n2-0"]
    with pytest.raises(SettingsError, match="Unknown split 'test'"):
        load_corpus(str(tmp_path), "test")


def test_weights_stay_with_the_user_unless_a_card_says_otherwise(tmp_path):
    name = write(tmp_path / "mine.jsonl", notes(1))
    assert find_corpus(name).weights is Weights.RESTRICTED
    card = "---\nlicence: CC BY 4.0\nweights: shareable\n---\n# Mine\n"
    (tmp_path / "mine.md").write_text(card, encoding="utf-8")
    corpus = find_corpus(name)
    assert (corpus.licence, corpus.weights) == ("CC BY 4.0", Weights.SHAREABLE)


def test_nothing_is_learnt_from_its_test_notes(tmp_path):
    name = write(tmp_path / "mine.jsonl", notes(1))
    require_learnable(name, "train")
    with pytest.raises(SettingsError, match="Nothing may be learnt"):
        require_learnable(name, "test")


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"none.jsonl does not exist"):
        find_corpus(str(tmp_path / "none.jsonl"))
    with pytest.raises(CorpusError, match=r"neither train.jsonl"):
        find_corpus(str(tmp_path))
    with pytest.raises(CorpusError, match="holds no note"):
        find_corpus(write(tmp_path / "empty.jsonl", []))
    with pytest.raises(InputError, match=r"line 1: .*the field 'text' is missing"):
        find_corpus(write(tmp_path / "bad.jsonl", [{"note_id": "a"}]))
    mixed = [LINE | {"note_id": "a"}, LINE | {"note_id": "b", "language": "es"}]
    with pytest.raises(CorpusError, match="'es' beside 'en'"):
        splits_of(write(tmp_path / "mixed.jsonl", mixed))
    bad = [LINE | {"note_id": "a", "codes": [{"system": "icd10cm", "code": "kidney disease"}]}]
    with pytest.raises(InputError, match="has not the shape of a code"):
        find_corpus(write(tmp_path / "bad.jsonl", bad))


def test_check_counts_them_and_finds_leaks(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("CAC_DATA", raising=False)
    write(tmp_path / "train.jsonl", notes(2))
    write(tmp_path / "test.jsonl", notes(1, 1, note_id="other"))
    assert main(["corpus", "check", "--corpus", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    rows = [row.split()[1:] for row in out.splitlines()]
    assert ["train", "en", "4", "4", "0", "0", "ok"] in rows
    assert ["test", "en", "1", "1", "0", "0", "leaks"] in rows
    assert "1 patients stand in a training split as well" in out
