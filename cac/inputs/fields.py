"""The fields of one note, from whatever form they came in, checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cac.errors import InputError, SettingsError
from cac.note import Note, Setting

MAX_CHARACTERS = 250_000
"""The longest note that is read: some 40,000 words, ten times a long discharge summary."""

LANGUAGES = ("en", "es")
REQUIRED = ("note_id", "text")
OPTIONAL = ("note_type", "language", "patient_id", "encounter_id", "setting", "service_date")

_MAX_ID = 200
# What may be repeated in a message. Anything else could be words of a note in a wrong column.
_PLAIN_VALUE = re.compile(r"[\w.:/+-]{1,20}\Z")
_PLAIN_NAME = re.compile(r"[A-Za-z_][\w.-]*(?: [\w.-]+){0,2}\Z")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class NoteDefaults:
    """What holds for notes that do not say it themselves."""

    language: str = "en"
    setting: Setting | None = None
    service_date: date | None = None


def note_from_fields(fields: Mapping[str, object], defaults: NoteDefaults) -> Note:
    """Build a note from named values; unknown names are left aside.

    Raises:
        InputError: A field is missing or not allowed; the message names the note if it can.
    """
    missing = [name for name in REQUIRED if name not in fields]
    if missing:
        raise InputError(missing_columns(missing, fields))
    note_id = _note_id(fields["note_id"])
    try:
        return Note(
            note_id=note_id,
            text=_text(fields["text"]),
            note_type=_optional(fields, "note_type"),
            language=parse_language(_optional(fields, "language") or defaults.language),
            patient_id=_optional(fields, "patient_id"),
            encounter_id=_optional(fields, "encounter_id"),
            setting=_setting(_optional(fields, "setting"), defaults),
            service_date=_service_date(fields.get("service_date"), defaults),
        )
    except (InputError, SettingsError) as error:
        raise InputError(f"note {note_id!r}: {error}") from None


def missing_columns(missing: Iterable[str], found: Iterable[str]) -> str:
    """Say which columns are missing and which were found."""
    names = [str(name) for name in found]
    listed = f"found: {', '.join(names)}" if names else "found: none"
    if not all(len(name) <= 40 and _PLAIN_NAME.match(name) for name in names):
        # A file without a header line shows its first note here.
        listed = f"found {len(names)} that do not look like names: is the header line missing?"
    return (
        f"no column {' or '.join(repr(m) for m in missing)} ({listed}). Required: "
        f"{', '.join(REQUIRED)}; optional: {', '.join(OPTIONAL)}."
    )


def parse_language(value: str) -> str:
    """Read an ISO 639-1 code; raise SettingsError for a language without reading rules."""
    language = value.strip().lower()
    if language not in LANGUAGES:
        raise SettingsError(f"Unknown language {_shown(value)}. Known: {', '.join(LANGUAGES)}.")
    return language


def parse_setting(value: str) -> Setting:
    """Read a setting by name; raise SettingsError otherwise."""
    try:
        return Setting(value.strip().lower())
    except ValueError:
        known = ", ".join(setting.value for setting in Setting)
        raise SettingsError(f"Unknown setting {_shown(value)}. Known: {known}.") from None


def parse_date(value: str) -> date:
    """Read a date (or the date of a time) in ISO 8601; raise SettingsError otherwise."""
    try:
        return datetime.fromisoformat(value.strip()).date()
    except ValueError:
        raise SettingsError(
            f"{_shown(value)} is not a date. Allowed: year-month-day, such as 2026-10-01."
        ) from None


def _note_id(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise InputError("the note_id is empty or no string. Give each note an id of its own.")
    if len(value) > _MAX_ID or not value.isprintable():
        raise InputError(
            f"the note_id has {len(value)} characters or some that cannot be printed. Allowed: "
            f"{_MAX_ID} printable ones. Are note_id and text exchanged?"
        )
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InputError(f"the text is {_kind(value)}. It must be a string.")
    if not value.strip():
        raise InputError("the text is empty. Leave the note out, or give its text.")
    if len(value) > MAX_CHARACTERS:
        raise InputError(
            f"the text has {len(value):,} characters. Allowed: {MAX_CHARACTERS:,}. "
            "Split it into the documents that it holds."
        )
    if (at := value.find("\0")) >= 0:
        raise InputError(
            f"a NUL stands at character {at}, so this is binary, or UTF-16 without its mark. "
            "Notes are plain UTF-8 text: convert or extract it."
        )
    return _without_surrogates(value)


def _without_surrogates(text: str) -> str:
    if found := _SURROGATE.search(text):
        raise InputError(
            f"a lone surrogate (U+{ord(found.group()):04X}) stands at character "
            f"{found.start()}, which no encoding can write. Mend the program that wrote it."
        )
    return text


def _optional(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise InputError(f"{name} is {_kind(value)}. It must be a string.")
    return _without_surrogates(str(value).strip())


def _setting(value: str, defaults: NoteDefaults) -> Setting | None:
    return parse_setting(value) if value else defaults.setting


def _service_date(value: object, defaults: NoteDefaults) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _optional({"service_date": value}, "service_date")
    return parse_date(text) if text else defaults.service_date


def _shown(value: str) -> str:
    plain = _PLAIN_VALUE.match(value)
    return repr(value) if plain else f"(of {len(value)} characters, not shown)"


def _kind(value: object) -> str:
    if value is None:
        return "missing"
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return "a number" if number else f"of type {type(value).__name__}"
