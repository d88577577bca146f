"""``cac users``: who may log in, and as what."""

from __future__ import annotations

import argparse
import sys

SUMMARY = "add, list and lock the users of the server"
EXTRA = "serve"
ACTIONS = {
    "add": "make an account, and print its one-time password",
    "list": "show all accounts",
    "lock": "refuse password, keys and sessions from now on",
    "unlock": "let in again, and forget wrong passwords",
    "role": "change what somebody may do",
    "password": "print a new one-time password",
}
_ROLES = ("reader", "coder", "auditor", "administrator")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    made = {name: actions.add_parser(name, help=text) for name, text in ACTIONS.items()}
    for name in ACTIONS.keys() - {"list"}:
        made[name].add_argument("name", metavar="NAME")
    made["add"].add_argument("--role", choices=_ROLES, required=True)
    made["add"].add_argument(
        "--no-password", action="store_true", help="for programs, which have keys alone"
    )
    made["role"].add_argument("role", choices=_ROLES, metavar="ROLE", help=", ".join(_ROLES))


def run(args: argparse.Namespace) -> int:
    """Do one action."""
    from serve.cli.accounts import ACTIONS as DO
    from serve.cli.opening import opened

    with opened() as store:
        for line in DO[args.action](store, args):
            sys.stdout.write(f"{line}\n")
    return 0
