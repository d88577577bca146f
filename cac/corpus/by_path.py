"""Coded notes of the user's own, named by their path where a corpus is asked for.

Either one file of JSON lines (`coded_notes`), ``.jsonl`` or ``.jsonl.gz``, divided by the field
``split`` of its lines or, where no line has one, by a hash of the patient (80, 10 and 10 %); or a
folder with ``train.jsonl``, ``dev.jsonl`` and ``test.jsonl``, or with folders of those names that
hold several files each. A card beside it (``notes.md`` beside ``notes.jsonl``, ``card.md`` in a
folder) states the licence; without one, weights stay with their user.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus.cards import UNSTATED, Licence, Weights, read_licence
from cac.corpus.coded_notes import read_coded_notes, read_divided_notes
from cac.corpus.corpus import Corpus
from cac.corpus.patients import group_of, split_of
from cac.errors import CorpusError

SPLITS = ("train", "dev", "test")
SHARES = {"train": 0.8, "dev": 0.1, "test": 0.1}
_ENDINGS = (".jsonl", ".jsonl.gz")
_DEV = ("dev", "val", "valid", "validation")


def is_path(name: str) -> bool:
    """Tell whether a name can only be that of a file or a folder."""
    return "/" in name or "\\" in name or name.endswith(_ENDINGS) or Path(name).is_dir()


def corpus_at(path: Path) -> Corpus:
    """Return the corpus at a path; nothing but its first note is read.

    Raises:
        CorpusError: nothing stands there, or no file of coded notes.
    """
    files = _files(path)
    first = next(chain.from_iterable(map(read_coded_notes, chain(*files.values()))), None)
    if first is None:
        raise CorpusError(f"{path} holds no note. Write one note a line, as the README says.")
    licence = _licence(path)
    return Corpus(
        path.name.removesuffix(".gz").removesuffix(".jsonl"),
        partial(_load, path),
        tuple(split for split in SPLITS if path.is_file() or split in files),
        (first.note.language,),
        licence.name,
        licence.weights,
        learn_splits=() if licence.weights is Weights.EVALUATION_ONLY else ("train",),
        tune_splits=("train", "dev"),
    )


def _load(path: Path, folder: Path, split: str, language: str) -> Iterator[CodedNote]:
    del folder
    for coded in _of_file(path, split) if path.is_file() else _of_folder(path, split):
        if coded.note.language != language:
            raise CorpusError(
                f"{path} holds notes in {coded.note.language!r} beside {language!r}. Keep one "
                "language in a file or folder."
            )
        yield coded


def _of_folder(path: Path, split: str) -> Iterator[CodedNote]:
    return chain.from_iterable(map(read_coded_notes, _files(path)[split]))


def _of_file(path: Path, wanted: str) -> Iterator[CodedNote]:
    """Yield the notes of one split; at the end of the file refuse a division that leaks."""
    splits_of: dict[str, set[str]] = defaultdict(set)
    named: bool | None = None
    for where, name, coded in read_divided_notes(path):
        if named not in (None, bool(name)):
            raise CorpusError(
                f"{where}: some lines name a split and some do not. Name all or none."
            )
        named = bool(name)
        group = group_of(coded.note)
        split = _known_split(name, where) if name else split_of(group, SHARES)
        splits_of[group].add(split)
        if split == wanted:
            yield coded
    n_leaks = sum(len(splits) > 1 for splits in splits_of.values())
    if n_leaks:
        raise CorpusError(
            f"{path}: {n_leaks} patients stand in more than one split. Keep each in one, or leave "
            "the field 'split' out to have them divided."
        )


def _known_split(name: str, where: str) -> str:
    split = "dev" if name.lower() in _DEV else name.lower()
    if split not in SPLITS:
        raise CorpusError(f"{where}: unknown split. Allowed: {', '.join(SPLITS)}.")
    return split


def _files(path: Path) -> dict[str, list[Path]]:
    """Return the files by split; those of a single file stand under its name."""
    if path.is_file():
        return {path.name: [path]}
    if not path.is_dir():
        raise CorpusError(f"{path} does not exist. Name a file or a folder of coded notes.")
    found = {split: _of_split(path, split) for split in SPLITS}
    if not any(found.values()):
        raise CorpusError(
            f"{path} holds neither train.jsonl, dev.jsonl nor test.jsonl, nor folders train, dev "
            "or test. Name a file of coded notes, or write one for each split."
        )
    return {split: files for split, files in found.items() if files}


def _of_split(path: Path, split: str) -> list[Path]:
    names = _DEV if split == "dev" else (split,)
    single = [path / f"{name}{ending}" for name in names for ending in _ENDINGS]
    several = [file for name in names for file in (path / name).glob("*.jsonl*")]
    return [file for file in single if file.is_file()] or sorted(several)


def _licence(path: Path) -> Licence:
    stem = path.name.removesuffix(".gz").removesuffix(".jsonl")
    card = path.with_name(f"{stem}.md") if path.is_file() else path / "card.md"
    return read_licence(card) if card.is_file() else UNSTATED
