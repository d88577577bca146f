"""Fetch a release from the publisher: resumed where it broke off, checked, put by rename.

Addresses and SHA-256 of the known releases ship with the package. A later release is
fetched by its address and, if the user has it, its checksum.
"""

from __future__ import annotations

import hashlib
import io
import os
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path, PurePosixPath

from cac.codes.cache import write_atomically
from cac.codes.library import imported_folder, kind_of
from cac.codes.packed import shipped
from cac.errors import CodeSetError, SettingsError

_CHUNK = 1 << 16
_TIMEOUT = 60  # seconds without a byte
Progress = Callable[[int, int | None], None]
"""Told the bytes that have come and the bytes in all, where the server says."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One archive of the publisher's, and the file in it that is wanted."""

    system: str
    release: str
    url: str
    sha256: str = ""
    inner_file: str = ""
    inner_sha256: str = ""


def offers() -> dict[tuple[str, str], Offer]:
    """Return the known archives by (system, release)."""
    return {(row[0], row[1]): Offer(*row[:6]) for row in shipped("publisher_files").rows}


def offer(system: str, release: str) -> Offer:
    """Return one known archive; raise SettingsError where there is none."""
    known = offers()
    name = release.upper().removeprefix("FY")
    if (system, name) not in known:
        names = ", ".join(r for s, r in known if s == system)
        allowed = f"Known of {system}: {names}" if names else "Known: icd10cm, hcpcs"
        raise SettingsError(
            f"No address is known for {system} {release}. {allowed}. Give --url (and --sha256)"
            " for another."
        )
    return known[system, name]


def fetch(wanted: Offer, folder: Path | None = None, progress: Progress | None = None) -> Path:
    """Download an archive, check it, and put the wanted file into ``folder``.

    A part that was downloaded before is continued. The archive is kept only until the file
    is out of it.

    Raises:
        CodeSetError: the server cannot be reached, or what came is not what was promised.

    """
    if not wanted.url.startswith(("https://", "http://")):
        raise SettingsError(f"{wanted.url!r} is no http or https address.")
    target = folder or imported_folder()
    part = target / f".{hashlib.sha256(wanted.url.encode()).hexdigest()[:16]}.part"
    try:
        target.mkdir(parents=True, exist_ok=True)
        download(wanted.url, part, progress)
        _check(part, wanted.sha256, wanted.url)
        name, data = _inner(part, wanted)
        write_atomically(target / name, data)
    except OSError as error:
        raise CodeSetError(f"Cannot write {target}: {error.strerror}. Choose --folder.") from error
    part.unlink()
    return target / name


def download(url: str, part: Path, progress: Progress | None = None) -> None:
    """Download ``url`` into ``part``, from where it broke off before.

    Raises:
        CodeSetError: the server refuses or breaks off; what has come is kept.

    """
    begun = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={begun}-"} if begun else {})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:
            resumed = answer.status == HTTPStatus.PARTIAL_CONTENT
            begun = begun if resumed else 0
            length = answer.headers.get("Content-Length")
            total = begun + int(length) if length else None
            with part.open("ab" if resumed else "wb") as stream:
                while chunk := answer.read(_CHUNK):
                    stream.write(chunk)
                    if progress:
                        progress(stream.tell(), total)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise CodeSetError(f"{url} answers {error.code} {error.reason}.") from error
        return  # the part is whole already
    except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
        reason = getattr(error, "reason", error)
        raise CodeSetError(f"Cannot download {url}: {reason}. Run again to continue.") from error
    if total is not None and part.stat().st_size != total:
        raise CodeSetError(
            f"{url} broke off after {part.stat().st_size} of {total} bytes. Run again to continue."
        )


def _check(path: Path, sha256: str, name: str) -> None:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if sha256 and found != sha256.lower():
        os.unlink(path)
        raise CodeSetError(
            f"{name} has SHA-256 {found}, not {sha256}: the publisher changed it, or it is"
            " damaged. It was thrown away; look at the publisher's page before you try --sha256."
        )


def _inner(archive: Path, wanted: Offer) -> tuple[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as held:
            member = _member(held.namelist(), wanted)
            data = held.read(member)
    except zipfile.BadZipFile as error:
        archive.unlink()
        raise CodeSetError(f"{wanted.url} is no zip archive ({error}). Look at it.") from error
    found = hashlib.sha256(data).hexdigest()
    if wanted.inner_sha256 and found != wanted.inner_sha256:
        raise CodeSetError(f"{member} has SHA-256 {found}, not {wanted.inner_sha256}.")
    return PurePosixPath(member).name, data


def _member(names: list[str], wanted: Offer) -> str:
    """Return the archive's member that is wanted: by its name, else by its kind."""
    base = PurePosixPath(wanted.inner_file).name
    for name in names:
        if wanted.inner_file and PurePosixPath(name).name == base:
            return name
    for name in names:
        if kind_of(Path(PurePosixPath(name).name)) == wanted.system:
            return name
    raise CodeSetError(
        f"The archive holds no {wanted.system} file: {', '.join(names[:8]) or 'nothing'}."
    )
