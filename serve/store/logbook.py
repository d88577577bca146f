"""The rows of the log: read in order, and held against the other tables."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from serve.log.chain import Link
from serve.log.verify import Head
from serve.store.notes import NoteStatus
from serve.store.store import Store
from serve.store.tables import LogHead, LogRow, NoteRow

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


def out_of_step(session: Session) -> list[str]:
    """Return the notes whose number of decisions is not the log's."""
    n_logged = (
        select(func.coalesce(func.max(LogRow.version), 0))
        .where(LogRow.note_id == NoteRow.id)
        .scalar_subquery()
    )
    query = select(NoteRow.id).where(NoteRow.version != n_logged).order_by(NoteRow.id)
    return list(session.scalars(query))


def misplaced(session: Session) -> list[str]:
    """Return the notes that are complete and by the log are not, or the other way round."""
    complete, reopened = _last_version("complete"), _last_version("reopen")
    query = select(NoteRow.id).where(
        (NoteRow.status == NoteStatus.COMPLETE) != (complete > reopened)
    )
    return list(session.scalars(query.order_by(NoteRow.id)))


def _last_version(kind: str) -> ScalarSelect[int]:
    """Return the number of a note's last decision of a kind, 0 without one."""
    decided = select(func.coalesce(func.max(LogRow.version), 0)).where(
        LogRow.note_id == NoteRow.id,
        LogRow.kind == "decision",
        LogRow.body.contains(f'"kind":"{kind}"', autoescape=True),
    )
    return decided.scalar_subquery()


def lost_notes(session: Session) -> list[str]:
    """Return the notes that were received, and of which there is no row any more."""
    query = select(LogRow.note_id).where(
        LogRow.kind.in_(("note.received", "note.second")), LogRow.note_id.not_in(select(NoteRow.id))
    )
    return [note for note in session.scalars(query.order_by(LogRow.seq)) if note]


def export_head(store: Store, *, by: str) -> Head:
    """Return the end of the log, and keep in the log that it was taken."""
    store.write(lambda unit: unit.log("log.head", by))
    with store.read() as session:
        return head_of(session)
