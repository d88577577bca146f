"""A self-contained HTML page of tables and pictures: no script, and nothing is fetched."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from training.report.drift import Drift
from training.report.evaluation import Evaluation
from training.report.plots import as_data_uri, draw

Cell = str | float | int
_N_CODES = 50
_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; }}
table {{ border-collapse: collapse; margin: .5rem 0 1.5rem; }}
th, td {{ border-bottom: 1px solid #ccc; padding: .2rem .7rem; text-align: left; }}
td.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
figure {{ display: inline-block; margin: 0 1rem 1rem 0; }}
</style>
</head>
<body>
<h1>{title}</h1>
"""


def evaluation_page(evaluation: Evaluation) -> str:
    """Return the page of an evaluation; errors are in it by ids and offsets."""
    subject = evaluation.subject
    about = (
        f"{subject.model_version} on {subject.n_notes} notes: {subject.corpus}, split "
        f"{subject.split}, language {subject.language}, digest {subject.split_digest[:12]}, "
        f"seed {subject.seed}. Intervals are 95 % bootstrap over notes."
    )
    parts = [
        _HEAD.format(title=escape(f"Evaluation of {subject.run}")),
        f"<p>{escape(about)}</p>",
        *_pictures(evaluation),
        *_figure_tables(evaluation),
        *_tables(evaluation),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def drift_page(drift: Drift) -> str:
    """Return the page of a comparison of two corpora."""
    rows: list[Sequence[Cell]] = [
        (row.kind, row.name, row.first, row.second, row.change) for row in drift.shifts
    ]
    return "\n".join(
        [
            _HEAD.format(title="Drift between two corpora"),
            f"<p>{drift.n_first} notes against {drift.n_second}. 0: alike; 1: apart.</p>",
            table("Distances", ("of", "distance"), drift.figures.items()),
            table("Largest shifts", ("kind", "name", "first", "second", "change"), rows),
            "</body>\n</html>\n",
        ]
    )


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table under its title; every cell is escaped, numbers to four places."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>\n" for row in rows)
    return f"<h2>{escape(title)}</h2>\n<table><tr>{head}</tr>\n{body}</table>"


def _pictures(evaluation: Evaluation) -> Iterator[str]:
    for curve in evaluation.curves:
        name = escape(curve.name.replace("_", " "))
        uri = as_data_uri(draw(curve))
        yield f'<figure><img alt="{name}" src="{uri}"><figcaption>{name}</figcaption></figure>'


def _figure_tables(evaluation: Evaluation) -> Iterator[str]:
    for system, figures in evaluation.figures.items():
        rows = [
            (f.group, f.name, f.value, "" if math.isnan(f.low) else f"{f.low:.4f} to {f.high:.4f}")
            for f in figures
        ]
        title = f"Figures, {'all systems' if system == 'all' else system}"
        yield table(title, ("group", "figure", "value", "interval"), rows)


def _tables(evaluation: Evaluation) -> Iterator[str]:
    yield table(
        "By section of the evidence",
        ("section", "suggested", "precision", "gold spans", "recall"),
        [
            (r.section, r.n_suggested, r.precision, r.n_gold_spans, r.recall)
            for r in evaluation.sections
        ],
    )
    for title, rows in (
        ("By type of note", evaluation.note_types),
        ("By sex, where the text states it", evaluation.sexes),
    ):
        yield table(
            title,
            ("group", "notes", "precision", "recall", "F1"),
            [(r.group, r.n_notes, r.precision, r.recall, r.f1) for r in rows],
        )
    if evaluation.against:
        yield table(
            "Against the other (approximate randomization)",
            ("figure", "this", "other", "difference", "p"),
            [(r.name, r.first, r.second, r.difference, r.p_value) for r in evaluation.against],
        )
    yield table(
        f"Labels by what supports them, {evaluation.noise.n_labels} labels",
        ("support", "share"),
        evaluation.noise.figures().items(),
    )
    yield table(
        "Codes whose labels most often lack support",
        ("system", "code", "gold", "without support", "such notes"),
        [
            (r.system, r.code, r.n_gold, r.n_unsupported, ", ".join(r.note_ids))
            for r in evaluation.noise.codes
        ],
    )
    yield table(
        f"The {_N_CODES} commonest codes",
        ("system", "code", "gold", "suggested", "right", "F1"),
        [
            (r.system, r.code, r.n_gold, r.n_predicted, r.n_correct, r.f1)
            for r in evaluation.codes[:_N_CODES]
        ],
    )


def _cell(value: Cell) -> str:
    if isinstance(value, str):
        return f"<td>{escape(value)}</td>"
    if isinstance(value, int):
        return f'<td class="number">{value}</td>'
    return f'<td class="number">{"n/a" if math.isnan(value) else f"{value:.4f}"}</td>'
