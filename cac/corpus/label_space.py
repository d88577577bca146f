"""Coded notes with the codes of a label space alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cac.coding import Code, CodedNote


def restrict(notes: Iterable[CodedNote], codes: Iterable[Code]) -> Iterator[CodedNote]:
    """Yield the notes with these codes alone, and their evidence; none that is left without one."""
    wanted = frozenset(codes)
    for coded in notes:
        kept = tuple(code for code in coded.codes if code in wanted)
        if kept:
            evidence = tuple(e for e in coded.evidence if e.code in wanted)
            yield replace(coded, codes=kept, evidence=evidence)
