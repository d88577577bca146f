"""The state of a review as the API answers it."""

from __future__ import annotations

from datetime import date
from typing import Any

from cac.coding import Code
from cac.note import Span
from serve.api.alternatives import title_of
from serve.api.final_concerns import concerns_of, never_first
from serve.review import CodeState, Event, ReviewState


def state_record(state: ReviewState, day: date | None) -> dict[str, Any]:
    """Return a state; ``day`` is the date of service, for the titles of added codes."""
    return {
        "version": state.version,
        "status": "complete" if state.is_complete else "open",
        "codes": [_code(code, day) for code in state.codes],
        "concerns": concerns_of(state.final, day),
        "comments": [_comment(event) for event in state.comments],
        "undoable": list(state.undoable),
        "redoable": list(state.redoable),
        "active_ms": state.active_ms,
    }


def code_pair(code: Code | None) -> dict[str, str] | None:
    """Return a code as the API writes one."""
    return {"system": code.system.value, "value": code.value} if code else None


def span_record(span: Span) -> dict[str, int]:
    """Return a span as the API writes one."""
    return {"start": span.start, "end": span.end}


def _code(state: CodeState, day: date | None) -> dict[str, Any]:
    code = state.code
    return {
        "system": code.system.value,
        "value": code.value,
        "description": state.description or title_of(code.system, code.value, day),
        "status": state.status.value,
        "replacement": code_pair(state.replacement),
        "replaces": code_pair(state.replaces),
        "reason": state.reason.value if state.reason else None,
        "principal": state.principal,
        "sequence": state.sequence,
        "poa": state.poa or None,
        "never_first": never_first(code, day),
        "evidence": [span_record(span) for span in state.evidence],
    }


def _comment(event: Event) -> dict[str, Any]:
    return {
        "version": event.version,
        "by": event.user_id,
        "at": event.at,
        "code": code_pair(event.decision.code),
        "comment": event.decision.comment,
    }
