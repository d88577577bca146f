"""``cac serve``: the API and the review page, or with ``--check`` what its set-up lacks."""

from __future__ import annotations

import argparse

SUMMARY = "serve the API and the review page"
EXTRA = "serve"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command; the environment gives all else (docs/settings.md)."""
    parser.add_argument("--host", metavar="ADDRESS", help="address to listen on (CAC_HOST)")
    parser.add_argument("--port", type=int, metavar="N", help="0: any free one (CAC_PORT)")
    parser.add_argument("--bundle", metavar="B", help="what was learnt (CAC_BUNDLE)")
    parser.add_argument(
        "--sample-notes", action="store_true", help="queue three invented notes for review"
    )
    parser.add_argument(
        "--check", action="store_true", help="say what the configuration lacks, and do not start"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; 1 where ``--check`` finds something."""
    from serve.settings import load_settings

    given = {name: getattr(args, name) for name in ("host", "port", "bundle")}
    settings = load_settings(**{k: v for k, v in given.items() if v is not None})
    if args.check:
        from serve.cli.checking import check

        return check(settings)
    from serve.cli.serving import serve

    return serve(settings, sample_notes=args.sample_notes)
