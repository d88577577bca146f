"""Discharge summaries with their addenda, against a plain reading with the csv module."""

from collections import defaultdict

import pytest

from cac.corpus.mimic import summaries
from cac.corpus.mimic.databases import III, IV
from cac.corpus.mimic.summaries import count_notes, read_summaries


def joined(texts):
    return "\n".join(text for text in dict.fromkeys(texts) if text.strip())


@pytest.fixture
def reference(rows):
    """Return the texts of each admission of a database, from the rows of its file in order."""

    def read(database):
        table, found = database.notes, defaultdict(list)
        for row in rows(table.name):
            wanted = row[table.kind].strip() in table.kinds and row[table.admission]
            if wanted and not (table.error and row[table.error] == "1"):
                found[int(row[table.admission])].append(row[table.text])
        return {admission: joined(texts) for admission, texts in found.items()}

    return read


@pytest.mark.parametrize("database", [III, IV], ids=["iii", "iv"])
@pytest.mark.parametrize("block_bytes", [1 << 24, 1 << 13])
def test_every_summary_is_read_once_with_its_addenda(
    folder, reference, database, block_bytes, monkeypatch
):
    monkeypatch.setattr("cac.corpus.mimic.tables._BLOCK_BYTES", block_bytes)
    path = database.release.table(folder, database.notes.name)
    counts = count_notes(path, database.notes)
    found = list(read_summaries(path, database.notes, counts, counts))
    assert {s.admission: s.text for s in found} == reference(database)
    assert len(found) == len(counts)
    patients = database.patients(folder)
    assert all(int(s.patient) == patients[s.admission] for s in found)


def test_notes_are_joined_in_the_order_of_the_file(folder, rows):
    path = III.release.table(folder, "NOTEEVENTS")
    counts = count_notes(path, III.notes)
    texts = {s.admission: s.text for s in read_summaries(path, III.notes, counts, counts)}
    heads = defaultdict(list)
    for row in rows("NOTEEVENTS"):
        if row["DESCRIPTION"] == "Addendum" or row["CATEGORY"] == "Discharge summary":
            heads[row["HADM_ID"]].append(row["DESCRIPTION"])
    before = [int(a) for a, kinds in heads.items() if a and kinds == ["Addendum", "Report"]]
    after = [int(a) for a, kinds in heads.items() if a and kinds == ["Report", "Addendum"]]
    assert before
    assert after
    assert all(texts[a].startswith("Name:") for a in before)
    assert all(texts[a].endswith("prolonged by a day.\n") for a in after)


def test_a_note_that_stands_twice_is_kept_once_and_one_in_error_not_at_all(folder, rows):
    path = III.release.table(folder, "NOTEEVENTS")
    counts = count_notes(path, III.notes)
    texts = {s.admission: s.text for s in read_summaries(path, III.notes, counts, counts)}
    errors = [int(row["HADM_ID"]) for row in rows("NOTEEVENTS") if row["ISERROR"] == "1"]
    assert errors
    assert all("Good.  \n" not in texts[admission] for admission in errors)
    assert max(text.count("Discharge Disposition") for text in texts.values()) == 2
    twice = [admission for admission, n in counts.items() if n == 2]
    assert any(texts[admission].count("Discharge Disposition") == 1 for admission in twice)


def test_reading_ends_with_the_last_one_wanted(folder, monkeypatch):
    monkeypatch.setattr("cac.corpus.mimic.tables._BLOCK_BYTES", 1 << 13)
    path = III.release.table(folder, "NOTEEVENTS")
    counts = count_notes(path, III.notes)
    first = next(read_summaries(path, III.notes, counts, counts)).admission
    n_batches = 0

    def counting(*args):
        nonlocal n_batches
        for batch in read_table(*args):
            n_batches += 1
            yield batch

    read_table = summaries.read_table
    monkeypatch.setattr(summaries, "read_table", counting)
    assert [s.admission for s in read_summaries(path, III.notes, counts, [first])] == [first]
    assert n_batches < 3
    assert list(read_summaries(path, III.notes, counts, [987_654_321])) == []


def test_counts_are_taken_anew_when_the_file_changes(copy):
    path = III.release.table(copy, "NOTEEVENTS")
    whole = count_notes(path, III.notes)
    assert count_notes(path, III.notes) is whole
    path.unlink()
    path.with_suffix("").write_text(
        "ROW_ID,HADM_ID,SUBJECT_ID,CATEGORY,ISERROR,TEXT\n1,5,2,Discharge summary,,x\n"
    )
    assert count_notes(III.release.table(copy, "NOTEEVENTS"), III.notes) == {5: 1}
