"""Import a user's files: read whole, judged, then put by rename where the loaders look.

Nothing is changed by a file that is damaged or half downloaded.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cac.codes.cache import write_atomically
from cac.codes.compile import PUBLISHER, read_code_list
from cac.codes.cpt import CptLayout, read_cpt
from cac.codes.hcpcs import read_hcpcs
from cac.codes.icd9 import read_icd9
from cac.codes.library import imported_folder, kind_of, release_of
from cac.codes.load import load_icd10cm
from cac.codes.packed import Packed, Source, pack, rows_of, sha256_of
from cac.codes.pcs_tables import read_tables
from cac.codes.releases import Change, compare, load_releases, release_start
from cac.codes.tabular import read_tabular
from cac.codes.terms import fold
from cac.coding import CodeSystem
from cac.errors import CodeSetError, SettingsError

_LEAST_SHARE = 0.95  # of the codes before; a list with fewer is taken as cut short
_MOST_DIFFERENT = 0.01  # of the billable codes may differ between tabular and list


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    kind: str
    release: str
    path: Path | None
    message: str


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    release: str
    layout: CptLayout | None


def import_file(
    path: Path, *, system: str = "", release: str = "", layout: CptLayout | None = None
) -> Imported:
    """Import one file; its kind follows from ``system`` or from its name.

    Raises:
        CodeSetError: the file is damaged, half downloaded, or of another layout.
        SettingsError: its kind or release cannot be told.

    """
    kind = system or kind_of(path) or _by_content(path)
    if kind not in _IMPORTERS:
        raise SettingsError(
            f"What {path.name} holds cannot be told from its name. Give --system, one of:"
            f" {', '.join(_IMPORTERS)}. An archive must be unpacked first."
        )
    if not path.is_file():
        raise CodeSetError(f"There is no file {path}.")
    given = release.upper().removeprefix("FY") or release_of(path)
    return _IMPORTERS[kind](_File(path, given, layout))


def _by_content(path: Path) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as stream:
        head = stream.read(500)
    return "icd10cm-tabular" if b"<ICD10CM.tabular>" in head else ""


def _icd10cm(file: _File) -> Imported:
    if not file.release:
        raise SettingsError(f"Which release is {file.path.name}? Give --release, as 2028.")
    found = {value: fold(title) for value, title in read_code_list(file.path).items()}
    releases = load_releases()
    release_start(file.release)
    before = [n for n in releases.names if release_start(n) < release_start(file.release)]
    known = file.release in releases.names
    base = file.release if known else (before or [""])[-1]
    if not base:
        raise CodeSetError(
            f"{file.release} lies before the first known release {releases.names[0]}."
        )
    titles = _billable(base)
    if len(found) < _LEAST_SHARE * len(titles):
        raise CodeSetError(
            f"{file.path} holds {len(found)} codes; FY{base} has {len(titles)}. It looks half"
            " downloaded: get it again."
        )
    changes = compare(file.release, titles, found)
    if known:
        return _known_release(file, changes)
    if base != releases.newest:
        raise CodeSetError(f"{file.release} lies between known releases: import later ones only.")
    return _new_release(file, changes)


def _billable(release: str) -> dict[str, str]:
    icd10cm = load_icd10cm(release)
    return {value: fold(icd10cm.title(value)) for value in icd10cm if icd10cm.is_billable(value)}


def _known_release(file: _File, changes: tuple[Change, ...]) -> Imported:
    if changes:
        raise CodeSetError(
            f"{file.path} differs from the known release {file.release} in {len(changes)} codes"
            f" (the first: {changes[0].value}). Is it another release? Give --release."
        )
    message = f"{file.release} is known already, and the file agrees with it in every code."
    return Imported("icd10cm", file.release, None, message)


def _new_release(file: _File, changes: tuple[Change, ...]) -> Imported:
    name = f"icd10cm_changes_{file.release}"
    rows = rows_of((c.release, c.kind, c.value, c.old_title, c.new_title) for c in changes)
    source = Source(file.path.name, file.release, PUBLISHER, sha256_of(file.path))
    path = imported_folder() / f"{name}.gz"
    _put(path, pack(Packed(name, file.release, (source,), rows)))
    counts = ", ".join(
        f"{sum(c.kind == kind for c in changes)} {kind}" for kind in ("added", "deleted", "revised")
    )
    return Imported("icd10cm", file.release, path, f"{file.release} holds now: {counts}.")


def _tabular(file: _File) -> Imported:
    release, chapters = read_tabular(file.path)
    leaves = {n.value for chapter in chapters for n in chapter.walk() if not n.children}
    listed = set(_billable(release))
    n_other = len(leaves ^ listed)
    if n_other > _MOST_DIFFERENT * len(listed):
        raise CodeSetError(
            f"{file.path} gives {len(leaves)} billable codes, the list of FY{release} has"
            f" {len(listed)}; {n_other} differ. It is damaged: download it again."
        )
    return _copied(file, "icd10cm-tabular", release, f"icd10cm_tabular_{release}.xml")


def _pcs(file: _File) -> Imported:
    release, _ = read_tables(file.path)
    return _copied(file, "icd10pcs", release, f"icd10pcs_tables_{release}.xml")


def _hcpcs(file: _File) -> Imported:
    n_entries = len(read_hcpcs(file.path))
    done = _copied(file, "hcpcs", file.release, file.path.name)
    return Imported(done.kind, done.release, done.path, f"{n_entries} codes. {done.message}")


def _cpt(file: _File) -> Imported:
    titles = read_cpt(file.path, file.layout)
    return _as_json(file, "cpt", file.release or file.path.name, titles)


def _icd9cm(file: _File) -> Imported:
    return _as_json(file, "icd9cm", "final", read_icd9(file.path, CodeSystem.ICD9CM))


def _icd9pcs(file: _File) -> Imported:
    return _as_json(file, "icd9pcs", "final", read_icd9(file.path, CodeSystem.ICD9PCS))


def _as_json(file: _File, kind: str, release: str, titles: dict[str, str]) -> Imported:
    held = {"release": release, "sha256": sha256_of(file.path), "titles": titles}
    path = imported_folder() / f"{kind}_imported.json"
    _put(path, json.dumps(held, ensure_ascii=False).encode())
    return Imported(kind, release, path, f"{len(titles)} codes are in {path}.")


def _copied(file: _File, kind: str, release: str, name: str) -> Imported:
    path = imported_folder() / name
    _put(path, file.path.read_bytes())
    return Imported(kind, release, path, f"Copied to {path}.")


def _put(path: Path, data: bytes) -> None:
    try:
        write_atomically(path, data)
    except OSError as error:
        raise CodeSetError(
            f"Cannot write {path}: {error.strerror}. Make room, or set CAC_CACHE to another folder."
        ) from error


_IMPORTERS: dict[str, Callable[[_File], Imported]] = {
    "icd10cm": _icd10cm,
    "icd10cm-tabular": _tabular,
    "icd10pcs": _pcs,
    "hcpcs": _hcpcs,
    "cpt": _cpt,
    "icd9cm": _icd9cm,
    "icd9pcs": _icd9pcs,
}
SYSTEMS = tuple(_IMPORTERS)
