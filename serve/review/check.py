"""Whether a decision is allowed in the state that the note is in."""

from __future__ import annotations

from collections.abc import Callable

from cac.note import Span
from serve.errors import DecisionError
from serve.review.decision import Decision, Kind, Reason
from serve.review.state import DIAGNOSES, FINAL, CodeState, ReviewState, Status

MAX_COMMENT = 4000
MAX_EVIDENCE = 100
_MAX_ACTIVE_MS = 24 * 3600 * 1000
_POA = ("Y", "N", "U", "W", "1")


def check(decision: Decision, state: ReviewState, *, n_chars: int) -> None:
    """Raise DecisionError where the decision is not allowed.

    Args:
        decision: What the coder wants.
        state: After all decisions before it.
        n_chars: The length of the note, for the evidence.
    """
    if state.is_complete and decision.kind is not Kind.REOPEN:
        raise DecisionError("The note is complete; reopen it first.")
    if len(decision.comment) > MAX_COMMENT:
        raise DecisionError(f"A comment has at most {MAX_COMMENT} characters.")
    if not 0 <= decision.active_ms <= _MAX_ACTIVE_MS:
        raise DecisionError(f"active_ms lies between 0 and {_MAX_ACTIVE_MS}.")
    _check_evidence(decision.evidence, n_chars)
    _CHECKS[decision.kind](decision, state)


def _check_evidence(evidence: tuple[Span, ...], n_chars: int) -> None:
    if len(evidence) > MAX_EVIDENCE:
        raise DecisionError(f"A code has at most {MAX_EVIDENCE} pieces of evidence.")
    for span in evidence:
        if not 0 <= span.start < span.end <= n_chars:
            raise DecisionError(
                f"Evidence {span.start} to {span.end} does not lie in the note of {n_chars} "
                "characters; offsets count code points, half-open."
            )


def _known(decision: Decision, state: ReviewState) -> CodeState:
    if decision.code is None:
        raise DecisionError(f"{decision.kind.value} needs a code.")
    found = state.of(decision.code)
    if found is None:
        raise DecisionError(f"{decision.code} is not among the note's codes; add it.")
    return found


def _final(decision: Decision, state: ReviewState) -> CodeState:
    found = _known(decision, state)
    if found.status not in FINAL:
        raise DecisionError(f"{found.code} is {found.status.value}; accept it first.")
    return found


def _accept(decision: Decision, state: ReviewState) -> None:
    _known(decision, state)


def _reject(decision: Decision, state: ReviewState) -> None:
    _known(decision, state)
    if decision.reason is None:
        raise DecisionError("Reject needs a reason: " + ", ".join(Reason) + ".")
    if decision.reason is Reason.OTHER and not decision.comment.strip():
        raise DecisionError("The reason 'other' needs a comment.")


def _replace(decision: Decision, state: ReviewState) -> None:
    found = _known(decision, state)
    if decision.replacement is None or decision.replacement == found.code:
        raise DecisionError("Replace needs another code as its replacement.")


def _add(decision: Decision, state: ReviewState) -> None:
    if decision.code is None:
        raise DecisionError("Add needs a code.")
    found = state.of(decision.code)
    if found and found.status in FINAL | {Status.SUGGESTED}:
        raise DecisionError(f"{found.code} is {found.status.value} already.")


def _principal(decision: Decision, state: ReviewState) -> None:
    found = _final(decision, state)
    if found.code.system not in DIAGNOSES:
        raise DecisionError("Only a diagnosis can be the principal one.")


def _sequence(decision: Decision, state: ReviewState) -> None:
    final = [c.code for c in state.final]
    if len(decision.order) != len(final) or set(decision.order) != set(final):
        raise DecisionError(
            f"The order names each of the {len(final)} accepted and added codes once."
        )


def _poa(decision: Decision, state: ReviewState) -> None:
    found = _final(decision, state)
    if decision.poa not in _POA:
        raise DecisionError("The POA indicator is one of: " + ", ".join(_POA) + ".")
    if found.code.system not in DIAGNOSES:
        raise DecisionError("Only a diagnosis has a POA indicator.")


def _comment(decision: Decision, state: ReviewState) -> None:
    if not decision.comment.strip():
        raise DecisionError("The comment is empty.")
    if decision.code is not None:
        _known(decision, state)


def _undo(decision: Decision, state: ReviewState) -> None:
    _require_event(decision, state.undoable)


def _redo(decision: Decision, state: ReviewState) -> None:
    _require_event(decision, state.redoable)


def _require_event(decision: Decision, versions: tuple[int, ...]) -> None:
    if not versions:
        raise DecisionError(f"There is nothing to {decision.kind.value}.")
    if decision.event and decision.event not in versions:
        raise DecisionError(
            f"Event {decision.event} cannot be met by {decision.kind.value}; these can: "
            + ", ".join(map(str, versions))
            + "."
        )


def _complete(_: Decision, __: ReviewState) -> None:
    """Whatever is open may stay so: the page shows what is left, and the state keeps it."""


def _reopen(_: Decision, state: ReviewState) -> None:
    if not state.is_complete:
        raise DecisionError("The note is open already.")


_CHECKS: dict[Kind, Callable[[Decision, ReviewState], None]] = {
    Kind.ACCEPT: _accept,
    Kind.REJECT: _reject,
    Kind.REPLACE: _replace,
    Kind.ADD: _add,
    Kind.PRINCIPAL: _principal,
    Kind.SEQUENCE: _sequence,
    Kind.POA: _poa,
    Kind.COMMENT: _comment,
    Kind.UNDO: _undo,
    Kind.REDO: _redo,
    Kind.COMPLETE: _complete,
    Kind.REOPEN: _reopen,
}
