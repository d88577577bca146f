"""Notes from their arrival to their export: claims, decisions, deletion."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from cac.coding import Code, CodeSystem, CodingResult, Evidence, Suggestion
from cac.note import Assertion, Note, Span
from serve.errors import ConflictError, DecisionError, GoneError, NotFoundError
from serve.review import Decision, Kind, Reason, ReviewState
from serve.secrets import KeyRing, Secrets
from serve.store import Store
from serve.store.answers import (
    answer_of,
    answers_of,
    next_queued,
    put_answer,
    put_failure,
    with_words,
)
from serve.store.claims import claim, holder, release
from serve.store.notes import add_note, delete_expired, delete_text, note_row, read_note
from serve.store.reviews import decide, events_of, history_of, state_of
from serve.store.tables import Base
from serve.store.texts import seal_again

from ..conftest import Clock

WORDS = "Assessment: CKD stage 3b for Zebulon Quux. No chest pain."
NOTE = Note("visit-1", WORDS, patient_id="patient-quux", encounter_id="e1")
CKD = Code(CodeSystem.ICD10CM, "N18.32")
I10 = Code(CodeSystem.ICD10CM, "I10")
RESULT = CodingResult(
    "visit-1",
    (
        Suggestion(
            CKD, "Chronic kidney disease, stage 3b", 0.9, 1,
            (Evidence(Span(12, 24), WORDS[12:24], "assessment", Assertion.PRESENT),),
        ),
    ),
    "model 1", {"ICD-10-CM": "2027"}, "us-inpatient",
)  # fmt: skip


@pytest.fixture
def note(store: Store, people: dict[str, str]) -> str:
    """The id of a note that is ready for review."""
    id_ = store.write(lambda unit: add_note(unit, NOTE, by=people["administrator"]).id)
    store.write(lambda unit: put_answer(unit, id_, RESULT))
    return id_


def take(store: Store, note: str, by: str, version: int, *decisions: Decision) -> ReviewState:
    return store.write(lambda unit: decide(unit, note, decisions, by=by, expected_version=version))


def state(store: Store, note: str) -> ReviewState:
    with store.read() as session:
        return state_of(session, store.secrets, note)


def test_a_note_comes_back_untouched_and_its_evidence_with_its_words(
    store: Store, note: str
) -> None:
    with store.read() as session:
        assert read_note(session, store.secrets, note) == NOTE
        record = answer_of(session, note)
    assert record
    [suggestion] = with_words(record, WORDS)["suggestions"]
    assert [e["text"] for e in suggestion["evidence"]] == ["CKD stage 3b"]


def test_no_word_of_a_note_or_comment_is_in_the_database(
    store: Store, note: str, people: dict[str, str]
) -> None:
    take(store, note, people["coder"], 0, Decision(Kind.COMMENT, comment="ask Zebulon again"))
    take(store, note, people["coder"], 1, Decision(Kind.ACCEPT, CKD))
    with store.engine.connect() as connection:
        rows = [
            repr(row)
            for table in Base.metadata.sorted_tables
            for row in connection.execute(table.select())
        ]
    everything = "\n".join(rows).lower()
    for word in ("zebulon", "quux", "ckd stage", "chest"):
        assert word not in everything
    assert state(store, note).comments[0].decision.comment == "ask Zebulon again"


def test_the_same_note_twice_is_one_note_and_another_text_is_refused(
    store: Store, note: str, people: dict[str, str]
) -> None:
    by = people["administrator"]
    assert store.write(lambda unit: add_note(unit, NOTE, by=by).id) == note
    other = replace(NOTE, text="another text")
    with pytest.raises(ConflictError, match="note_id"):
        store.write(lambda unit: add_note(unit, other, by=by))


@pytest.mark.parametrize(
    "bad",
    [
        replace(NOTE, note_id=""),
        replace(NOTE, note_id="a\x00b"),
        replace(NOTE, note_id="x" * 201),
        replace(NOTE, text="broken \ud83d here"),
    ],
)
def test_what_cannot_be_stored_is_refused(store: Store, people: dict[str, str], bad: Note) -> None:
    with pytest.raises(DecisionError):
        store.write(lambda unit: add_note(unit, bad, by=people["coder"]))


def test_text_with_any_unicode_comes_back(store: Store, people: dict[str, str]) -> None:
    odd = replace(NOTE, note_id="odd", text="a\x00b \U0001f600 e\u0301 \r\n <script>\u2028")
    id_ = store.write(lambda unit: add_note(unit, odd, by=people["coder"]).id)
    with store.read() as session:
        assert read_note(session, store.secrets, id_).text == odd.text


def test_decisions_are_numbered_and_an_older_page_is_refused(
    store: Store, note: str, people: dict[str, str]
) -> None:
    coder = people["coder"]
    first = take(store, note, coder, 0, Decision(Kind.ACCEPT, CKD), Decision(Kind.ADD, I10))
    assert first.version == 2
    with pytest.raises(ConflictError, match="version 2"):
        take(store, note, coder, 0, Decision(Kind.PRINCIPAL, CKD))
    take(store, note, coder, 2, Decision(Kind.PRINCIPAL, CKD))
    assert [c.code for c in state(store, note).final] == [CKD, I10]


def test_decisions_are_taken_all_or_none(store: Store, note: str, people: dict[str, str]) -> None:
    with pytest.raises(DecisionError):
        take(
            store,
            note,
            people["coder"],
            0,
            Decision(Kind.ACCEPT, CKD),
            Decision(Kind.UNDO, event=9),
        )
    assert state(store, note).version == 0


def test_the_log_has_each_decision_with_offsets_codes_and_model(
    store: Store, note: str, people: dict[str, str]
) -> None:
    take(store, note, people["coder"], 0, Decision(Kind.ACCEPT, CKD))
    with store.read() as session:
        [event] = events_of(session, store.secrets, note)
        kinds = [row.kind for row in history_of(session, note)]
        body = history_of(session, note)[-1].body
    assert event.decision.evidence == (Span(12, 24),)
    assert kinds == ["note.received", "note.suggested", "note.claimed", "decision"]
    assert '"model_version":"model 1"' in body


def test_two_coders_never_hold_one_note(
    store: Store, note: str, people: dict[str, str], clock: Clock
) -> None:
    one, two = people["coder"], people["administrator"]
    store.write(lambda unit: claim(unit, note, by=one))
    for attempt in (
        lambda unit: claim(unit, note, by=two),
        lambda unit: release(unit, note, by=two),
        lambda unit: decide(unit, note, [Decision(Kind.ACCEPT, CKD)], by=two, expected_version=0),
    ):
        with pytest.raises(ConflictError, match="nother coder"):
            store.write(attempt)
    clock.move(minutes=29)
    take(store, note, one, 0, Decision(Kind.ACCEPT, CKD))
    clock.move(minutes=29)
    with pytest.raises(ConflictError):
        store.write(lambda unit: claim(unit, note, by=two))
    clock.move(minutes=2)
    store.write(lambda unit: claim(unit, note, by=two))
    with pytest.raises(ConflictError):
        take(store, note, one, 1, Decision(Kind.ADD, I10))
    store.write(lambda unit: release(unit, note, by=two))
    with store.read() as session:
        assert holder(note_row(session, note), clock(), store.settings) is None


def test_a_clock_that_goes_back_frees_a_claim_rather_than_keeping_it(
    store: Store, note: str, people: dict[str, str], clock: Clock
) -> None:
    store.write(lambda unit: claim(unit, note, by=people["coder"]))
    clock.move(hours=-3)
    store.write(lambda unit: claim(unit, note, by=people["administrator"]))
    with store.read() as session:
        held_by = holder(note_row(session, note), clock(), store.settings)
    assert held_by == people["administrator"]
    with store.read() as session:
        held_by = holder(note_row(session, note), clock(), store.settings)
    assert held_by == people["administrator"]


def test_a_note_that_no_model_has_read_cannot_be_claimed(
    store: Store, people: dict[str, str]
) -> None:
    id_ = store.write(lambda unit: add_note(unit, NOTE, by=people["coder"]).id)
    with store.read() as session:
        assert next_queued(session, limit=5) == [id_]
    store.write(lambda unit: put_failure(unit, id_, "InputError"))
    with pytest.raises(ConflictError, match="failed"):
        store.write(lambda unit: claim(unit, id_, by=people["coder"]))


def test_a_shadow_changes_nothing_and_a_new_model_keeps_decisions(
    store: Store, note: str, people: dict[str, str]
) -> None:
    take(store, note, people["coder"], 0, Decision(Kind.ACCEPT, CKD))
    newer = replace(RESULT, suggestions=(), model_version="model 2")
    store.write(lambda unit: put_answer(unit, note, newer, is_shadow=True))
    assert state(store, note).of(CKD).status == "accepted"  # type: ignore[union-attr]
    store.write(lambda unit: put_answer(unit, note, newer))
    found = state(store, note).of(CKD)
    assert found
    assert (found.status, found.evidence) == ("added", (Span(12, 24),))
    with store.read() as session:
        assert [a.model_version for a in answers_of(session, note)] == [
            "model 1",
            "model 2",
            "model 2",
        ]


def test_a_blinded_note_shows_no_suggestions(store: Store, people: dict[str, str]) -> None:
    store.settings = store.settings.model_copy(update={"blinded_share": 1.0})
    id_ = store.write(lambda unit: add_note(unit, NOTE, by=people["coder"]).id)
    store.write(lambda unit: put_answer(unit, id_, RESULT))
    assert state(store, id_).codes == ()


def test_deletion_takes_the_words_and_leaves_the_log(
    store: Store, note: str, people: dict[str, str]
) -> None:
    coder = people["coder"]
    take(store, note, coder, 0, Decision(Kind.COMMENT, comment="words"))
    take(
        store, note, coder, 1,
        Decision(Kind.REJECT, CKD, reason=Reason.OTHER, comment="words"),
    )  # fmt: skip
    store.write(lambda unit: delete_text(unit, note, by=people["administrator"]))
    with store.read() as session:
        with pytest.raises(GoneError):
            read_note(session, store.secrets, note)
        kinds = [row.kind for row in history_of(session, note)]
        assert session.execute(text("SELECT count(*) FROM texts")).scalar() == 0
    assert kinds.count("decision") == 2
    assert kinds[-1] == "note.text_deleted"
    after = state(store, note)
    assert statuses(after) == {"N18.32": "rejected"}
    assert [e.decision.comment for e in after.comments] == [""]


def statuses(found: ReviewState) -> dict[str, str]:
    return {c.code.value: c.status.value for c in found.codes}


def test_retention_deletes_completed_notes_when_their_time_is_over(
    store: Store, note: str, people: dict[str, str], clock: Clock
) -> None:
    store.settings = store.settings.model_copy(update={"retention_days": 30})
    take(store, note, people["coder"], 0, Decision(Kind.COMPLETE))
    clock.move(days=29)
    assert store.write(lambda unit: delete_expired(unit, by="system")) == 0
    clock.move(days=2)
    assert store.write(lambda unit: delete_expired(unit, by="system")) == 1
    assert store.write(lambda unit: delete_expired(unit, by="system")) == 0


def test_keys_rotate_and_moved_words_are_refused(store: Store, note: str) -> None:
    old = store.secrets.text.newest[1]
    store.secrets = replace(store.secrets, text=KeyRing.of(b"n" * 32, old))
    with store.read() as session:
        assert read_note(session, store.secrets, note).text == WORDS
    last = store.write(seal_again)
    assert last
    assert store.write(lambda unit: seal_again(unit, after=last)) == ""
    store.secrets = replace(store.secrets, text=KeyRing.of(b"n" * 32))
    with store.read() as session:
        assert read_note(session, store.secrets, note).text == WORDS
        store.secrets = Secrets.random()
        with pytest.raises(Exception, match=r"text\.keys"):
            read_note(session, store.secrets, note)


@pytest.mark.parametrize("id_", ["n_0", "", "\x00", "é", "'; DROP TABLE notes; --", "x" * 300])
def test_an_unknown_id_is_not_found(store: Store, id_: str) -> None:
    with store.read() as session, pytest.raises(NotFoundError):
        note_row(session, id_)
