"""The model card of a bundle, written when it is registered (Mitchell et al. 2019)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from training.environment import environment
from training.prepared import Prepared

_SHOWN = (
    "micro_precision", "micro_recall", "micro_f1", "macro_f1_present", "p_at_8", "r_precision",
    "map", "exact_match_ratio", "ece", "token_exact_f1", "share_with_evidence",
    "comprehensiveness", "sufficiency",
)  # fmt: skip


def model_card(
    evaluation: Mapping[str, Any],
    prepared: Prepared,
    manifest: Mapping[str, Any],
    gates: Sequence[str],
) -> str:
    """Return the card as Markdown.

    Args:
        evaluation: what `Evaluation.to_json` gave.
        prepared: the corpus.
        manifest: the bundle's.
        gates: what the bundle had to pass, a line each.
    """
    subject, licence = evaluation["subject"], prepared.licence
    restricted = manifest.get("restricted") is not False
    parts = [
        f"---\nlicence: {licence.name}\nweights: {licence.weights.value}\n---\n",
        f"# {subject['run']}: {subject['model_version']}\n",
        _intended(restricted),
        _data(prepared, manifest),
        f"## Figures\nOn {subject['n_notes']} notes of the split {subject['split']!r} "
        f"(digest {subject['split_digest'][:12]}); 95 % bootstrap intervals over notes.\n",
        *_figure_tables(evaluation["figures"]),
        "### By type of note\n" + _by_group(evaluation["note_types"]),
        "### By sex\nAs the text of each note states it of the patient.\n\n"
        + _by_group(evaluation["sexes"]),
        *_when_trained(manifest),
        "## Gates passed\n" + "".join(f"- {gate}\n" for gate in gates),
        _made_by(),
    ]
    return "\n".join(parts)


def _made_by() -> str:
    found = environment()
    changed = ", with local changes" if found.dirty else ""
    return f"## Made by\ncac commit {found.commit[:12]}{changed}; Python {found.python}.\n"


def _intended(restricted: bool) -> str:
    share = (
        "The licence of its training data forbids sharing it: **do not publish these weights**."
        if restricted
        else "It may be shared under the licence above."
    )
    return (
        "## Intended use and limits\n"
        "Suggests codes, with their evidence, for a coder to accept, reject or replace. Not for "
        "billing without a person, and no medical device. It knows the kinds of notes named below; "
        "on others its figures do not hold, which a drift report (`python -m training.drift`) "
        f"shows beforehand. {share}\n"
    )


def _data(prepared: Prepared, manifest: Mapping[str, Any]) -> str:
    rows = [
        (role, prepared.names.get(role, "set apart from train"), s.n_notes, s.n_patients,
         s.n_distinct_codes, s.digest[:12])
        for role, s in prepared.splits.items()
    ]  # fmt: skip
    sources = manifest.get("code_sets") or manifest.get("sources") or {}
    releases = ", ".join(f"{name} {release}" for name, release in sorted(sources.items()))
    return (
        f"## Data\nCorpus {prepared.corpus}, language {prepared.language}, licence "
        f"{prepared.licence.name}. Code sets: {releases or 'none'}.\n\n"
        + _table(("part", "split", "notes", "patients", "codes", "digest"), rows)
    )


def _figure_tables(figures: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterable[str]:
    for system, found in figures.items():
        rows = [
            (f["name"], _number(f["value"]), _interval(f["low"], f["high"]))
            for f in found
            if f["name"] in _SHOWN and f["value"] is not None
        ]
        yield f"### {system}\n" + _table(("figure", "value", "interval"), rows)


def _when_trained(manifest: Mapping[str, Any]) -> Iterable[str]:
    """Yield what training measured on notes of its own, such as the loss by int8."""
    found = manifest.get("measured") or {}
    rows = [(name, _number(value)) for name, value in found.items() if isinstance(value, float)]
    if rows:
        yield "### Measured while training\n" + _table(("figure", "value"), rows)


def _by_group(rows: Sequence[Mapping[str, Any]]) -> str:
    columns = ("group", "n_notes", "precision", "recall", "f1")
    return _table(columns, [[_number(row[name]) for name in columns] for row in rows])


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def _number(value: object) -> str:
    if isinstance(value, float):
        return "n/a" if math.isnan(value) else f"{value:.4f}"
    return "n/a" if value is None else str(value)


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{low:.4f} to {high:.4f}"
