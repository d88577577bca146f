"""Notes with canned answers in the store of a running server, and what coders decided on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cac.coding import Band, Code, CodeSystem, CodingResult, Concern, Evidence, Suggestion
from cac.note import Assertion, Note, Setting, Span
from serve.access.sessions import start_session
from serve.review import CodeState, Event, ReviewState
from serve.store import Store, Unit
from serve.store.answers import put_answer
from serve.store.claims import claim, release
from serve.store.notes import add_note, note_row
from serve.store.reviews import events_of, state_of
from serve.store.tables import User


@dataclass
class Desk:
    store: Store
    people: dict[str, str]
    ids: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        note_id: str,
        text: str,
        suggestions: list[dict[str, Any]],
        rejected: list[dict[str, Any]] | None = None,
        *,
        blinded: bool = False,
        priority: int = 0,
        language: str = "en",
        setting: Setting = Setting.INPATIENT,
    ) -> None:
        """Put a note in the work list, answered as given."""
        note = Note(note_id, text, setting=setting, language=language)

        def work(unit: Unit) -> str:
            row = add_note(unit, note, by=self.people["administrator"], priority=priority)
            row.blinded = blinded
            put_answer(unit, row.id, answer(note_id, suggestions, rejected or []))
            return row.id

        self.ids[note_id] = self.store.write(work)

    def queue(self, note_id: str, text: str) -> None:
        """Put a note in the work list that no model has read."""
        note = Note(note_id, text)
        by = self.people["administrator"]
        self.ids[note_id] = self.store.write(lambda unit: add_note(unit, note, by=by).id)

    def fail(self, note_id: str) -> None:
        """Let the model fail on a queued note."""

        def work(unit: Unit) -> None:
            row = note_row(unit.session, self.ids[note_id])
            row.status, row.failure = "failed", "error"

        self.store.write(work)

    def answer_again(self, note_id: str, model: str, suggestions: list[dict[str, Any]]) -> None:
        """Let a newer model answer."""
        result = answer(note_id, suggestions, [], model=model)
        self.store.write(lambda unit: put_answer(unit, self.ids[note_id], result))

    def hand_over(self, note_id: str, to: str) -> None:
        """Let another coder hold a note."""

        def work(unit: Unit) -> None:
            release(unit, self.ids[note_id], by=self.people["administrator"], force=True)
            claim(unit, self.ids[note_id], by=self.people[to])

        self.store.write(work)

    def session(self, who: str) -> str:
        """Return the cookie of a new session."""
        return self.store.write(
            lambda unit: start_session(unit, unit.session.get_one(User, self.people[who]))
        )

    def events(self, note_id: str) -> list[Event]:
        with self.store.read() as session:
            return events_of(session, self.store.secrets, self.ids[note_id])

    def kinds(self, note_id: str) -> list[str]:
        return [event.decision.kind.value for event in self.events(note_id)]

    def who(self, note_id: str) -> list[str]:
        names = {id_: name for name, id_ in self.people.items()}
        return [names[event.user_id] for event in self.events(note_id)]

    def state(self, note_id: str) -> ReviewState:
        with self.store.read() as session:
            return state_of(session, self.store.secrets, self.ids[note_id])

    def code(self, note_id: str, value: str) -> CodeState:
        return next(c for c in self.state(note_id).codes if c.code.value == value)

    def sequence(self, note_id: str) -> list[str]:
        return [c.code.value for c in self.state(note_id).final]


def answer(
    note_id: str,
    suggestions: list[dict[str, Any]],
    rejected: list[dict[str, Any]],
    *,
    model: str = "one",
) -> CodingResult:
    return CodingResult(
        note_id,
        tuple(_suggestion(s) for s in suggestions),
        model,
        {"ICD-10-CM": "2027"},
        "us-inpatient",
        rejected=tuple(_suggestion(s) for s in rejected),
    )


def _suggestion(s: dict[str, Any]) -> Suggestion:
    return Suggestion(
        Code(CodeSystem(s["system"]), s["code"]),
        s["description"],
        s["probability"],
        s["rank"],
        tuple(
            Evidence(Span(e["start"], e["end"]), e["text"], e["section"], Assertion(e["assertion"]))
            for e in s["evidence"]
        ),
        tuple(Concern(c["kind"], c["message"]) for c in s["concerns"]),
        s.get("rejected_because", ""),
        Band(s["band"]),
    )
