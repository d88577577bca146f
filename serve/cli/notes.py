"""``cac notes``: delete the words of notes; their ids, codes and log stay."""

from __future__ import annotations

import argparse
import sys

SUMMARY = "delete the text of notes on request, or when its time is over"
EXTRA = "serve"
ACTIONS = {
    "delete": "delete the text of notes, and the comments on them",
    "purge": "delete the text of completed notes older than CAC_RETENTION_DAYS",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    made = {name: actions.add_parser(name, help=text) for name, text in ACTIONS.items()}
    made["delete"].add_argument("note_ids", metavar="NOTE_ID", nargs="+")


def run(args: argparse.Namespace) -> int:
    """Do one action."""
    from serve.cli.deletion import delete, purge
    from serve.cli.opening import opened

    with opened() as store:
        n_deleted = purge(store) if args.action == "purge" else delete(store, args.note_ids)
    sys.stdout.write(f"The text of {n_deleted} notes is deleted.\n")
    return 0
