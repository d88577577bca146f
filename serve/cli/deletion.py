"""The actions of ``cac notes``; each returns how many notes lost their words."""

from __future__ import annotations

from collections.abc import Sequence

from serve.cli.opening import operator
from serve.store import Store, Unit
from serve.store.notes import delete_expired, delete_text, named


def delete(store: Store, note_ids: Sequence[str]) -> int:
    """Delete the words of notes, all or, where one is not known, none."""

    def work(unit: Unit) -> None:
        for note_id in note_ids:
            delete_text(unit, named(unit.session, note_id).id, by=operator())

    store.write(work)
    return len(note_ids)


def purge(store: Store) -> int:
    """Delete the words of the notes whose time of retention is over, some at a time."""
    n_all = 0
    while n := store.write(lambda unit: delete_expired(unit, by=operator())):
        n_all += n
    return n_all
