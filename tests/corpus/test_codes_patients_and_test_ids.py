"""Spelling of codes, splits by patient, and the ids that no program may learn from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.coding import CodedNote, CodeSystem
from cac.corpus import leaking_patients, refuse_test_ids, require_no_leak, split_by_patient
from cac.corpus.canonical import canonical_code
from cac.corpus.held_out import corpus_of_test_id, held_out_ids
from cac.errors import CorpusError, SettingsError
from cac.note import Note


@pytest.mark.parametrize(
    ("system", "written", "wanted"),
    [
        (CodeSystem.ICD10CM, "e119", "E11.9"),
        (CodeSystem.ICD10CM, " i10 ", "I10"),
        (CodeSystem.ICD10CM, "s52.501a", "S52.501A"),
        (CodeSystem.ICD10CM, "QA0.0151", "QA0.0151"),
        (CodeSystem.ICD10PCS, "bw40zzz", "BW40ZZZ"),
        (CodeSystem.ICD10PCS, "ct13", "CT13"),
        (CodeSystem.ICD9CM, "25000", "250.00"),
        (CodeSystem.ICD9CM, "E8859", "E885.9"),
        (CodeSystem.ICD9CM, "V1011", "V10.11"),
        (CodeSystem.ICD9PCS, "4701", "47.01"),
        (CodeSystem.CPT, "99213", "99213"),
        (CodeSystem.CPT, "0001a", "0001A"),
        (CodeSystem.HCPCS, "j1885", "J1885"),
    ],
)
def test_canonical_codes(system, written, wanted):
    code = canonical_code(system, written)
    assert (code.system, code.value) == (system, wanted)
    assert canonical_code(system, code.value) == code


@pytest.mark.parametrize(
    ("system", "written"),
    [
        (CodeSystem.ICD10CM, "11.9"),
        (CodeSystem.ICD10CM, "E1"),
        (CodeSystem.ICD10CM, "NoDx"),
        (CodeSystem.ICD9CM, "NoDx"),
        (CodeSystem.ICD10PCS, "0DTO"),
        (CodeSystem.ICD10PCS, "0DTJ4ZZZ"),
        (CodeSystem.CPT, "9921"),
        (CodeSystem.ICD9CM, ""),
    ],
)
def test_codes_of_another_shape_are_refused(system, written):
    with pytest.raises(CorpusError, match="has not the shape"):
        canonical_code(system, written)


def note(note_id, patient="", encounter=""):
    return CodedNote(Note(note_id, "text", patient_id=patient, encounter_id=encounter), ())


@given(
    st.lists(st.tuples(st.sampled_from("ABCDEF"), st.sampled_from(["", "p", "q"])), max_size=30),
    st.integers(0, 9),
)
def test_no_patient_stands_in_two_splits(items, seed):
    notes = [note(f"n{i}", patient, encounter) for i, (patient, encounter) in enumerate(items)]
    splits = split_by_patient(notes, {"train": 0.6, "dev": 0.2, "test": 0.2}, seed=seed)
    assert sorted(n.note.note_id for s in splits.values() for n in s) == sorted(
        n.note.note_id for n in notes
    )
    require_no_leak(splits)
    again = split_by_patient(notes[::-1], {"train": 0.6, "dev": 0.2, "test": 0.2}, seed=seed)
    assert {n: sorted(map(id, s)) for n, s in again.items()} == {
        n: sorted(map(id, s)) for n, s in splits.items()
    }


def test_shares_are_kept_about():
    notes = [note(f"n{i}") for i in range(2000)]
    splits = split_by_patient(notes, {"train": 0.8, "dev": 0.2})
    assert 350 < len(splits["dev"]) < 450
    assert split_by_patient(notes, {"train": 1.0, "dev": 0.0})["dev"] == []
    with pytest.raises(SettingsError, match="must sum to 1"):
        split_by_patient(notes, {"train": 0.8})


def test_a_leak_is_named():
    splits = {"train": [note("a", "p1"), note("b", "p2")], "dev": [note("c", "p1")]}
    assert leaking_patients(splits) == {"p1": ("dev", "train")}
    with pytest.raises(CorpusError, match=r"1 patients .*p1 in dev, train"):
        require_no_leak(splits)


def test_ids_of_test_splits_are_refused_by_name():
    test_id = sorted(held_out_ids()["codiesp"])[0]
    with pytest.raises(SettingsError, match=rf"1 of codiesp \({test_id}\)"):
        refuse_test_ids([note("mine"), note(test_id)])
    refuse_test_ids([note("mine"), Note("yours", "text")])


def test_every_note_of_a_test_chart_is_held_out():
    chart = sorted(held_out_ids()["mdace"])[0]
    assert corpus_of_test_id(f"{chart}-12345") == "mdace"
    assert corpus_of_test_id("12345") is None


def test_held_out_ids_are_complete():
    counts = {name: len(ids) for name, ids in held_out_ids().items()}
    assert counts == {"codiesp": 250, "aci_bench": 140, "mdace": 72}
