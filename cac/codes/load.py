"""Load ICD-10-CM by release or date of service, through the compiled cache."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from cac.codes.build import lines, release_tree
from cac.codes.cache import cached
from cac.codes.icd10cm import Icd10cm
from cac.codes.library import imported_folder
from cac.codes.packed import Source, sha256_of
from cac.codes.releases import ADDED, DELETED, Releases, load_releases
from cac.codes.tabular import Node, read_tabular
from cac.errors import CodeSetError, SettingsError


def load_icd10cm(release: str | None = None, service_date: date | None = None) -> Icd10cm:
    """Return a release of ICD-10-CM: by name, by date of service, or the newest.

    A date outside the known releases gives the nearest one (``Icd10cm.covers`` tells).

    Raises:
        SettingsError: both a release and a date are given.
        CodeSetError: the release is unknown or its source damaged.

    """
    if release and service_date:
        raise SettingsError("Give a release or a date of service, not both.")
    releases = load_releases()
    name = releases.at(service_date) if service_date else release or releases.newest
    return _load(releases.check(name), releases)


@lru_cache(maxsize=4)
def _load(release: str, releases: Releases) -> Icd10cm:
    tabular = tabular_file()
    text = cached(
        f"icd10cm-{release}",
        [tabular],
        lambda: compiled(tabular, release, releases),
        extra=fingerprint_of(releases),
    )
    return Icd10cm(text, releases)


def fingerprint_of(releases: Releases) -> str:
    """Return a short name of the changes, for the key of the cache."""
    return hashlib.sha256(repr(releases).encode()).hexdigest()[:16]


def tabular_file() -> Path:
    """Return the newest tabular XML: that of the package simple-icd-10-cm, or an imported one."""
    # Found, not imported: the import of that package alone takes two seconds.
    spec = find_spec("simple_icd_10_cm")
    places = [Path(place) / "data" for place in (spec and spec.submodule_search_locations) or ()]
    shipped = sorted(path for folder in places for path in folder.glob("*tabular*.xml"))
    imported = sorted(imported_folder().glob("icd10cm_tabular_*.xml"))
    if not shipped and not imported:
        raise CodeSetError(
            "The package simple-icd-10-cm, which carries the ICD-10-CM tabular list, is not"
            " installed or holds no XML. Install it: pip install simple-icd-10-cm==1.5.0."
        )
    return max([*shipped, *imported], key=_stated_release)


def _stated_release(path: Path) -> str:
    with path.open("rb") as stream:
        found = re.search(rb"<version>\s*(\d{4})", stream.read(1000))
    return found[1].decode() if found else ""


def compiled(tabular: Path, release: str, releases: Releases) -> str:
    """Return the compiled text of a release: a header line, then one line a value."""
    tabular_release, chapters = read_tabular(tabular)
    releases.check(tabular_release)
    tree = release_tree(chapters, tabular_release, release, releases)
    source = Source(tabular.name, tabular_release, "NCHS (public domain)", sha256_of(tabular))
    header = {"release": release, "tabular_release": tabular_release, "sources": [asdict(source)]}
    dates = _dates(releases)
    rows = [_line(node, parent, below, dates) for node, parent, below in lines(tree)]
    return "\n".join([json.dumps(header), *rows])


def _line(node: Node, parent: str, below: int, dates: dict[str, tuple[str, str]]) -> str:
    notes: dict[str, object] = dict(node.notes)
    if node.seventh:
        notes["seventh"] = node.seventh
    effective, end = dates.get(node.value, ("", "")) if not below else ("", "")
    text = json.dumps(notes, ensure_ascii=False) if notes else ""
    fields = (node.value, parent, str(below), effective, end, node.notes_release, node.title, text)
    return "\t".join(fields)


def _dates(releases: Releases) -> dict[str, tuple[str, str]]:
    """Return first and last day of each code that the known releases added or deleted."""
    found: dict[str, tuple[str, str]] = {}
    for change in releases.changes:
        effective, end = found.get(change.value, ("", ""))
        if change.kind == ADDED:
            effective = releases.start(change.release).isoformat()
        elif change.kind == DELETED:
            before = releases.names[releases.names.index(change.release) - 1]
            end = releases.end(before).isoformat()
        found[change.value] = (effective, end)
    return found
