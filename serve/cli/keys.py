"""``cac keys``: the keys of programs that call the API."""

from __future__ import annotations

import argparse
import sys

SUMMARY = "make, list, change, rotate and revoke API keys"
EXTRA = "serve"
ACTIONS = {
    "add": "make a key and print it; it cannot be shown again",
    "list": "show all keys without their secret part, with their scopes and those they lack",
    "scopes": "change what a key may do",
    "rotate": "make a key like another, which ends within a day",
    "revoke": "refuse a key from now on",
}
_SCOPES = "suggest, notes:read, notes:write, review, second, export, log:read, admin"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    made = {name: actions.add_parser(name, help=text) for name, text in ACTIONS.items()}
    made["add"].add_argument("owner", metavar="USER")
    made["add"].add_argument("--label", default="", help="what it is for")
    made["add"].add_argument("--scopes", required=True, metavar="A,B", help=f"of {_SCOPES}")
    made["rotate"].add_argument("--scopes", metavar="A,B", help="others than the old key's")
    change = made["scopes"].add_mutually_exclusive_group(required=True)
    change.add_argument("--scopes", metavar="A,B", help=f"all that it shall have, of {_SCOPES}")
    change.add_argument("--add", metavar="A,B", help="besides what it has")
    for name in ("scopes", "rotate", "revoke"):
        made[name].add_argument("prefix", metavar="PREFIX", help="what follows cac_ in the key")
    for name in ("add", "rotate"):
        made[name].add_argument("--days", type=int, metavar="N", help="life (CAC_KEY_DAYS)")


def run(args: argparse.Namespace) -> int:
    """Do one action."""
    from serve.cli.key_actions import ACTIONS as DO
    from serve.cli.opening import opened

    with opened() as store:
        for line in DO[args.action](store, args):
            sys.stdout.write(f"{line}\n")
    return 0
