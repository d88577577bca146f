"""The one table with words: sealed, each bound to its place, and gone when asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cac.errors import SettingsError
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


def seal_again(unit: Unit, *, after: str = "", limit: int = 200) -> str:
    """Encrypt words of older keys with the newest, some at a time.

    What cannot be opened stays as it is: `cac log verify` names it.

    Returns:
        The id of the last row that was looked at, to go on ``after``; "" where none is left.
    """
    newest, _ = unit.secrets.text.newest
    query = select(TextRow).where(TextRow.key_id != newest, TextRow.id > after)
    rows = list(unit.session.scalars(query.order_by(TextRow.id).limit(limit)))
    for row in rows:
        with suppress(SettingsError):
            words = opened(unit.secrets, row)
            row.key_id, row.sealed = seal(unit.secrets.text, words, place=text_place(row))
    return rows[-1].id if rows else ""


def opened(secrets: Secrets, row: TextRow) -> str:
    """Decrypt a row; raises SettingsError where it was changed, or its key is not at hand."""
    return unseal(secrets.text, row.key_id, row.sealed, place=text_place(row))
