"""Which codes are asked for: the commonest, or those that stand often enough.

Counted on the training notes, so that nothing of a test set decides what is asked. Where the
literature counts over all splits, a corpus says so in its card.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

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


def restrict(notes: Iterable[CodedNote], codes: Iterable[Code]) -> Iterator[CodedNote]:
    """Yield the notes with these codes alone, and their evidence; none that is left without one."""
    wanted = frozenset(codes)
    for coded in notes:
        kept = tuple(code for code in coded.codes if code in wanted)
        if kept:
            evidence = tuple(e for e in coded.evidence if e.code in wanted)
            yield replace(coded, codes=kept, evidence=evidence)
