"""Compile the package data: Alphabetic Index, release changes, the publisher's addresses.

Run as ``cac codes compile --output DIR``. It reads the folder that ``CAC_CODE_SETS`` names;
the same files give the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from itertools import pairwise
from pathlib import Path

from cac.codes.index_source import Row, read_index
from cac.codes.packed import Packed, Source, pack, rows_of, sha256_of
from cac.codes.releases import compare
from cac.codes.values import normalise
from cac.errors import CodeSetError

_TABLES = ("index", "neoplasm", "drug", "external")
_LISTED = re.compile(r"[A-Z][0-9A-Z]{2,6}")
_MANIFEST_FIELDS = (
    "source_url",
    "source_zip_sha256",
    "inner_file",
    "inner_sha256",
    "effective_from",
)
_LIST = re.compile(r"icd10cm_fy(\d{4})\.csv\.gz")
PUBLISHER = "NCHS/CMS (U.S. Government work, public domain)"


def compile_all(code_sets: Path) -> dict[str, bytes]:
    """Return file name to bytes of everything that ships with the package."""
    made = (compile_index(code_sets), compile_changes(code_sets), compile_publisher(code_sets))
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


def compile_publisher(code_sets: Path) -> Packed:
    """Compile where the publisher offers each release, with checksums, from the manifests."""
    paths = sorted(code_sets.rglob("manifest.json"))
    rows: dict[tuple[str, str], tuple[str, ...]] = {}
    for path in paths:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        for system, key in (("icd10cm", "cm_releases"), ("hcpcs", "hcpcs_releases")):
            for name, entry in manifest.get(key, {}).items():
                release = _release_name(name)
                fields = (entry[field] for field in _MANIFEST_FIELDS)
                rows[system, release] = (system, release, *fields)
    newest = max((release for _, release in rows), default="")
    sources = tuple(dict.fromkeys(_source(path, newest) for path in paths))
    return Packed("publisher_files", newest, sources, rows_of(rows[key] for key in sorted(rows)))


def _release_name(name: str) -> str:
    return name.removeprefix("fy").replace("-april", "-04").upper()


def read_code_list(path: Path) -> dict[str, str]:
    """Read a code list, ``code,description`` (gzip) or the publisher's text, to value and title.

    Raises:
        CodeSetError: the file is damaged, or a line holds no code and title.

    """
    try:
        if path.name.endswith(".gz"):
            text = gzip.decompress(path.read_bytes()).decode()
            pairs = [(r["code"], r["description"]) for r in csv.DictReader(io.StringIO(text))]
        else:
            lines = path.read_text(encoding="utf-8").splitlines()
            pairs = [(line[:7], line[7:].strip()) for line in lines if line.strip()]
    except (OSError, EOFError, KeyError, ValueError, zlib.error) as error:
        raise CodeSetError(f"Cannot read the code list {path}: {error}. Get it again.") from error
    for number, (code, title) in enumerate(pairs, 1):
        if not title or not _LISTED.fullmatch(code.strip()):
            raise CodeSetError(f"{path}: entry {number} holds no ICD-10-CM code with a title.")
    return {normalise(code): title for code, title in pairs}


def _is_index(path: Path) -> bool:
    with path.open("rb") as stream:
        return b"<ICD10CM.index>" in stream.read(400)


def _source(path: Path, release: str) -> Source:
    return Source(path.name, release, PUBLISHER, sha256_of(path))
