"""Events to state: what was undone is left out, the rest is applied in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from cac.coding import Code
from serve.review.decision import LASTING, Decision, Event, Kind
from serve.review.state import DIAGNOSES, FINAL, CodeState, ReviewState, Status, Suggested


def fold(events: Sequence[Event], suggested: Iterable[Suggested] = ()) -> ReviewState:
    """Return the state that follows from a note's events.

    Args:
        events: In the order of their versions.
        suggested: By rank; none for a coder who shall not see them.
    """
    standing, undone = _standing(events)
    codes = _Codes(suggested)
    for event in standing:
        codes.apply(event.decision)
    completing = [e.decision.kind for e in events if e.decision.kind in _COMPLETING]
    return ReviewState(
        version=events[-1].version if events else 0,
        codes=codes.states(),
        comments=tuple(e for e in standing if e.decision.kind is Kind.COMMENT),
        undoable=tuple(e.version for e in standing),
        redoable=tuple(e.version for e in undone),
        is_complete=completing[-1:] == [Kind.COMPLETE],
        active_ms=sum(e.decision.active_ms for e in events),
    )


_COMPLETING = frozenset({Kind.COMPLETE, Kind.REOPEN})


def _standing(events: Iterable[Event]) -> tuple[list[Event], list[Event]]:
    """Return the events that count, in order, and those undone, the last one undone last."""
    standing: list[Event] = []
    undone: list[Event] = []
    for event in events:
        kind = event.decision.kind
        if kind is Kind.UNDO:
            _move(event.decision.event, standing, undone)
        elif kind is Kind.REDO:
            _move(event.decision.event, undone, standing)
            standing.sort(key=lambda e: e.version)
        elif kind not in LASTING:
            standing.append(event)
            undone.clear()
    return standing, undone


def _move(version: int, source: list[Event], target: list[Event]) -> None:
    """Move the event of a version, or the last one, where it is there."""
    chosen = [e for e in source if version in (0, e.version)][-1:]
    for event in chosen:
        source.remove(event)
        target.append(event)


class _Codes:
    """The codes of a note while events are applied; whatever no longer fits changes nothing."""

    def __init__(self, suggested: Iterable[Suggested]) -> None:
        self._states = {
            s.code: CodeState(s.code, s.description, Status.SUGGESTED, s.evidence)
            for s in suggested
        }
        self._suggested = frozenset(self._states)
        self._order: tuple[Code, ...] = ()
        self._principal: Code | None = None
        self._steps: dict[Kind, Callable[[Decision, Code], None]] = {
            Kind.ACCEPT: self._accept,
            Kind.REJECT: self._reject,
            Kind.REPLACE: self._replace,
            Kind.ADD: self._add,
            Kind.PRINCIPAL: self._make_principal,
            Kind.POA: self._set_poa,
        }

    def apply(self, decision: Decision) -> None:
        if decision.kind is Kind.SEQUENCE:
            self._order = decision.order
        elif decision.kind in self._steps and decision.code:
            self._steps[decision.kind](decision, decision.code)

    def states(self) -> tuple[CodeState, ...]:
        """Return the codes: the suggested ones by rank, then the others as they came."""
        final = [c for c, state in self._states.items() if state.status in FINAL]
        final.sort(key=self._place)
        numbers = {code: number for number, code in enumerate(final, start=1)}
        return tuple(
            replace(state, sequence=numbers.get(code), principal=code == self._lead(numbers))
            for code, state in self._states.items()
        )

    def _lead(self, numbers: dict[Code, int]) -> Code | None:
        return self._principal if self._principal in numbers else None

    def _place(self, code: Code) -> tuple[bool, int]:
        known = self._order.index(code) if code in self._order else len(self._order)
        return code != self._principal, known

    def _known(self, code: Code) -> CodeState:
        return self._states.get(code) or CodeState(code, "", Status.ADDED)

    def _leave(self, code: Code) -> None:
        """Take back what a code was replaced by, before something else becomes of it."""
        by = self._known(code).replacement
        if by is None or self._known(by).replaces != code:
            return
        if by in self._suggested:
            old = self._known(by)
            self._states[by] = replace(old, status=Status.SUGGESTED, replaces=None)
        else:
            self._states.pop(by, None)

    def _accept(self, decision: Decision, code: Code) -> None:
        self._leave(code)
        old = self._known(code)
        self._states[code] = replace(
            old, status=Status.ACCEPTED if code in self._suggested else Status.ADDED,
            replacement=None, reason=None, evidence=decision.evidence or old.evidence,
        )  # fmt: skip

    _add = _accept

    def _reject(self, decision: Decision, code: Code) -> None:
        self._leave(code)
        self._states[code] = replace(
            self._known(code), status=Status.REJECTED, replacement=None, reason=decision.reason
        )

    def _replace(self, decision: Decision, code: Code) -> None:
        by = decision.replacement
        if by is None:
            return
        self._leave(code)
        old = self._known(code)
        self._states[code] = replace(
            old, status=Status.REPLACED, replacement=by, reason=decision.reason
        )
        new = self._known(by)
        if new.status in FINAL and by in self._states:
            return
        self._states[by] = replace(
            new, status=Status.ACCEPTED if by in self._suggested else Status.ADDED,
            replaces=code, reason=None, evidence=decision.evidence or new.evidence or old.evidence,
        )  # fmt: skip

    def _make_principal(self, _: Decision, code: Code) -> None:
        if code.system in DIAGNOSES:
            self._principal = code

    def _set_poa(self, decision: Decision, code: Code) -> None:
        if code in self._states:
            self._states[code] = replace(self._states[code], poa=decision.poa)
