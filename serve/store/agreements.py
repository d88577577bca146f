"""How far two models agree, by pair of versions: sums that outlive the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from serve.store.store import Unit
from serve.store.tables import AgreementRow


class Compared(Protocol):
    """The codes of one note by two models, counted; ``jaccard`` lies in 0..1."""

    @property
    def model_version(self) -> str: ...  # noqa: D102
    @property
    def shadow_version(self) -> str: ...  # noqa: D102
    @property
    def n_both(self) -> int: ...  # noqa: D102
    @property
    def n_model_only(self) -> int: ...  # noqa: D102
    @property
    def n_shadow_only(self) -> int: ...  # noqa: D102
    @property
    def is_same_first(self) -> bool: ...  # noqa: D102
    @property
    def jaccard(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a model and its shadow came to over ``n_notes``; shares lie in 0..1."""

    model_version: str
    shadow_version: str
    n_notes: int
    n_both: int
    n_model_only: int
    n_shadow_only: int
    mean_jaccard: float
    same_first: float
    first_at: datetime
    last_at: datetime


def add_compared(unit: Unit, notes: Sequence[Compared]) -> None:
    """Take notes in that two models answered."""
    for note in notes:
        row = _row(unit, note)
        row.n_notes += 1
        row.n_both += note.n_both
        row.n_model_only += note.n_model_only
        row.n_shadow_only += note.n_shadow_only
        row.n_same_first += note.is_same_first
        row.sum_jaccard += note.jaccard
        row.last_at = unit.now
        unit.session.flush()


def agreements_of(session: Session) -> list[Agreement]:
    """Return the agreement of each pair of versions that met, the newest first."""
    return [
        Agreement(
            row.model_version, row.shadow_version, row.n_notes, row.n_both, row.n_model_only,
            row.n_shadow_only, row.sum_jaccard / row.n_notes, row.n_same_first / row.n_notes,
            row.first_at, row.last_at,
        )
        for row in session.scalars(select(AgreementRow).order_by(AgreementRow.last_at.desc()))
    ]  # fmt: skip


def _row(unit: Unit, note: Compared) -> AgreementRow:
    pair = (note.model_version, note.shadow_version)
    # Locked, since another process may count for the same pair.
    row = unit.session.get(AgreementRow, pair, with_for_update=True)
    if row is None:
        row = AgreementRow(
            model_version=pair[0], shadow_version=pair[1], n_notes=0, n_both=0, n_model_only=0,
            n_shadow_only=0, n_same_first=0, sum_jaccard=0.0, first_at=unit.now, last_at=unit.now,
        )  # fmt: skip
        unit.session.add(row)
    return row
