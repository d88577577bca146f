"""The sample notes are there at the first start, and never beside real ones."""

from cac.demo import load_demo_notes
from cac.note import Note
from serve.samples import add_samples
from serve.store import Store
from serve.store.notes import add_note, read_note
from serve.store.worklist import list_notes


def test_an_empty_server_offers_three_notes_once(store: Store, people: dict[str, str]) -> None:
    by = people["administrator"]
    assert store.write(lambda unit: add_samples(unit, by=by)) == 3
    assert store.write(lambda unit: add_samples(unit, by=by)) == 0
    with store.read() as session:
        listed = list_notes(session, store.settings, store.clock(), sort="priority").notes
        texts = [read_note(session, store.secrets, row.id) for row in listed]
    assert {note.text for note in texts} == {note.text for note in load_demo_notes()}
    assert [row.setting for row in listed] == ["inpatient", "emergency", "outpatient"]


def test_samples_never_stand_beside_real_notes(store: Store, people: dict[str, str]) -> None:
    by = people["administrator"]
    store.write(lambda unit: add_note(unit, Note("mine", "Cough."), by=by))
    assert store.write(lambda unit: add_samples(unit, by=by)) == 0
