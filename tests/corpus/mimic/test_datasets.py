"""The data sets of the literature, made of the invented hospital."""

import logging
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from cac.coding import CodeSystem
from cac.corpus import CORPORA, Weights, load_corpus, require_learnable, require_no_leak
from cac.corpus.held_out import held_out_charts
from cac.corpus.mimic.databases import III, IV
from cac.corpus.mimic.datasets import DATASETS, Labels
from cac.errors import CorpusError, SettingsError
from cac.frequency import choose_codes, count_codes

BY_NAME = {dataset.name: dataset for dataset in DATASETS}
SPLITS = ("train", "dev", "test")


def load(name, folder):
    return {split: load_corpus(name, split, folder=folder) for split in SPLITS}


def everything(name, folder):
    return [coded for notes in load(name, folder).values() for coded in notes]


@pytest.mark.parametrize("name", BY_NAME)
def test_every_data_set_has_notes_with_codes_and_no_leak(folder, name):
    splits = load(name, folder)
    assert all(splits.values())
    require_no_leak(splits)
    notes = [coded for found in splits.values() for coded in found]
    assert len({coded.note.note_id for coded in notes}) == len(notes)
    for coded in notes:
        assert coded.codes
        assert coded.note.text.strip()
        assert coded.note.service_date is None  # MIMIC's years are shifted.
        assert {code.system for code in coded.codes} <= set(BY_NAME[name].systems)


@pytest.mark.parametrize("name", BY_NAME)
def test_nothing_learnt_from_it_may_be_shared(name):
    assert CORPORA[name].weights is Weights.RESTRICTED
    require_learnable(name, "train")
    with pytest.raises(SettingsError, match="Nothing may be learnt"):
        require_learnable(name, "test")


def test_mullenbach_takes_every_code_and_his_own_ids(folder):
    splits = load("mimiciii_full", folder)
    for split, notes in splits.items():
        ids = (folder / f"mimic_splits/mullenbach/{split}_full_hadm_ids.csv").read_text().split()
        assert {c.note.encounter_id for c in notes} <= set(ids)
    codes = III.codes(folder, (CodeSystem.ICD9CM, CodeSystem.ICD9PCS))
    for coded in splits["train"]:
        assert coded.codes == codes.of(int(coded.note.encounter_id))


def test_the_fifty_codes_are_those_published(folder):
    found = {code.value for coded in everything("mimiciii_50", folder) for code in coded.codes}
    assert {"401.9", "038.9", "96.6", "V58.61"} <= found
    assert not {"042", "E885.9", "03.31"} & found
    assert len(found) <= 50


@pytest.mark.parametrize("name", ["mimiciv_icd10_50", "mimiciv_icd9_50"])
def test_nguyens_fifty_are_read_from_his_list(folder, name):
    path = folder / f"mimic_splits/nguyen/mimic4_icd{'10' if '10' in name else '9'}"
    listed = set((path / "TOP_50_CODES.csv").read_text().split())
    found = {code.value for coded in everything(name, folder) for code in coded.codes}
    assert {value.replace(".", "") for value in found} <= {v.replace(".", "") for v in listed}
    assert found


@pytest.mark.parametrize("name", ["mimiciii_clean", "mimiciv_icd10", "mimiciv_icd9"])
def test_edin_takes_codes_of_ten_summaries_over_all_splits(folder, name):
    whole = replace(BY_NAME[name], labels=Labels())
    notes = [coded for split in SPLITS for coded in whole.load(folder, split, "en")]
    counts = count_codes(notes)
    kept = {code for coded in everything(name, folder) for code in coded.codes}
    # The hospital's few stays outside the lists may lift a code over ten, none below it.
    assert {code for code, n in counts.items() if n >= 10} <= kept
    assert kept < set(counts)


def test_codes_may_be_counted_on_train_alone(folder):
    dataset = replace(BY_NAME["mimiciii_clean"], labels=Labels(min_count=10, counted="train"))
    train = replace(dataset, labels=Labels()).load(folder, "train", "en")
    often = set(choose_codes(count_codes(train), min_count=10))
    found = {
        code for split in SPLITS for c in dataset.load(folder, split, "en") for code in c.codes
    }
    assert found == often
    assert found < {c for n in everything("mimiciii_clean", folder) for c in n.codes}


def test_without_published_lists_patients_are_divided_by_their_hash(folder, copy):
    first = load("mimiciv", folder)
    (copy / "mimic_splits/edin/mimiciii_clean_splits.feather").unlink()
    assert load("mimiciv", copy) == first
    systems = {code.system for notes in first.values() for c in notes for code in c.codes}
    assert systems == set(CodeSystem)


def test_who_is_in_mdaces_test_charts_stays_in_the_test_split(folder, hospital):
    numbers = {stay.number: stay.patient for stay in hospital[1].iii}
    held_out = {numbers[chart] for chart in held_out_charts("mdace") if chart in numbers}
    assert held_out
    division = BY_NAME["mimiciii"].divide(folder)
    assert {division[n] for n, patient in numbers.items() if patient in held_out} == {"test"}


def test_a_leaking_division_is_refused_before_a_note_is_read(copy, hospital):
    stays = Counter(stay.patient for stay in hospital[1].iii)
    patient, _ = stays.most_common(1)[0]
    ids = [stay.number for stay in hospital[1].iii if stay.patient == patient]
    home = copy / "mimic_splits/mullenbach"
    for split in SPLITS:
        path = home / f"{split}_full_hadm_ids.csv"
        kept = [n for n in path.read_text().split() if int(n) not in ids]
        path.unlink()
        own = {"train": ids[:1], "test": ids[1:]}.get(split, [])
        path.write_text("\n".join([*kept, *map(str, own)]))
    with pytest.raises(CorpusError, match=r"1 of \d+ patients stand in more than one split") as e:
        load_corpus("mimiciii_full", "dev", folder=copy)
    assert not {str(n) for n in [*ids, patient]} & set(str(e.value).replace(".", " ").split())


def test_what_is_missing_is_named(tmp_path, copy):
    empty = tmp_path / "none"
    empty.mkdir()
    with pytest.raises(CorpusError, match=r"No NOTEEVENTS.csv.gz of MIMIC-III in .*mimic_iii.md"):
        load_corpus("mimiciii_full", "train", folder=empty)
    with pytest.raises(CorpusError, match=r"No note/discharge.csv.gz of MIMIC-IV in .*mimic_iv.md"):
        load_corpus("mimiciv", "train", folder=empty)
    for path in (copy / "mimic_splits/edin").rglob("*.feather"):
        path.unlink()
    with pytest.raises(CorpusError, match=r"holds no mimiciv_icd10_split.feather. Get it from"):
        load_corpus("mimiciv_icd10", "train", folder=copy)


def test_it_tells_what_it_left_out_and_never_what_is_written(folder, caplog):
    told = []
    caplog.set_level(logging.DEBUG)
    notes = list(BY_NAME["mimiciii"].stream(folder, "train", "en", told.append))
    assert any("summaries without a code left out" in line for line in told)
    assert any("without a summary" in line for line in told)
    assert not caplog.records
    said = "\n".join(told)
    assert all(coded.note.text[:20] not in said for coded in notes)


@pytest.mark.parametrize(("name", "database"), [("mimiciii", III), ("mimiciv", IV)])
def test_the_sex_of_a_patient_is_that_of_the_record(folder, hospital, name, database):
    sexes = database.sexes(folder)
    assert all(
        coded.note.patient_id in sexes for coded in load_corpus(name, "train", folder=folder)
    )
    stays = hospital[1].iii if database is III else hospital[1].iv
    assert sexes == {str(stay.patient): stay.sex for stay in stays}


def test_label_spaces_do_not_depend_on_the_order_of_notes(folder):
    notes = everything("mimiciii_full", folder)
    counts = count_codes(notes)
    assert choose_codes(counts, top=7) == choose_codes(count_codes(notes[::-1]), top=7)
    top = choose_codes(counts, top=7)
    assert len(top) == 7
    assert min(counts[code] for code in top) >= max(n for c, n in counts.items() if c not in top)


def test_the_shipped_list_has_fifty_codes():
    import json

    from cac.corpus import mimic

    path = Path(mimic.__file__).with_name("top50_mullenbach.json")
    assert len(set(json.loads(path.read_text(encoding="utf-8"))["codes"])) == 50
