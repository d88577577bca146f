"""Own probes: are the wanted codes among the first six, and is anything unwanted suggested?

``python -m benchmarks.probes`` prints the figures, ``--misses`` what went wrong, probe by probe.
Probes marked ``holdout`` are never looked at while rules are written: ``--misses`` leaves them out.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cac.coding import CodingResult
from cac.note import Note, Setting

PROBES = Path(__file__).parents[1] / "tests" / "probes" / "probes.jsonl"
FIRST_N = 6
N_RESAMPLES = 1000
WANTED = f"wanted codes in the first {FIRST_N}"
UNWANTED = "unwanted codes suggested"
TARGETS = {WANTED: ">= 0.95", UNWANTED: "<= 0.02"}

Suggest = Callable[[Note], CodingResult]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Probe:
    """A short note, the codes wanted from it, and the beginnings of those that are not."""

    id: str
    chapter: str
    kind: str
    text: str
    setting: Setting
    wanted: tuple[str, ...]
    unwanted: tuple[str, ...]
    why: str
    holdout: bool

    @property
    def note(self) -> Note:
        """The probe as a note to be coded."""
        return Note(note_id=self.id, text=self.text, setting=self.setting)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was missed and what was suggested against the wish, of one probe."""

    probe: Probe
    missed: tuple[str, ...]
    suggested_unwanted: tuple[str, ...]
    first: tuple[str, ...]


def load_probes(path: Path = PROBES) -> list[Probe]:
    """Read the probes, one JSON object a line."""
    return [_probe(json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def _probe(row: dict[str, object]) -> Probe:
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return Probe(**{**fields, "setting": Setting(str(row["setting"]))})  # type: ignore[arg-type]


def judge(probe: Probe, result: CodingResult) -> Outcome:
    """Compare an answer with its probe; an unwanted beginning counts once, however often met."""
    values = [str(suggestion.code) for suggestion in result.suggestions]
    met = tuple(bad for bad in probe.unwanted if any(v.startswith(bad) for v in values))
    first = tuple(values[:FIRST_N])
    return Outcome(probe, tuple(v for v in probe.wanted if v not in first), met, first)


def run(suggest: Suggest | None = None, probes: Sequence[Probe] | None = None) -> list[Row]:
    """Measure the probes: together, by holdout, by kind and by chapter."""
    outcomes = judge_all(suggest, load_probes() if probes is None else probes)
    return [row for name, group in _groups(outcomes) for row in _rows(name, group)]


def judge_all(suggest: Suggest | None, probes: Iterable[Probe]) -> list[Outcome]:
    """Ask for each probe's codes (of the shipped suggester where none is given)."""
    ask = suggest or _shipped()
    return [judge(probe, ask(probe.note)) for probe in probes]


def _shipped() -> Suggest:
    from cac.suggester import Suggester

    return Suggester.load().suggest


def _groups(outcomes: Sequence[Outcome]) -> list[tuple[str, list[Outcome]]]:
    by_name: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        probe = outcome.probe
        by_name["all"].append(outcome)
        by_name["holdout" if probe.holdout else "tune"].append(outcome)
        by_name[f"setting {probe.setting}"].append(outcome)
        by_name[f"kind {probe.kind}"].append(outcome)
        by_name[f"chapter {probe.chapter}"].append(outcome)
    order = {"all": 0, "holdout": 1, "tune": 2}
    return sorted(by_name.items(), key=lambda item: (order.get(item[0], 3), item[0]))


def _rows(name: str, outcomes: Sequence[Outcome]) -> list[Row]:
    wanted = [(len(o.probe.wanted) - len(o.missed), len(o.probe.wanted)) for o in outcomes]
    unwanted = [(len(o.suggested_unwanted), len(o.probe.unwanted)) for o in outcomes]
    return [_row(name, WANTED, wanted), _row(name, UNWANTED, unwanted)]


def _row(name: str, what: str, counts: Sequence[tuple[int, int]]) -> Row:
    figure, low, high = _share(counts)
    return {
        "what": f"probes, {name}: {what}",
        "figure": figure,
        "low": low,
        "high": high,
        "n": sum(of for _, of in counts),
        "target": TARGETS[what] if name in {"all", "holdout", "tune"} else "",
    }


def _share(counts: Sequence[tuple[int, int]]) -> tuple[float, float, float]:
    """Return the pooled share with its 95 % bootstrap interval over probes."""
    pairs = np.asarray(counts, dtype=np.int64)  # (n_probes, 2)
    picks = np.random.default_rng(0).integers(0, len(pairs), size=(N_RESAMPLES, len(pairs)))
    sums = pairs[picks].sum(axis=1)  # (n_resamples, 2)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], (0.025, 0.975))
    hits, of = pairs.sum(axis=0)
    return round(float(hits / of), 4), round(float(low), 4), round(float(high), 4)


def misses(outcomes: Iterable[Outcome]) -> list[str]:
    """Tell what went wrong, a line a probe, never of a probe that is held out."""
    return [
        f"{o.probe.id}: missed {' '.join(o.missed) or '-'};"
        f" unwanted {' '.join(o.suggested_unwanted) or '-'}; first {' '.join(o.first) or '-'}"
        for o in outcomes
        if not o.probe.holdout and (o.missed or o.suggested_unwanted)
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Print the figures, or with ``--misses`` the faults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="list the faults by probe id")
    if parser.parse_args(argv).misses:
        print("\n".join(misses(judge_all(None, load_probes()))))
        return 0
    for row in run():
        print("{what}: {figure:.3f} [{low:.3f}, {high:.3f}] n={n} {target}".format(**row))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
