"""In how many notes codes stand, and which stand often enough.

Where the literature counts over all splits, a corpus says so in its card; a model is asked for what
its training notes hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from cac.coding import Code, CodedNote


def count_codes(notes: Iterable[CodedNote]) -> Counter[Code]:
    """Return in how many notes each code stands."""
    return Counter(code for coded in notes for code in set(coded.codes))


def choose_codes(
    counts: Mapping[Code, int], *, min_count: int = 1, top: int | None = None
) -> tuple[Code, ...]:
    """Return the codes that stand in at least ``min_count`` notes, the ``top`` commonest of them.

    In order of frequency; ties in order of system and value, so that no run differs.
    """
    kept = (code for code, n_notes in counts.items() if n_notes >= min_count)
    return tuple(sorted(kept, key=lambda code: (-counts[code], code))[:top])
