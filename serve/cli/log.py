"""``cac log``: verify the review log, keep its head elsewhere, export it."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "verify and export the review log, and keep its head elsewhere"
EXTRA = "serve"
ACTIONS = {
    "verify": "find whatever was changed, removed, inserted, reordered or cut off, and say where",
    "head": "print the end of the log, to be kept where nobody with the database can write",
    "export": "write every row as JSON lines",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    made = {name: actions.add_parser(name, help=text) for name, text in ACTIONS.items()}
    made["verify"].add_argument(
        "--heads", type=Path, metavar="FILE", help="kept heads (log-heads.jsonl beside the keys)"
    )
    made["verify"].add_argument(
        "--file", type=Path, metavar="FILE", help="verify what `cac log export` wrote"
    )
    for name in ("head", "export"):
        made[name].add_argument("--output", type=Path, metavar="FILE", help="else standard output")


def run(args: argparse.Namespace) -> int:
    """Do one action; 1 where ``verify`` finds a fault."""
    from serve.cli import log_actions

    return log_actions.ACTIONS[args.action](args)
