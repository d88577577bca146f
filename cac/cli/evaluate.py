"""``cac evaluate``: compare the answers of ``cac suggest`` with gold codes and evidence."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from cac.coding import CodeSystem
from cac.errors import InputError, SettingsError

if TYPE_CHECKING:
    from cac.coding import CodedNote
    from cac.metrics import CodeRow, Difference, Figure, Pairing

_FORMATS = ("table", "json")
_TABLES = ("figures", "codes", "against")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("gold", metavar="GOLD", help="JSON lines of coded notes")
    parser.add_argument("predicted", metavar="PRED", help="JSON lines of `cac suggest`")
    parser.add_argument(
        "--system", metavar="S", help="code systems to score, divided by commas; none: all, each"
    )
    parser.add_argument(
        "--threshold", metavar="P", type=float, default=0.0, help="least probability (0)"
    )
    parser.add_argument(
        "--best-threshold",
        action="store_true",
        help="print the threshold of highest micro F1 on GOLD, for development notes only",
    )
    parser.add_argument(
        "--training",
        metavar="F",
        help="coded notes of the training: its codes join the label space, and make the buckets",
    )
    parser.add_argument(
        "--sequenced", action="store_true", help="the first gold diagnosis is the principal one"
    )
    parser.add_argument(
        "--allow-missing", action="store_true", help="notes without an answer count as empty"
    )
    parser.add_argument("--per-code", metavar="N", type=int, help="list N codes; 0: all")
    parser.add_argument(
        "--against", metavar="OTHER", help="other answers to the same notes: differences, p-values"
    )
    parser.add_argument(
        "--shuffles", metavar="N", type=int, default=9999, help="of approximate randomization"
    )
    parser.add_argument("--samples", metavar="N", type=int, default=1000, help="bootstrap (1000)")
    parser.add_argument("--seed", type=int, default=0, help="of the bootstrap (0)")
    parser.add_argument("--format", default="table", help="table or json")
    parser.add_argument("--output", metavar="F", help="none: the terminal")


def run(args: argparse.Namespace) -> int:
    """Print every metric; exit with 2 where the files do not hold the same notes."""
    _require_allowed(args)
    from cac.corpus import read_coded_notes, refuse_test_ids
    from cac.corpus.answers import read_answers

    gold = list(read_coded_notes(args.gold))
    answers = list(read_answers(args.predicted))
    training = list(read_coded_notes(args.training)) if args.training else []
    if args.best_threshold:
        refuse_test_ids(gold)
    from cac.metrics import pair

    others = list(read_answers(args.against)) if args.against else None
    space = {code for coded in training for code in coded.codes}
    reports = {}
    for name, systems in _system_groups(args.system, gold).items():
        paired = partial(pair, gold, systems=systems, allow_missing=args.allow_missing)
        reports[name] = _report(paired(answers, label_space=space), args, training)
        if others is not None:
            # Both are paired over the codes of both: the columns must be the same.
            both = {s.code for answer in (*answers, *others) for s in answer.suggestions}
            pairings = paired(answers, label_space=both), paired(others, label_space=both)
            reports[name]["against"] = _against(*pairings, args)
    text = _as_json(reports, args) if args.format == "json" else _as_tables(reports)
    _write(text, args.output)
    return 0


def _require_allowed(args: argparse.Namespace) -> None:
    if args.format not in _FORMATS:
        raise SettingsError(f"Unknown format {args.format!r}. Allowed: {', '.join(_FORMATS)}.")
    if not 0 <= args.threshold <= 1:
        raise SettingsError(f"--threshold {args.threshold} found; it must lie between 0 and 1.")
    if args.shuffles < 1:
        raise SettingsError("--shuffles must be 1 or more.")
    if args.samples < 0 or (args.per_code is not None and args.per_code < 0):
        raise SettingsError("--samples and --per-code must be 0 or more.")


def _system_groups(
    asked: str | None, gold: Sequence[CodedNote]
) -> dict[str, tuple[CodeSystem, ...]]:
    """Return the systems to score: those asked together, or each gold one and then all."""
    if asked:
        systems = tuple(dict.fromkeys(CodeSystem.parse(name) for name in asked.split(",")))
        return {", ".join(system.value for system in systems): systems}
    found = {code.system for coded in gold for code in coded.codes}
    groups: dict[str, tuple[CodeSystem, ...]] = {
        system.value: (system,) for system in CodeSystem if system in found
    }
    return groups if len(groups) == 1 else {**groups, "all systems": ()}


def _report(
    pairing: Pairing, args: argparse.Namespace, training: Sequence[CodedNote]
) -> dict[str, Any]:
    from cac.metrics import best_threshold, code_table, evaluate

    report: dict[str, Any] = {
        "n_notes": len(pairing.gold),
        "n_codes": len(pairing.codes),
        "figures": evaluate(
            pairing,
            threshold=args.threshold,
            n_samples=args.samples,
            seed=args.seed,
            sequenced=args.sequenced,
            training=training,
        ),
    }
    if args.best_threshold:
        found = best_threshold(pairing.y_true, pairing.probabilities)
        report["best_threshold"] = {"value": found.value, "micro_f1": found.micro_f1}
    if args.per_code is not None:
        report["codes"] = code_table(pairing, args.threshold)[: args.per_code or None]
    return report


def _against(first: Pairing, second: Pairing, args: argparse.Namespace) -> list[Difference]:
    from cac.metrics import differences

    predicted = first.predicted(args.threshold), second.predicted(args.threshold)
    return differences(first, second, predicted, n_shuffles=args.shuffles, seed=args.seed)


def _as_json(reports: Mapping[str, Mapping[str, Any]], args: argparse.Namespace) -> str:
    """Return one object; figures that are not defined are null."""
    systems = {
        name: {
            key: [_plain(row) for row in value] if key in _TABLES else value
            for key, value in report.items()
        }
        for name, report in reports.items()
    }
    options = {"threshold": args.threshold, "samples": args.samples, "seed": args.seed}
    return json.dumps(_finite({"options": options, "systems": systems}), indent=1) + "\n"


def _plain(item: Figure | CodeRow | Difference) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(item)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


def _as_tables(reports: Mapping[str, Mapping[str, Any]]) -> str:
    blocks = []
    for name, report in reports.items():
        lines = [f"{name}: {report['n_notes']} notes, {report['n_codes']} codes"]
        if "best_threshold" in report:
            best = report["best_threshold"]
            lines.append(f"best threshold {_number(best['value'])}: {_number(best['micro_f1'])}")
        lines += _figure_lines(report["figures"])
        lines += _difference_lines(report.get("against", ()))
        lines += _code_lines(report.get("codes", ()))
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _figure_lines(figures: Iterable[Figure]) -> list[str]:
    lines, group = [], ""
    for figure in figures:
        if figure.group != group:
            group = figure.group
            lines.append(f"\n{group:<39}  value    95 % interval")
        interval = "" if math.isnan(figure.low) else f"{figure.low:.4f} to {figure.high:.4f}"
        lines.append(f"  {figure.name:<37}  {_number(figure.value):<7}  {interval}".rstrip())
    return lines


def _difference_lines(rows: Sequence[Difference]) -> list[str]:
    if not rows:
        return []
    head = f"\n{'against the other':<39}  this    other   difference  p"
    return [head] + [
        f"  {r.name:<37}  {_number(r.first):<7} {_number(r.second):<7} {r.difference:<+11.4f} "
        f"{_number(r.p_value)}"
        for r in rows
    ]


def _code_lines(rows: Sequence[CodeRow]) -> list[str]:
    if not rows:
        return []
    head = f"\n{'system':<11} {'code':<9} {'gold':>5} {'pred.':>5} {'right':>5} {'F1':>6}"
    return [head] + [
        f"{r.system:<11} {r.code:<9} {r.n_gold:>5} {r.n_predicted:>5} {r.n_correct:>5} "
        f"{_number(r.f1):>6}"
        for r in rows
    ]


def _number(value: float) -> str:
    return "n/a" if math.isnan(value) else f"{value:.4f}"


def _write(text: str, output: str | None) -> None:
    if output is None:
        sys.stdout.write(text)
        return
    try:
        with open(output, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror}.") from error
