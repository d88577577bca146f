"""What an audit comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Found:
    """Faults, each in a line that names an id; and how many rows of each kind the log covers not.

    ``n_uncovered`` counts what an earlier version kept, of which the log knows no more than that
    it was kept.
    """

    faults: list[str] = field(default_factory=list)
    n_uncovered: Counter[str] = field(default_factory=Counter)

    def fault(self, note: str, what: str) -> None:
        """Keep what is wrong with a note."""
        self.faults.append(f"note {note}: {what}")

    @contextmanager
    def reading(self, table: str) -> Iterator[None]:
        """Name a table that cannot be read to its end: SQLite takes anything into any column."""
        try:
            yield
        except (ValueError, TypeError) as error:
            kind = type(error).__name__
            self.faults.append(f"{table}: a row cannot be read ({kind}); the rest is not checked")

    def add(self, other: Found) -> None:
        """Take in what another audit came to."""
        self.faults += other.faults
        self.n_uncovered += other.n_uncovered

    @property
    def remarks(self) -> list[str]:
        """What is not covered, in a line for each kind."""
        return [
            f"{n} {kind} not covered: kept by a version that put no digest into the log"
            for kind, n in sorted(self.n_uncovered.items())
        ]
