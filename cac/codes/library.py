"""Where the publisher's files lie: what the user imported or fetched, then ``CAC_CODE_SETS``.

A file is known by its name, as the publisher or this project's importer gives it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cac.errors import CodeSetError

_QUARTER = {"JAN": "Q1", "APR": "Q2", "JUL": "Q3", "OCT": "Q4"}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file: what it is, and the names that it goes by."""

    what: str
    names: tuple[str, ...]


KINDS = {
    "icd10cm": Kind(
        "ICD-10-CM code list",
        (
            r"icd10cm_fy(?P<year>\d{4})\.csv\.gz",
            r"icd10cm[-_]codes[-_](?P<month>April[-_])?(?P<year>\d{4})\.txt",
        ),
    ),
    "icd10pcs": Kind("ICD-10-PCS tables", (r"icd10pcs_tables_(?P<year>\d{4})\.xml",)),
    "icd10pcs-definitions": Kind(
        "ICD-10-PCS definitions", (r"icd10pcs_definitions_(?P<year>\d{4})\.xml",)
    ),
    "icd10pcs-index": Kind("ICD-10-PCS index", (r"icd10pcs_index_(?P<year>\d{4})\.xml",)),
    "icd10pcs-body-parts": Kind("ICD-10-PCS body part key", (r"body_part_key\.json",)),
    "hcpcs": Kind(
        "HCPCS Level II file",
        (
            r"hcpcs_(?P<year>\d{4})(?P<quarter>q[1-4])\.csv\.gz",
            r"HCPC(?P<year>\d{4})_(?P<month>JAN|APR|JUL|OCT)_ANWEB.*\.txt",
        ),
    ),
    "gem-icd10cm-icd9cm": Kind("GEM from ICD-10-CM to ICD-9-CM", (r"icd10cmtoicd9gem\.csv",)),
    "gem-icd9cm-icd10cm": Kind("GEM from ICD-9-CM to ICD-10-CM", (r"icd9toicd10cmgem\.csv",)),
    "ccsr": Kind("CCSR default categories", (r"dx_cat1_mapping\.json",)),
    "cpt": Kind("CPT file that you hold a licence for", (r"cpt_imported\.json",)),
    "icd9cm": Kind("ICD-9-CM diagnosis titles", (r"icd9cm_imported\.json",)),
    "icd9pcs": Kind("ICD-9-CM procedure titles", (r"icd9pcs_imported\.json",)),
}


def imported_folder() -> Path:
    """Return the folder for imported and fetched files (it may not exist yet)."""
    if named := os.environ.get("CAC_CACHE"):
        return Path(named) / "imported"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "cac" / "imported"


def folders() -> list[Path]:
    """Return the folders that are searched, in order."""
    named = os.environ.get("CAC_CODE_SETS")
    return [imported_folder(), *([Path(named)] if named else [])]


def files_of(kind: str) -> dict[str, Path]:
    """Return the files of a kind by release; the release is empty where names have none."""
    found: dict[str, Path] = {}
    patterns = [re.compile(name, re.IGNORECASE) for name in KINDS[kind].names]
    for folder in folders():
        for path in sorted(_below(folder)):
            for pattern in patterns:
                if match := pattern.fullmatch(path.name):
                    found.setdefault(_release(match), path)
    return dict(sorted(found.items()))


def require(kind: str, release: str | None = None) -> tuple[str, Path]:
    """Return release and path of a file: the newest, or that of ``release``.

    Raises:
        CodeSetError: there is none; the message says where to get it.

    """
    found = files_of(kind)
    wanted = release or next(reversed(found), "")
    if wanted in found:
        return wanted, found[wanted]
    have = f"; found: {', '.join(found)}" if any(found) else ""
    of = f" of {release}" if release else ""
    raise CodeSetError(
        f"No {KINDS[kind].what}{of}{have}. Set CAC_CODE_SETS to the"
        " folder with the publisher's files, or use `cac codes import` or `cac codes fetch`."
    )


def kind_of(path: Path) -> str:
    """Return the kind of a file by its name, or an empty string."""
    for kind, described in KINDS.items():
        if any(re.fullmatch(name, path.name, re.IGNORECASE) for name in described.names):
            return kind
    return ""


def release_of(path: Path) -> str:
    """Return the release that a file's name states, or an empty string."""
    for described in KINDS.values():
        for name in described.names:
            if match := re.fullmatch(name, path.name, re.IGNORECASE):
                return _release(match)
    return ""


def _below(folder: Path) -> Iterator[Path]:
    return folder.rglob("*") if folder.is_dir() else iter(())


def _release(match: re.Match[str]) -> str:
    parts = match.groupdict()
    year, month = parts.get("year") or "", parts.get("month") or ""
    if month.upper().startswith("APRIL"):
        return f"{year}-04"
    return year + (parts.get("quarter") or _QUARTER.get(month.upper(), "")).upper()
