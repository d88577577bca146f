"""The rows of the log, read in order, and its end."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.log.chain import Link
from serve.log.verify import Head
from serve.store.store import Store
from serve.store.tables import LogHead, LogRow

_N_AT_ONCE = 1000


def links_of(session: Session) -> Iterator[Link]:
    """Yield every row in order, some at a time."""
    columns = [getattr(LogRow, name) for name in Link.__slots__]
    rows = session.execute(
        select(*columns).order_by(LogRow.seq), execution_options={"yield_per": _N_AT_ONCE}
    )
    return (Link(*row) for row in rows)


def head_of(session: Session) -> Head:
    """Return the end of the log as the database has it; number 0 where nothing is written."""
    seq, mac = session.execute(select(LogHead.seq, LogHead.mac)).one()
    return Head(seq, mac, "database")


def own_heads(session: Session) -> list[Head]:
    """Return the end that the database itself keeps: one, unless somebody changed the table."""
    rows = session.execute(select(LogHead.seq, LogHead.mac).order_by(LogHead.id))
    return [Head(seq, mac, "database") for seq, mac in rows]


def is_kept(session: Session, head: Head) -> bool:
    """Tell whether a row is still there as it was when it was the last one."""
    row = session.get(LogRow, head.seq)
    return not head.seq or (row is not None and row.mac == head.mac)


def last_rows(
    session: Session, *, before: int | None = None, kind: str = "", limit: int = 100
) -> list[LogRow]:
    """Return rows of the log, the newest first; ``before`` is the number of the page's end."""
    query = select(LogRow).order_by(LogRow.seq.desc()).limit(limit)
    if before is not None:
        query = query.where(LogRow.seq < before)
    if kind:
        query = query.where(LogRow.kind == kind)
    return list(session.scalars(query))


def export_head(store: Store, *, by: str) -> Head:
    """Return the end of the log, and keep in the log that it was taken."""
    store.write(lambda unit: unit.log("log.head", by))
    with store.read() as session:
        return head_of(session)
