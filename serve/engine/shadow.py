"""Two models side by side: how far their codes agree, note by note, without a word of a note."""

from __future__ import annotations

import threading
from collections import Counter, deque
from dataclasses import dataclass

from cac.coding import CodingResult

_N_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Comparison:
    """The codes of one note by two models."""

    note_id: str
    model_version: str
    shadow_version: str
    n_both: int
    n_model_only: int
    n_shadow_only: int
    is_same_first: bool

    @property
    def jaccard(self) -> float:
        """Shared codes among all codes, in 0..1; 1 where neither model has one."""
        n_codes = self.n_both + self.n_model_only + self.n_shadow_only
        return self.n_both / n_codes if n_codes else 1.0


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


def compare(result: CodingResult, shadow: CodingResult) -> Comparison:
    """Return how far two answers for one note agree."""
    first = [s.code for s in result.suggestions]
    second = [s.code for s in shadow.suggestions]
    both = set(first) & set(second)
    return Comparison(
        note_id=result.note_id,
        model_version=result.model_version,
        shadow_version=shadow.model_version,
        n_both=len(both),
        n_model_only=len(set(first) - both),
        n_shadow_only=len(set(second) - both),
        is_same_first=first[:1] == second[:1],
    )


class Agreements:
    """Comparisons as they come in: sums by pair of versions, and the newest of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[tuple[str, str], Counter[str]] = {}
        self._jaccard: dict[tuple[str, str], float] = {}
        self._newest: deque[Comparison] = deque(maxlen=_N_KEPT)

    def add(self, comparison: Comparison) -> None:
        """Take one note in."""
        pair = (comparison.model_version, comparison.shadow_version)
        with self._lock:
            self._newest.append(comparison)
            self._jaccard[pair] = self._jaccard.get(pair, 0.0) + comparison.jaccard
            self._sums.setdefault(pair, Counter()).update(
                notes=1,
                both=comparison.n_both,
                model=comparison.n_model_only,
                shadow=comparison.n_shadow_only,
                first=comparison.is_same_first,
            )

    @property
    def newest(self) -> tuple[Comparison, ...]:
        """The last thousand comparisons, the oldest first."""
        with self._lock:
            return tuple(self._newest)

    @property
    def sums(self) -> tuple[Agreement, ...]:
        """The agreement of each pair of versions that met."""
        with self._lock:
            return tuple(
                Agreement(
                    *pair,
                    n_notes=sums["notes"],
                    n_both=sums["both"],
                    n_model_only=sums["model"],
                    n_shadow_only=sums["shadow"],
                    mean_jaccard=self._jaccard[pair] / sums["notes"],
                    same_first=sums["first"] / sums["notes"],
                )
                for pair, sums in self._sums.items()
            )
