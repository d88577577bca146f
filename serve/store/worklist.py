"""The notes that wait for coders, page by page."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from serve.errors import DecisionError
from serve.settings import Settings
from serve.store.notes import NoteStatus
from serve.store.tables import NoteRow

MAX_LIMIT = 200
SORTS = ("age", "priority", "confidence", "payer")
STATUSES = (*(status.value for status in NoteStatus), "claimed")
# Where no confidence is known, the note is shown as the least certain.
_CONFIDENCE = func.coalesce(NoteRow.confidence, -1.0)


@dataclass(frozen=True, slots=True)
class Page:
    """Some notes, and the cursor of those that follow ("" at the end)."""

    notes: Sequence[NoteRow]
    next_cursor: str


def list_notes(
    session: Session,
    settings: Settings,
    now: datetime,
    *,
    status: str = "",
    payer: str = "",
    claimed_by: str = "",
    sort: str = "age",
    cursor: str = "",
    limit: int = 50,
) -> Page:
    """Return a page of the work list.

    Args:
        session: From `Store.read`.
        settings: For the life of a claim.
        now: The store's clock.
        status: One of `STATUSES`; "" for all.
        payer: Of this payer alone.
        claimed_by: Held by this user.
        sort: ``age`` (oldest first), ``priority`` (highest first), ``confidence`` (least certain
            first) or ``payer``.
        cursor: Of the page before.
        limit: Notes a page.

    Raises:
        DecisionError: an unknown status, sort or cursor.
    """
    if status and status not in STATUSES:
        raise DecisionError("Unknown status. Known: " + ", ".join(STATUSES) + ".")
    if sort not in SORTS:
        raise DecisionError("Unknown sort. Known: " + ", ".join(SORTS) + ".")
    query = select(NoteRow)
    if status:
        query = query.where(_has(status, now, settings))
    if not payer.isprintable():
        raise DecisionError("A payer has printable characters alone.")
    if payer:
        query = query.where(NoteRow.payer == payer)
    if claimed_by:
        query = query.where(NoteRow.claimed_by == claimed_by, _is_held(now, settings))
    keys = _keys(sort)
    if cursor:
        query = query.where(_after(keys, _opened(cursor, sort)))
    n = max(1, min(limit, MAX_LIMIT))
    found = list(session.scalars(query.order_by(*(key.order for key in keys)).limit(n + 1)))
    more = len(found) > n
    return Page(found[:n], _sealed(sort, keys, found[n - 1]) if more else "")


def counts(session: Session) -> dict[str, int]:
    """Return how many notes there are of each status."""
    rows = session.execute(select(NoteRow.status, func.count()).group_by(NoteRow.status))
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class _Key:
    column: ColumnElement[Any]
    name: str
    falls: bool = False

    @property
    def order(self) -> ColumnElement[Any]:
        return self.column.desc() if self.falls else self.column.asc()

    def beyond(self, value: Any) -> ColumnElement[bool]:
        further: ColumnElement[bool] = self.column < value if self.falls else self.column > value
        return further


def _keys(sort: str) -> list[_Key]:
    first = {
        "age": [],
        "priority": [_Key(NoteRow.priority.expression, "priority", falls=True)],
        "confidence": [_Key(_CONFIDENCE, "confidence")],
        "payer": [_Key(NoteRow.payer.expression, "payer")],
    }[sort]
    return [
        *first,
        _Key(NoteRow.received_at.expression, "received_at"),
        _Key(NoteRow.id.expression, "id"),
    ]


def _has(status: str, now: datetime, settings: Settings) -> ColumnElement[bool]:
    held = _is_held(now, settings)
    if status == "claimed":
        return and_(NoteRow.status == NoteStatus.READY, held)
    return NoteRow.status == status


def _is_held(now: datetime, settings: Settings) -> ColumnElement[bool]:
    life = timedelta(minutes=settings.claim_minutes)
    return NoteRow.claim_seen_at.between(now - life, now + life)


def _after(keys: Sequence[_Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """Say "further down": beyond in the first key, or equal in it and beyond in the rest."""
    cases = []
    for index, (key, value) in enumerate(zip(keys, values, strict=True)):
        same = [k.column == v for k, v in zip(keys[:index], values[:index], strict=True)]
        cases.append(and_(*same, key.beyond(value)))
    return or_(*cases)


def _sealed(sort: str, keys: Sequence[_Key], row: NoteRow) -> str:
    values = [getattr(row, key.name) for key in keys]
    plain = [v.isoformat() if isinstance(v, datetime) else -1.0 if v is None else v for v in values]
    return base64.urlsafe_b64encode(json.dumps([sort, *plain]).encode()).decode()


def _opened(cursor: str, sort: str) -> list[Any]:
    try:
        made_for, *values = json.loads(base64.urlsafe_b64decode(cursor))
        at = datetime.fromisoformat(values[-2])
        values[-2] = at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, TypeError, IndexError, OverflowError):
        raise DecisionError("The cursor is not one of this list; begin without one.") from None
    keys = _keys(sort)
    if made_for != sort or len(values) != len(keys):
        raise DecisionError("The cursor belongs to another sort; begin without one.")
    if not all(_may_be(key.name, value) for key, value in zip(keys, values, strict=True)):
        raise DecisionError("The cursor is not one of this list; begin without one.")
    opened: list[Any] = values
    return opened


def _may_be(name: str, value: object) -> bool:
    """Tell whether a column may have a value: a database fails at one of another kind."""
    if name == "received_at":
        return isinstance(value, datetime)
    if name == "priority":
        return type(value) is int and abs(value) < 1 << 31
    if name == "confidence":
        return type(value) is float and -1 <= value <= 1
    return isinstance(value, str) and value.isprintable()
