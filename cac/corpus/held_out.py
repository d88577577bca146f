"""Ids that no program may learn from or tune on; shipped, to be known without the data."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus import aci_bench, codiesp, mdace
from cac.errors import SettingsError
from cac.note import Note

_N_SHOWN = 3


@lru_cache(maxsize=1)
def held_out_ids() -> dict[str, frozenset[str]]:
    """Return the held-out ids by name of corpus; MDACE's are charts, the others notes."""
    text = files("cac.corpus").joinpath("held_out.json").read_text(encoding="utf-8")
    return {name: frozenset(ids) for name, ids in json.loads(text).items()}


def corpus_of_test_id(note_id: str) -> str | None:
    """Return the corpus whose test split holds the note, if any does."""
    chart = note_id.rsplit("-", 1)[0]
    return next(
        (name for name, ids in held_out_ids().items() if note_id in ids or chart in ids), None
    )


def held_out_charts(corpus: str) -> frozenset[int]:
    """Return the admissions (HADM_ID) behind a corpus's held-out charts, whatever their subset."""
    return frozenset(int(chart.rsplit("-", 1)[1]) for chart in held_out_ids()[corpus])


def refuse_test_ids(notes: Iterable[CodedNote | Note]) -> None:
    """Refuse notes of a test split; every command that learns, tunes or calibrates asks this.

    Raises:
        SettingsError: naming the corpus and up to three of the ids.
    """
    found: dict[str, list[str]] = {}
    for note in notes:
        note_id = note.note.note_id if isinstance(note, CodedNote) else note.note_id
        corpus = corpus_of_test_id(note_id)
        if corpus:
            found.setdefault(corpus, []).append(note_id)
    if found:
        shown = "; ".join(
            f"{len(ids)} of {name} ({', '.join(ids[:_N_SHOWN])})" for name, ids in found.items()
        )
        raise SettingsError(
            f"Notes of a test split found: {shown}. They are kept for measuring; leave them out."
        )


def collect_held_out_ids(folder: Path) -> dict[str, list[str]]:
    """Read from the data folder what `held_out_ids` ships, to check or renew it.

    ACI-Bench holds out every encounter without a published development label.
    """
    labelled = {c.note.note_id for c in aci_bench.load(folder, "dev", "en")}
    splits = ("train", "valid", "test1", "test2", "test3")
    encounters = {c.note.note_id for s in splits for c in aci_bench.load(folder, s, "en")}
    return {
        "codiesp": sorted(c.note.note_id for c in codiesp.load(folder, "test", "es")),
        "aci_bench": sorted(encounters - labelled),
        "mdace": sorted(
            f"mdace-{subset.lower()}-{hadm_id}"
            for subset in ("Inpatient", "Profee")
            for hadm_id in mdace.chart_ids(folder, "test", subset)
        ),
    }
