"""What a coder can do with a note, and the record of it that the log keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cac.coding import Code, CodeSystem
from cac.note import Span


class Kind(StrEnum):
    """The kinds of decision."""

    ACCEPT = "accept"
    REJECT = "reject"
    REPLACE = "replace"
    ADD = "add"
    PRINCIPAL = "principal"
    SEQUENCE = "sequence"
    POA = "poa"
    COMMENT = "comment"
    UNDO = "undo"
    REDO = "redo"
    COMPLETE = "complete"
    REOPEN = "reopen"


LASTING = frozenset({Kind.UNDO, Kind.REDO, Kind.COMPLETE, Kind.REOPEN})
"""What is not undone: each has its opposite."""


class Reason(StrEnum):
    """Why a code was rejected or replaced."""

    NOT_SUPPORTED = "not_supported"
    NEGATED = "negated"
    HISTORY_ONLY = "history_only"
    WRONG_SPECIFICITY = "wrong_specificity"
    INTEGRAL = "integral"
    NOT_BILLABLE_HERE = "not_billable_here"
    DUPLICATE = "duplicate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    ``event`` is the version of the event to undo or to redo (0: the last one); ``active_ms`` the
    time on the note since the decision before, without idle time.
    """

    kind: Kind
    code: Code | None = None
    replacement: Code | None = None
    reason: Reason | None = None
    comment: str = ""
    evidence: tuple[Span, ...] = ()
    order: tuple[Code, ...] = ()
    poa: str = ""
    event: int = 0
    active_ms: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """A decision as it was taken; ``version`` counts a note's decisions from 1.

    ``decision.comment`` is empty where the words were deleted.
    """

    version: int
    user_id: str
    at: str
    decision: Decision


def record_of(decision: Decision) -> dict[str, Any]:
    """Return what the log keeps of a decision; the comment's words stay out of it."""
    record: dict[str, Any] = {"kind": decision.kind.value}
    for name in ("code", "replacement"):
        if code := getattr(decision, name):
            record[name] = _pair(code)
    if decision.evidence:
        record["evidence"] = [[span.start, span.end] for span in decision.evidence]
    if decision.order:
        record["order"] = [_pair(code) for code in decision.order]
    plain = {"reason": decision.reason, "poa": decision.poa, "event": decision.event}
    record |= {name: value for name, value in plain.items() if value}
    return record | {"active_ms": decision.active_ms}


def decision_of(record: Mapping[str, Any], *, comment: str = "") -> Decision:
    """Read back what `record_of` wrote."""
    reason = record.get("reason")
    return Decision(
        Kind(record["kind"]),
        code=_code(record.get("code")),
        replacement=_code(record.get("replacement")),
        reason=Reason(reason) if reason else None,
        comment=comment,
        evidence=tuple(Span(start, end) for start, end in record.get("evidence", ())),
        order=tuple(Code(CodeSystem(s), value) for s, value in record.get("order", ())),
        poa=record.get("poa", ""),
        event=record.get("event", 0),
        active_ms=record.get("active_ms", 0),
    )


def _pair(code: Code) -> list[str]:
    return [code.system.value, code.value]


def _code(pair: list[str] | None) -> Code | None:
    return Code(CodeSystem(pair[0]), pair[1]) if pair else None
