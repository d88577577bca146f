"""Splits in which no patient stands on two sides."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence

from cac.coding import CodedNote
from cac.errors import CorpusError, SettingsError
from cac.note import Note


def group_of(note: Note) -> str:
    """Return what must stay together: the patient, else the encounter, else the note."""
    return note.patient_id or note.encounter_id or note.note_id


def split_by_patient(
    notes: Sequence[CodedNote], shares: Mapping[str, float], *, seed: int = 0
) -> dict[str, list[CodedNote]]:
    """Divide the notes by a hash of their patient, so that later notes join their patient.

    Args:
        notes: in any order; each side keeps it.
        shares: share of the patients by name of the split, together 1.
        seed: another seed gives another division.

    Raises:
        SettingsError: the shares are negative or do not sum to 1.
    """
    if any(share < 0 for share in shares.values()) or abs(sum(shares.values()) - 1) > 1e-9:
        raise SettingsError(f"Shares {dict(shares)} found; they must sum to 1.")
    splits: dict[str, list[CodedNote]] = {name: [] for name in shares}
    for coded in notes:
        splits[split_of(group_of(coded.note), shares, seed)].append(coded)
    return splits


def split_of(group: str, shares: Mapping[str, float], seed: int = 0) -> str:
    """Return the split that a patient's hash falls into; the same for ever, whoever else is there.

    Args:
        group: what `group_of` returns.
        shares: share of the patients by name of the split, together 1.
        seed: another seed gives another division.
    """
    digest = hashlib.sha256(f"{seed}:{group}".encode("utf-8", "surrogatepass")).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64
    reached = 0.0
    for name, share in shares.items():
        reached += share
        if position < reached:
            return name
    return [name for name, share in shares.items() if share > 0][-1]


def leaking_patients(splits: Mapping[str, Sequence[CodedNote]]) -> dict[str, tuple[str, ...]]:
    """Return the patients that stand in more than one split, with the names of those splits."""
    names: dict[str, set[str]] = defaultdict(set)
    for name, notes in splits.items():
        for coded in notes:
            names[group_of(coded.note)].add(name)
    return {group: tuple(sorted(found)) for group, found in names.items() if len(found) > 1}


def require_no_leak(splits: Mapping[str, Sequence[CodedNote]]) -> None:
    """Refuse splits that share a patient.

    Raises:
        CorpusError: naming up to three patients and their splits.
    """
    leaks = leaking_patients(splits)
    if leaks:
        shown = "; ".join(f"{g} in {', '.join(names)}" for g, names in sorted(leaks.items())[:3])
        raise CorpusError(
            f"{len(leaks)} patients stand in more than one split ({shown}). "
            "Divide with split_by_patient."
        )
