"""The two corpora with codes that the targets are measured on."""

import pytest

from cac.coding import Code, CodeSystem
from cac.corpus import load_corpus, require_learnable, require_tunable
from cac.corpus.codiesp import parse_positions
from cac.errors import CorpusError, SettingsError
from cac.note import Setting, Span


def test_spanish_has_codes_and_evidence(data):
    (coded,) = load_corpus("codiesp", "train", folder=data)
    assert coded.note.language == "es"
    assert [str(code) for code in coded.codes] == ["E11.9", "M79.604", "BT4"]
    assert coded.codes[2].system is CodeSystem.ICD10PCS
    words = [[coded.note.text[s.start : s.end] for s in e.spans] for e in coded.evidence]
    assert words == [["diabetes mellitus tipo 2"], ["dolor"], ["ecografía", "renal"]]


def test_english_has_codes_and_no_evidence(data):
    (coded,) = load_corpus("codiesp", "dev", "en", data)
    assert coded.note.text.startswith("A 60-year-old man")
    assert len(coded.codes) == 3
    assert coded.evidence == ()


def test_the_folder_comes_from_the_environment(data, monkeypatch):
    monkeypatch.setenv("CAC_DATA", str(data))
    assert len(load_corpus("codiesp", "background")) == 1
    monkeypatch.delenv("CAC_DATA")
    with pytest.raises(CorpusError, match="Set CAC_DATA"):
        load_corpus("codiesp", "background")


@pytest.mark.parametrize("split", ["test", "background"])
def test_test_notes_come_without_labels_even_where_the_folder_has_them(data, split):
    (coded,) = load_corpus("codiesp", split, folder=data)
    assert coded.note.text
    assert coded.codes == coded.evidence == ()


def test_aci_bench_has_its_labelled_notes(data):
    (coded,) = load_corpus("aci_bench", "dev", folder=data)
    assert coded.note.note_id == "Z0"
    assert coded.note.text == 'CHIEF COMPLAINT\n\nCough, "dry".'
    assert coded.note.setting is Setting.OUTPATIENT
    assert coded.codes == (
        Code(CodeSystem.ICD10CM, "R05.9"),
        Code(CodeSystem.ICD10CM, "J20.9"),
    )
    assert load_corpus("aci_bench", "test3", folder=data)[0].codes == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("codesp", "train"), "Unknown corpus 'codesp'. Known: codiesp"),
        (("codiesp", "valid"), "Unknown split 'valid' of codiesp. Known: train, dev"),
        (("codiesp", "train", "fr"), "Unknown language 'fr' of codiesp. Known: es, en"),
    ],
)
def test_unknown_names_are_refused(data, arguments, message):
    with pytest.raises(SettingsError, match=message):
        load_corpus(*arguments, folder=data)


def test_a_missing_file_is_named_with_its_download(data):
    (data / "codiesp/train/trainX.tsv").unlink()
    with pytest.raises(CorpusError, match=r"trainX.tsv does not exist. Download CodiEsp v4"):
        load_corpus("codiesp", "train", folder=data)


def test_damaged_rows_are_named(data):
    path = data / "codiesp/train/trainX.tsv"
    path.write_text("X-train-1\tDIAGNOSTICO\te11.9\twords\t5 5000\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"e11.9 do not stand at '5 5000' of note X-train-1"):
        load_corpus("codiesp", "train", folder=data)
    path.write_text("X-train-1\tDIAGNOSTICO\te11.9\tdiabetes\t0 8\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="do not stand at '0 8'"):
        load_corpus("codiesp", "train", folder=data)
    path.write_text("X-train-1\tDIAGNOSTICO\n", encoding="utf-8")
    with pytest.raises(CorpusError, match="line 1: 2 columns found, 5 wanted"):
        load_corpus("codiesp", "train", folder=data)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(CorpusError, match="not UTF-8 at byte 0"):
        load_corpus("codiesp", "train", folder=data)


def test_labels_without_a_note_are_named(data):
    with (data / "aci_bench_icd10/dev.tsv").open("a", encoding="utf-8") as labels:
        labels.write("Z9\ttrain\tR05.9\n")
    with pytest.raises(CorpusError, match="Z9"):
        load_corpus("aci_bench", "dev", folder=data)


def test_positions():
    assert parse_positions("307 316;348 361") == (Span(307, 316), Span(348, 361))
    assert parse_positions("440 452;341 341;341 348") == (Span(341, 348), Span(440, 452))


def test_nothing_is_learnt_from_what_measures():
    require_learnable("codiesp", "train")
    require_tunable("codiesp", "dev")
    require_tunable("aci_bench", "dev")
    with pytest.raises(SettingsError, match=r"learnt from codiesp 'dev'. Allowed: train"):
        require_learnable("codiesp", "dev")
    with pytest.raises(SettingsError, match="the corpus is for evaluation only"):
        require_learnable("aci_bench", "dev")
    with pytest.raises(SettingsError, match="tuned on codiesp 'test'"):
        require_tunable("codiesp", "test")
