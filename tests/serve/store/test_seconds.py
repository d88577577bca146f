"""A note that two coders review: what they share, and what they do not."""

import pytest
from sqlalchemy import func, select

from cac.coding import Code, CodeSystem
from serve.access.principal import Role
from serve.access.users import add_user
from serve.errors import ConflictError, GoneError
from serve.review import Decision, Kind
from serve.store import Store
from serve.store.answers import answer_of
from serve.store.audit import audit
from serve.store.claims import claim, release
from serve.store.notes import delete_expired, delete_text, note_row, read_note
from serve.store.pairs import is_barred, is_hidden
from serve.store.reviews import history_of, state_of
from serve.store.seconds import add_second
from serve.store.tables import TextRow

from ..conftest import Clock
from .test_reviews import CKD, NOTE, note, take

__all__ = ["note"]  # A fixture.

I10 = Code(CodeSystem.ICD10CM, "I10")


@pytest.fixture
def second(store: Store, note: str, people: dict[str, str]) -> str:
    """The second review of a note that the coder has completed."""
    take(store, note, people["coder"], 0, Decision(Kind.ACCEPT, CKD), Decision(Kind.COMPLETE))
    return store.write(lambda unit: add_second(unit, note, by=people["auditor"]).id)


@pytest.fixture
def other(store: Store) -> str:
    """A coder who has met neither review."""
    return store.write(lambda unit: add_user(unit, "other", Role.CODER).id)


def test_a_second_review_has_the_same_words_and_answer_and_a_state_of_its_own(
    store: Store, note: str, second: str, other: str
) -> None:
    take(store, second, other, 0, Decision(Kind.ADD, I10), Decision(Kind.COMMENT, comment="hm"))
    with store.read() as session:
        row = note_row(session, second)
        assert (row.second_of, row.blinded, row.confidence) == (note, True, None)
        assert read_note(session, store.secrets, second).text == NOTE.text
        first, copied = answer_of(session, note), answer_of(session, second)
        assert first
        assert copied == first | {"note_id": second}
        assert [c.code for c in state_of(session, store.secrets, second).codes] == [I10]
        assert [c.code for c in state_of(session, store.secrets, note).codes] == [CKD]
        kinds = [r.kind for r in history_of(session, second)]
        assert kinds == ["note.second", "note.suggested", "note.claimed", "decision", "decision"]
        assert audit(session, store.secrets).faults == []
        words = select(func.count()).select_from(TextRow).where(TextRow.kind == "note")
        assert session.scalars(words).one() == 1


def test_there_is_one_second_review_and_none_of_it(
    store: Store, note: str, second: str, people: dict[str, str]
) -> None:
    for of in (note, second):
        with pytest.raises(ConflictError, match="two reviews already"):
            store.write(lambda unit, of=of: add_second(unit, of, by=people["auditor"]))


def test_who_worked_on_one_review_does_not_work_on_the_other(
    store: Store, note: str, second: str, people: dict[str, str], other: str
) -> None:
    with pytest.raises(ConflictError, match="other review"):
        take(store, second, people["coder"], 0, Decision(Kind.ADD, I10))
    store.write(lambda unit: claim(unit, second, by=other))
    store.write(lambda unit: release(unit, second, by=other))
    store.write(lambda unit: release(unit, note, by=people["coder"]))
    with pytest.raises(ConflictError, match="other review"):
        store.write(lambda unit: claim(unit, note, by=other))


def test_who_saw_one_review_does_not_work_on_the_other(
    store: Store, note: str, second: str, other: str
) -> None:
    store.write(lambda unit: unit.log("note.viewed", other, note, suggestions=True))
    with pytest.raises(ConflictError, match="other review"):
        store.write(lambda unit: claim(unit, second, by=other))
    with store.read() as session:
        assert is_barred(session, note_row(session, second), other)
        assert not is_barred(session, note_row(session, note), other)


def test_a_review_is_hidden_from_whoever_may_be_influenced(
    store: Store, note: str, second: str, people: dict[str, str], other: str
) -> None:
    store.write(lambda unit: claim(unit, second, by=other))
    with store.read() as session:
        one, two = note_row(session, note), note_row(session, second)
        for row, user, sees_all, hidden in (
            (one, people["coder"], False, False),
            (two, people["coder"], False, True),
            (one, other, False, True),
            (one, other, True, True),
            (two, other, False, False),
            (one, people["reader"], False, True),
            (one, people["auditor"], True, False),
        ):
            assert is_hidden(session, row, user, sees_all=sees_all) is hidden


@pytest.mark.parametrize("asked_of", ["first", "second"])
def test_the_words_of_both_reviews_are_deleted(
    store: Store, note: str, second: str, people: dict[str, str], other: str, asked_of: str
) -> None:
    take(store, second, other, 0, Decision(Kind.COMMENT, comment="Zebulon again"))
    id_ = {"first": note, "second": second}[asked_of]
    store.write(lambda unit: delete_text(unit, id_, by=people["administrator"]))
    with store.read() as session:
        assert session.scalars(select(func.count()).select_from(TextRow)).one() == 0
        for each in (note, second):
            with pytest.raises(GoneError):
                read_note(session, store.secrets, each)
            assert history_of(session, each)[-1].kind == "note.text_deleted"


def test_retention_takes_both_reviews(store: Store, note: str, second: str, clock: Clock) -> None:
    store.settings = store.settings.model_copy(update={"retention_days": 30})
    clock.move(days=31)
    assert store.write(lambda unit: delete_expired(unit, by="system")) == 1
    with store.read() as session, pytest.raises(GoneError):
        read_note(session, store.secrets, second)


def test_a_note_without_words_has_no_second_review(
    store: Store, note: str, people: dict[str, str]
) -> None:
    store.write(lambda unit: delete_text(unit, note, by=people["administrator"]))
    with pytest.raises(GoneError):
        store.write(lambda unit: add_second(unit, note, by=people["auditor"]))
