"""What the stages' commands have in common: options, progress on stderr, errors in one line."""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections.abc import Callable

from cac.cli import describe_unexpected
from cac.errors import CacError

Report = Callable[[str], None]


def stage_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser whose first argument is the run's YAML."""
    parser = argparse.ArgumentParser(
        prog=f"python -m training.{name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("config", metavar="CONFIG", help="the run's YAML, configs/NAME.yaml")
    return parser


def tell(message: str) -> None:
    """Say on stderr what is being done."""
    sys.stderr.write(f"training: {message}\n")


def run_stage(stage: Callable[[Report], None]) -> int:
    """Run a stage; an error of ours is one line and exit code 2.

    Warnings and logs of libraries are silenced: they may quote what they were given.
    """
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stage(tell)
    except CacError as error:
        tell(" ".join(str(error).split()))
        return 2
    except KeyboardInterrupt:
        tell("interrupted; the same command goes on from the last checkpoint")
        return 130
    except Exception as error:
        # Its message may quote a note: it is named, and CAC_DEBUG=1 shows where it arose.
        tell(describe_unexpected(error))
        return 1
    return 0
