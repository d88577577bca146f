"""Compile the package data from the publisher's files: Alphabetic Index and release changes.

Run as ``cac codes compile --output DIR``. It reads the folder that ``CAC_CODE_SETS`` names;
the same files give the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from itertools import pairwise
from pathlib import Path

from cac.codes.index_source import Row, read_index
from cac.codes.packed import Packed, Source, pack, rows_of, sha256_of
from cac.codes.releases import compare
from cac.codes.values import normalise
from cac.errors import CodeSetError

_TABLES = ("index", "neoplasm", "drug", "external")
_LIST = re.compile(r"icd10cm_fy(\d{4})\.csv\.gz")
PUBLISHER = "NCHS/CMS (U.S. Government work, public domain)"


def compile_all(code_sets: Path) -> dict[str, bytes]:
    """Return file name to bytes of everything that ships with the package."""
    made = (compile_index(code_sets), compile_changes(code_sets))
    return {f"{packed.name}.gz": pack(packed) for packed in made}


def compile_index(code_sets: Path) -> Packed:
    """Compile the newest of each index file found under ``code_sets``."""
    newest: dict[str, tuple[str, Path, list[Row]]] = {}
    for path in sorted(code_sets.rglob("*.xml")):
        if not _is_index(path):
            continue
        table, release, rows = read_index(path)
        if table not in newest or release > newest[table][0]:
            newest[table] = (release, path, rows)
    if missing := [table for table in _TABLES if table not in newest]:
        raise CodeSetError(
            f"No ICD-10-CM {', '.join(missing)} XML under {code_sets}. Put the files of the"
            " publisher's 'table and index' archive there."
        )
    sources = [_source(path, release) for release, path, _ in (newest[t] for t in _TABLES)]
    rows = [(table, *row) for table in _TABLES for row in newest[table][2]]
    release = newest["index"][0]
    return Packed("icd10cm_index", release, tuple(sources), rows_of(rows))


def compile_changes(code_sets: Path) -> Packed:
    """Compile additions, deletions and revisions between the code lists of each year."""
    found = {m[1]: p for p in code_sets.rglob("*.csv.gz") if (m := _LIST.fullmatch(p.name))}
    if len(found) < 2:
        raise CodeSetError(f"Found {len(found)} code lists icd10cm_fyYYYY.csv.gz; 2 are needed.")
    years = sorted(found)
    lists = {year: read_code_list(found[year]) for year in years}
    rows = [
        (change.release, change.kind, change.value, change.old_title, change.new_title)
        for before, after in pairwise(years)
        for change in compare(after, lists[before], lists[after])
    ]
    sources = tuple(_source(found[year], year) for year in years)
    return Packed("icd10cm_changes", years[-1], sources, rows_of(rows))


def read_code_list(path: Path) -> dict[str, str]:
    """Read a code list ``code,description`` (gzip) into canonical value to title."""
    with gzip.open(path, "rb") as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        return {normalise(row["code"]): row["description"] for row in csv.DictReader(text)}


def _is_index(path: Path) -> bool:
    with path.open("rb") as stream:
        return b"<ICD10CM.index>" in stream.read(400)


def _source(path: Path, release: str) -> Source:
    return Source(path.name, release, PUBLISHER, sha256_of(path))
