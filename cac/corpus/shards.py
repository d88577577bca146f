"""A large corpus written once, in files of a few thousand notes; an interrupted run goes on.

A folder holds one folder a split, with ``00000.jsonl.gz`` and so on and a ``manifest.json``, and a
``card.md`` with the licence: what `by_path` reads as a corpus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from cac.coding import CodedNote
from cac.corpus.cards import Licence
from cac.corpus.coded_notes import read_json_lines, write_coded_notes, write_json_lines
from cac.corpus.corpus import Report, silent
from cac.errors import InputError

_MANIFEST = "manifest.json"


def write_shards(
    folder: Path,
    notes: Iterator[CodedNote],
    *,
    key: Mapping[str, Any],
    n_each: int,
    report: Report = silent,
) -> int:
    """Write the notes of a split and return how many there are, earlier ones included.

    Args:
        folder: of the split, made where it does not exist.
        notes: in an order that does not change.
        key: what was asked; a folder of other answers is refused.
        n_each: notes a file.
        report: told of each file.

    Raises:
        InputError: the folder holds something else, is damaged, or cannot be written.
    """
    manifest = _earlier(folder, dict(key))
    shards: list[dict[str, Any]] = manifest["shards"]
    n_notes = _skip(folder, notes, shards)
    while not manifest["complete"]:
        some = list(islice(notes, n_each))
        if some:
            shards.append(_write(folder, len(shards), some))
            n_notes += len(some)
            report(f"{folder.name}: {n_notes:,} notes written")
        manifest["complete"] = len(some) < n_each
        write_json_lines(folder / _MANIFEST, [manifest])
    return n_notes


def write_card(folder: Path, corpus: str, licence: Licence) -> None:
    """Write the card by which the folder keeps the licence of the corpus."""
    text = (
        f"---\nnames: {corpus}\nlicence: {licence.name}\nweights: {licence.weights.value}\n---\n\n"
        f"# {corpus}, exported\n\nThe corpus's own data card holds for this copy.\n"
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "card.md").write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}. Name another.") from error


def _write(folder: Path, number: int, notes: list[CodedNote]) -> dict[str, Any]:
    path = folder / f"{number:05d}.jsonl.gz"
    write_coded_notes(path, notes)
    return {
        "name": path.name,
        "n_notes": len(notes),
        "last": notes[-1].note.note_id,
        "sha256": _digest(path),
    }


def _earlier(folder: Path, key: dict[str, Any]) -> dict[str, Any]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror}. Name another.") from error
    path = folder / _MANIFEST
    if not path.exists():
        return {"key": key, "complete": False, "shards": []}
    [(_, manifest)] = read_json_lines(path)
    if manifest.get("key") != key:
        raise InputError(f"{folder} holds an answer to another question. Name another folder.")
    return manifest


def _skip(folder: Path, notes: Iterator[CodedNote], shards: list[dict[str, Any]]) -> int:
    """Pass over the notes that stand in earlier files, and see that they are the same."""
    n_notes = 0
    for shard in shards:
        path = folder / shard["name"]
        if not path.is_file() or _digest(path) != shard["sha256"]:
            raise InputError(f"{path} is damaged or missing. Remove {folder} and begin again.")
        last = next(islice(notes, shard["n_notes"] - 1, None), None)
        if last is None or last.note.note_id != shard["last"]:
            raise InputError(f"The corpus has changed since {path} was written. Begin anew.")
        n_notes += shard["n_notes"]
    return n_notes


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return sha256(file.read()).hexdigest()
