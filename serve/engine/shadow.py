"""Two models side by side: how far their codes agree, note by note, without a word of a note."""

from __future__ import annotations

from collections import deque
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
    """The newest comparisons since the server started; the store has the sums."""

    def __init__(self) -> None:
        self._newest: deque[Comparison] = deque(maxlen=_N_KEPT)

    def add(self, comparison: Comparison) -> None:
        """Take one note in."""
        self._newest.append(comparison)

    @property
    def newest(self) -> tuple[Comparison, ...]:
        """The last thousand comparisons, the oldest first."""
        return tuple(self._newest.copy())
