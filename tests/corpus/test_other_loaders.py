"""MDACE, NegEx, NUBes and the corpora without codes, on invented files."""

import csv
import gzip
import json

import pytest

from cac.coding import CodeSystem
from cac.corpus import load_corpus, mdace, mtsamples, negex, nubes, terms
from cac.corpus.mts_dialog import load_sections
from cac.errors import CorpusError
from cac.note import Assertion, Setting

NOTE = "Admission note.\n\nHTN and DM2.  CXR clear.\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


@pytest.fixture
def mimic(tmp_path, monkeypatch):
    """One chart with one note, annotated; the function writes NOTEEVENTS with a text."""
    annotations = [
        {"begin": 17, "end": 20, "code": "I10", "code_system": "ICD-10-CM"},
        {
            "begin": 25,
            "end": 25,
            "code": "E11.9",
            "code_system": "ICD-10-CM",
            "type": "MapType.APPROX",
        },
        {"begin": 31, "end": 34, "code": "71045", "code_system": "CPT"},
    ]
    chart = {
        "hadm_id": 7,
        "notes": [{"note_id": 3, "category": "Physician", "annotations": annotations}],
    }
    for subset in ("Inpatient", "Profee"):
        home = tmp_path / "mdace"
        write(home / f"data/{subset}/ICD-10/1.0/7-ICD-10.json", json.dumps(chart))
        for split in ("train", "val", "test"):
            write(home / f"splits/{subset}/MDace-ev-{split}.csv", "7\r\n")
    monkeypatch.setenv("CAC_MIMIC_III", str(tmp_path / "mimic"))

    def write_text(text, *, packed=False, hadm_id=7):
        (tmp_path / "mimic").mkdir(exist_ok=True)
        name = tmp_path / "mimic" / ("NOTEEVENTS.csv.gz" if packed else "NOTEEVENTS.csv")
        opened = gzip.open if packed else open
        with opened(name, "wt", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, quoting=csv.QUOTE_ALL)
            rows.writerow(["ROW_ID", "SUBJECT_ID", "HADM_ID", "CATEGORY", "TEXT"])
            rows.writerow([2, 40, "", "ECG", 'other "note"\n'])
            rows.writerow([3, 41, hadm_id, "Physician ", text])
        return tmp_path

    return write_text


@pytest.mark.parametrize("packed", [True, False])
def test_mdace_joins_annotations_with_texts(mimic, packed):
    (coded,) = load_corpus("mdace", "train", folder=mimic(NOTE, packed=packed))
    assert coded.note.note_id == "mdace-inpatient-7-3"
    assert (coded.note.patient_id, coded.note.encounter_id) == ("41", "7")
    assert coded.note.setting is Setting.INPATIENT
    assert coded.note.text == NOTE
    words = [NOTE[s.start : s.end] for e in coded.evidence for s in e.spans]
    assert words == ["HTN", "DM2", "CXR"]
    assert [code.system for code in coded.codes][-1] is CodeSystem.CPT


def test_mdace_profee_and_its_test_split(mimic):
    folder = mimic(NOTE, packed=False)
    (coded,) = load_corpus("mdace_profee", "dev", folder=folder)
    assert coded.note.setting is Setting.PROFESSIONAL
    (coded,) = load_corpus("mdace_profee", "test", folder=folder)
    assert coded.codes == ()


def test_mdace_without_its_text_names_the_download(mimic, tmp_path):
    with pytest.raises(CorpusError, match=r"No NOTEEVENTS.csv.gz of MIMIC-III.*CAC_MIMIC_III"):
        load_corpus("mdace", "train", folder=tmp_path)
    with pytest.raises(CorpusError, match="Span 17 to 20 lies outside note mdace-inpatient-7-3"):
        load_corpus("mdace", "train", folder=mimic("short", packed=False))


def test_mdace_refuses_the_text_of_another_note(mimic):
    with pytest.raises(CorpusError, match="belongs to another admission or category"):
        load_corpus("mdace", "train", folder=mimic(NOTE, hadm_id=8))
    with pytest.raises(CorpusError, match="3 of 3 spans begin or end within a word"):
        load_corpus("mdace", "train", folder=mimic(NOTE.replace("\n\n", "\n") + "more"))


def test_mdace_leaves_out_codes_that_were_mapped_otherwise(mimic, tmp_path):
    mimic(NOTE)
    exact = mdace.load(tmp_path, "train", "en", mappings=("Human", "EXACT"))
    assert [code.value for code in exact[0].codes] == ["I10", "71045"]
    assert len(mdace.load(tmp_path, "train", "en")[0].codes) == 3


def test_mdace_names_notes_without_a_row(mimic, tmp_path):
    mimic(NOTE, packed=False)
    chart = tmp_path / "mdace/data/Inpatient/ICD-10/1.0/7-ICD-10.json"
    chart.write_text(chart.read_text(encoding="utf-8").replace('"note_id": 3', '"note_id": 99'))
    with pytest.raises(CorpusError, match="No text for 1 notes, first 99"):
        mdace.load(tmp_path, "train", "en")


def test_negex(tmp_path):
    rows = [
        ("concept", "sentence", "negation", "temporality", "experiencer"),
        ("edema", "No EDEMA.", "Negated", "Recent", "Patient"),
        ("chest pain", "Return for any new CHEST   PAIN.", "Affirmed", "Not particular", "Patient"),
        ("stroke", "Father had a STROKE.", "Affirmed", "Historical", "Family member"),
        ("fever. chills", "No fever.", "Negated", "Recent", "Patient"),
    ]
    write(tmp_path / "negex/dev.tsv", "".join("\t".join(r) + "\n" for r in rows))
    found = negex.load_concepts(tmp_path)
    words = [c.sentence.text[c.concept.start : c.concept.end] for c in found]
    assert words == ["EDEMA", "CHEST   PAIN", "STROKE", ""]
    assert [c.assertions for c in found] == [
        (Assertion.NEGATED,),
        (Assertion.HYPOTHETICAL,),
        (Assertion.HISTORICAL, Assertion.OTHER_SUBJECT),
        (Assertion.NEGATED,),
    ]
    write(tmp_path / "negex/dev.tsv", "head\t\t\t\t\na\tA\tMaybe\tRecent\tPatient\n")
    with pytest.raises(CorpusError, match="row 1: unknown label 'Maybe'"):
        negex.load_concepts(tmp_path)


def test_nubes_offsets_count_both_characters_of_a_line_end(tmp_path):
    text = "Afebril .\r\nNo fiebre ni tos .\r\n"
    standoff = (
        "T1\tNegMorMarker 0 7\tAfebril\nT2\tNegSynMarker 11 13\tNo\nT3\tDISO 14 20\tfiebre\n"
        "T4\tNegSynMarker 21 23\tni\nT5\tDISO 24 27\ttos\n"
        "R1\tScope Arg1:T2 Arg2:T3\t\nR2\tScope Arg1:T4 Arg2:T5\t\nR3\tOVERLAP Arg1:T3 Arg2:T5\t\n"
    )
    base = tmp_path / "nubes_es/IULA+/sample-001.cardi.phyex"
    write(base.with_name(base.name + ".txt"), text)
    write(base.with_name(base.name + ".ann"), standoff)
    (found,) = nubes.load_modifiers(tmp_path, "iula")
    assert found.note.note_type == "phyex"
    pieces = [
        (m.assertion, text[m.cue.start : m.cue.end], text[m.scope.start : m.scope.end])
        for m in found.modifiers
    ]
    assert pieces == [
        (Assertion.NEGATED, "Afebril", "Afebril"),
        (Assertion.NEGATED, "No", "fiebre"),
        (Assertion.NEGATED, "ni", "tos"),
    ]
    assert [kind for kind, _ in found.entities] == ["DISO", "DISO"]
    write(base.with_name(base.name + ".txt"), text.replace("\r\n", "\n"))
    with pytest.raises(CorpusError, match="T2 does not stand at 11 to 13"):
        list(nubes.load_modifiers(tmp_path, "iula"))


def test_mtsamples_keeps_each_text_once(tmp_path):
    rows = "1,Allergy,Some text here.\n2,Surgery,Some  text here.\n3,Surgery,\n4,Surgery,Other\n"
    write(tmp_path / "mtsamples/mtsamples.csv", "note_id,medical_specialty,transcription\n" + rows)
    notes = [coded.note for coded in mtsamples.load(tmp_path, "all", "en")]
    assert [(n.note_id, n.note_type) for n in notes] == [
        ("mtsamples-1", "Allergy"),
        ("mtsamples-4", "Surgery"),
    ]


def test_mts_dialog_hides_the_types_of_test_splits(tmp_path):
    for name in ("MTS-Dialog-TrainingSet", "MTS-Dialog-TestSet-1-MEDIQA-Chat-2023"):
        rows = "ID,section_header,section_text\n0,CC,Cough.\n"
        write(tmp_path / f"mts_dialog/{name}.csv", rows)
    assert load_sections(tmp_path, "train")[0].section_type == "CC"
    assert load_sections(tmp_path, "test1")[0].section_type == ""
    assert load_corpus("mts_dialog", "train", folder=tmp_path)[0].note.text == "Cough."


def test_primock57(tmp_path):
    write(tmp_path / "primock57/notes/day1_consultation01.json", '{"note": "3/7 hx of cough"}')
    (coded,) = load_corpus("primock57", "all", folder=tmp_path)
    assert coded.note.note_id == "primock57-day1_consultation01"
    write(tmp_path / "primock57/notes/day1_consultation02.json", "{}")
    with pytest.raises(CorpusError, match=r"day1_consultation02.json holds no JSON with a field"):
        load_corpus("primock57", "all", folder=tmp_path)


def test_disease_ontology_takes_diseases_with_one_code(tmp_path):
    codes = (
        'id\tlabel\txrefs\n"D:1"\t"cholera"\t"ICD10CM:A00"\n"D:2"\t"infection"\t"ICD10CM:A00-A09"\n'
        '"D:3"\t"laryngitis"\t"ICD10CM:J04, ICD10CM:J37.1"\n'
    )
    write(tmp_path / "disease_ontology/ICD10inDO.tsv", codes)
    synonyms = (
        "id\tpredicate\ten\tes\nD:1\trdfs:label\tcholera\tcólera\n"
        "D:1\toboInOwl:hasExactSynonym\tasiatic cholera\t\nD:2\trdfs:label\tinfection\tinfección\n"
    )
    write(tmp_path / "disease_ontology/synonyms_en_es.tsv", synonyms)
    found = [
        (t.term, t.language, str(t.code), t.preferred)
        for t in terms.load_disease_ontology(tmp_path)
    ]
    assert found == [
        ("cholera", "en", "A00", True),
        ("cólera", "es", "A00", True),
        ("asiatic cholera", "en", "A00", False),
    ]


def test_medquad(tmp_path):
    topic = {"id": "1", "focus": "HbA1c", "cuis": ["C1"], "semantic_types": [], "synonyms": ["A1c"]}
    write(tmp_path / "medquad/medquad.jsonl", json.dumps(topic) + "\n")
    assert [t.term for t in terms.load_medquad(tmp_path)] == ["HbA1c", "A1c"]
    write(tmp_path / "medquad/medquad.jsonl", "{}\n")
    with pytest.raises(CorpusError, match="line 1 is no topic"):
        list(terms.load_medquad(tmp_path))
