"""The one table with words: sealed, each bound to its place, and gone when asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from serve.secrets import Secrets, seal, unseal
from serve.store.ids import new_id
from serve.store.kept import text_place
from serve.store.store import Unit
from serve.store.tables import TextRow


class Kept(NamedTuple):
    """Words that were kept: the id of their row, and what binds them to the log."""

    id: str
    mac: str


def put_text(unit: Unit, note: str, kind: str, words: Mapping[str, str] | str) -> Kept:
    """Keep words of a note, encrypted; the log is to have what is returned."""
    row = TextRow(id=new_id("t"), note=note, kind=kind)
    place, plain = text_place(row), json.dumps(words)
    row.key_id, row.sealed = seal(unit.secrets.text, plain, place=place)
    unit.session.add(row)
    return Kept(row.id, unit.bind(place, plain))


def texts_of(session: Session, secrets: Secrets, note: str, kind: str) -> dict[str, str]:
    """Return the words of one kind by the id of their row."""
    rows = session.scalars(select(TextRow).where(TextRow.note == note, TextRow.kind == kind))
    return {row.id: json.loads(opened(secrets, row)) for row in rows}


def note_words(session: Session, secrets: Secrets, note: str) -> dict[str, str] | None:
    """Return text and patient's ids of a note; None where they were deleted."""
    query = select(TextRow).where(TextRow.note == note, TextRow.kind == "note")
    row = session.scalars(query).one_or_none()
    if row is None:
        return None
    words: dict[str, str] = json.loads(opened(secrets, row))
    return words


def forget_words(unit: Unit, note: str) -> None:
    """Delete a note's text, its patient's ids, and the comments on it."""
    unit.session.execute(delete(TextRow).where(TextRow.note == note))


def seal_again(unit: Unit, *, limit: int = 200) -> int:
    """Encrypt words of older keys with the newest; return how many are left to do."""
    newest, _ = unit.secrets.text.newest
    old = TextRow.key_id != newest
    for row in unit.session.scalars(select(TextRow).where(old).limit(limit)):
        words = opened(unit.secrets, row)
        row.key_id, row.sealed = seal(unit.secrets.text, words, place=text_place(row))
    unit.session.flush()
    return unit.session.scalars(select(func.count()).select_from(TextRow).where(old)).one()


def opened(secrets: Secrets, row: TextRow) -> str:
    """Decrypt a row; raises SettingsError where it was changed, or its key is not at hand."""
    return unseal(secrets.text, row.key_id, row.sealed, place=text_place(row))
