"""The ``cac`` command: one module a sub-command, imported only when it is chosen.

A package that is installed beside this one adds commands by entry points of the group
``cac.commands``: modules with ``SUMMARY``, ``add_arguments`` and ``run``; ``EXTRA`` names what to
install where one of their imports is missing.

Exit codes: 0 all done; 1 some notes could not be done (each is named on stderr) or something
unexpected happened; 2 nothing was done, since an option, a file or a bundle is not right;
130 interrupted; 141 the reader of our output went away.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Any, NoReturn

import cac
from cac.errors import CacError, SettingsError

COMMANDS = {
    "suggest": "suggest codes, with their evidence, for notes",
    "explain": "say why, or why not, a note got a code",
    "read": "show how a note is read: sections, sentences, assertions",
    "codes": "look up, search, compare, map, fetch and import code sets",
    "corpus": "list the corpora with coded notes, and check them",
    "learn": "learn terms from annotated evidence into a bundle",
    "evaluate": "compare predicted with gold codes",
    "demo": "suggest codes for the notes that ship with the project",
}


GROUP = "cac.commands"


class _Parser(argparse.ArgumentParser):
    """Raise SettingsError, so that wrong usage is one line like every other error."""

    def error(self, message: str) -> NoReturn:
        raise SettingsError(f"{message}. `{self.prog} --help` lists what is allowed.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        # Libraries quote their input in warnings, and that is the note's text.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = _run(arguments)
        _flush()
        return code
    except CacError as error:
        complain(str(error))
        _flush_or_discard()
        return 2
    except KeyboardInterrupt:
        complain("Interrupted.")
        return 130
    except BrokenPipeError:
        _flush_or_discard()
        return 141
    except OSError as error:
        complain(f"{error.filename or 'The system refused'}: {error.strerror}.")
        _flush_or_discard()
        return 2
    except Exception as error:
        complain(describe_unexpected(error))
        return 1


def complain(message: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(f"cac: {' '.join(message.split())}\n")


def describe_unexpected(error: BaseException) -> str:
    """Name an unexpected exception without its message, which may quote the note.

    With ``CAC_DEBUG=1`` the places of the calls are written to stderr as well, with neither
    messages nor the values of variables.
    """
    if os.environ.get("CAC_DEBUG") == "1":
        import traceback

        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)))
    mend = "Run again with CAC_DEBUG=1 to see where, and report it"
    return f"unexpected {type(error).__name__}, a fault of this program. {mend}."


def _run(arguments: list[str]) -> int:
    chosen = next((a for a in arguments if not a.startswith("-")), None)
    try:
        args = _parser(chosen).parse_args(arguments)
    except SystemExit:  # --help and --version end so; wrong usage raises SettingsError.
        return 0
    if args.command in COMMANDS:
        return int(importlib.import_module(f"cac.cli.{args.command}").run(args))
    return _run_other(other_commands()[args.command], args)


def other_commands() -> dict[str, Any]:
    """Return the modules of the commands that other packages add, by name."""
    found = sorted(entry_points(group=GROUP), key=lambda point: point.name)
    return {point.name: point.load() for point in found if point.name not in COMMANDS}


def _run_other(module: Any, args: argparse.Namespace) -> int:
    try:
        return int(module.run(args))
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"`cac {args.command}` needs {error.name}, which is not installed: "
            f"pip install 'cac[{module.EXTRA}]'."
        ) from None


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = _Parser(prog="cac", description=cac.__doc__)
    parser.add_argument("--version", action="version", version=f"cac {cac.__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        if name == chosen:
            importlib.import_module(f"cac.cli.{name}").add_arguments(command)
    if chosen not in COMMANDS:
        for name, module in other_commands().items():
            summary = module.SUMMARY
            command = commands.add_parser(
                name, help=summary, description=f"{summary.capitalize()}."
            )
            module.add_arguments(command)
    return parser


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CacError(f"Cannot write standard output: {error.strerror}.") from None


def _flush_or_discard() -> None:
    """Flush stdout, or point it at nothing, so that the interpreter's last flush is silent."""
    try:
        sys.stdout.flush()
    except OSError:
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)
