"""``cac secrets``: new keys before the old ones."""

from __future__ import annotations

import argparse
import sys

SUMMARY = "rotate the keys of the log, of the text, or of sessions"
EXTRA = "serve"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    rotate = actions.add_parser("rotate", help="put a new key before the old ones")
    rotate.add_argument("name", choices=("log", "text", "session"))


def run(args: argparse.Namespace) -> int:
    """Rotate, and say what follows."""
    from serve.cli.opening import opened, operator
    from serve.secrets import rotate

    with opened() as store:
        rotate(store.settings.secrets, args.name)
        store.write(lambda unit: unit.log("secrets.rotated", operator(), name=args.name))
    sys.stdout.write(
        "Restart the server: it takes the new key, and encrypts stored text anew. Back the file "
        "up; older lines are needed until nothing is left that was made with them.\n"
    )
    return 0
