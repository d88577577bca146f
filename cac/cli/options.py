"""Options that several commands share, read and checked."""

from __future__ import annotations

import argparse

from cac.coding import CodeSystem
from cac.inputs import NoteDefaults, parse_date, parse_language, parse_setting


def add_note_options(parser: argparse.ArgumentParser) -> None:
    """Add what is said of notes that do not say it themselves, and the bundle that reads them."""
    parser.add_argument(
        "--bundle",
        metavar="B",
        help="folder of a bundle, or default: the one that ships; none: finder and rules",
    )
    parser.add_argument(
        "--setting",
        metavar="S",
        help="inpatient, outpatient, emergency or professional, for notes that do not say it",
    )
    parser.add_argument(
        "--language", metavar="L", default="en", help="en or es, for notes that do not say it"
    )
    parser.add_argument(
        "--service-date",
        metavar="D",
        help="date of service, such as 2026-10-01, for notes that do not say it: it decides the "
        "release of each code set",
    )
    parser.add_argument(
        "--convention", metavar="NAME", help="what counts as codable; none: that of the bundle"
    )


def note_defaults(args: argparse.Namespace) -> NoteDefaults:
    """Check the options of ``add_note_options`` that fill in a note."""
    return NoteDefaults(
        language=parse_language(args.language),
        setting=parse_setting(args.setting) if args.setting else None,
        service_date=parse_date(args.service_date) if args.service_date else None,
    )


def parse_systems(value: str) -> tuple[CodeSystem, ...]:
    """Read code systems divided by commas; raise SettingsError for an unknown one."""
    return tuple(dict.fromkeys(CodeSystem.parse(name.strip()) for name in value.split(",")))
