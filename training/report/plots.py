"""Curves drawn: for MLflow as pictures, for the page as pictures inside it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Plot

from training.report.curves import Curve

_SIZE = (5.0, 3.6)
_DPI = 110


def draw(curve: Curve) -> Plot:
    """Return the picture of a curve."""
    plot = Plot(figsize=_SIZE, layout="tight")
    axes = plot.add_subplot()
    _KINDS[curve.name](axes, curve)
    axes.set_xlabel(curve.columns[0].replace("_", " "))
    axes.grid(visible=True, alpha=0.3)
    return plot


def as_data_uri(plot: Plot) -> str:
    """Return a picture as a URI that stands in a page, so that nothing is fetched."""
    stream = BytesIO()
    # Neither date nor version is written: the same curve gives the same bytes.
    plot.savefig(stream, format="png", dpi=_DPI, metadata={"Software": None})
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def _line(axes: Axes, curve: Curve) -> None:
    x, y = _column(curve, 0), _column(curve, 1)
    axes.plot(x, y)
    axes.set_ylabel(curve.columns[1])
    axes.set_ylim(0, 1)


def _reliability(axes: Axes, curve: Curve) -> None:
    _line(axes, curve)
    axes.plot([0, 1], [0, 1], linestyle=":", color="gray")
    axes.set_ylabel("share that is gold")


def _bars(axes: Axes, curve: Curve) -> None:
    axes.bar([str(row[0]) for row in curve.rows], _column(curve, 1))
    axes.set_ylabel("micro F1")
    axes.set_ylim(0, 1)


def _learning(axes: Axes, curve: Curve) -> None:
    for number, name in enumerate(curve.columns[1:], start=1):
        axes.plot(_column(curve, 0), _column(curve, number), label=name)
    axes.legend()


def _column(curve: Curve, number: int) -> Sequence[float]:
    return [float(row[number]) for row in curve.rows]


_KINDS: dict[str, Callable[[Axes, Curve], None]] = {
    "precision_recall": _line,
    "reliability": _reliability,
    "f1_by_frequency": _bars,
    "learning_curve": _learning,
}
