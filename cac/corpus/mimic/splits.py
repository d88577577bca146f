"""Who is in which split: the published lists of admissions, or a hash of the patient.

The lists stand in ``mimic_splits/`` of the data folder, one folder a publisher, as their
repositories hold them at any depth: Mullenbach et al. (2018) and Nguyen et al. (2023) a list of
ids for each split, Edin et al. (2023) one Feather file with the columns ``_id`` and ``split``
(a CSV file with these columns will do). No division is used in which a patient stands twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow
from pyarrow import feather

from cac.corpus.files import MissingFileError, read_text
from cac.errors import CorpusError

Division = Mapping[int, str]
"""The split of each admission: ``train``, ``dev`` or ``test``."""

SPLITS = ("train", "dev", "test")
_NAMES = {"train": "train", "dev": "dev", "val": "dev", "validation": "dev", "test": "test"}
_MOST_UNKNOWN = 0.01  # of the ids; more means that they belong to another release.


@dataclass(frozen=True, slots=True)
class Published:
    """Lists of admissions as published; ``file`` holds ``{}`` where there is one for each split."""

    publisher: str
    url: str
    file: str

    def read(self, folder: Path) -> Division:
        """Return the split of each admission.

        Raises:
            MissingFileError: a file is missing.
            CorpusError: a file is damaged, or an admission stands in two splits.
        """
        if "{}" not in self.file:
            return _of_table(self.find(folder, self.file))
        division: dict[int, str] = {}
        for split in SPLITS:
            ids = _ids(self.find(folder, self.file.format(split)))
            if division.keys() & ids:
                raise CorpusError(f"{len(division.keys() & ids)} admissions stand in two splits.")
            division |= dict.fromkeys(ids, split)
        return division

    def find(self, folder: Path, file: str) -> Path:
        """Return a file of the publisher, at any depth; a CSV file does for a Feather file.

        Raises:
            MissingFileError: there is none.
        """
        home = folder / "mimic_splits" / self.publisher
        as_csv = Path(file).with_suffix(".csv").as_posix()
        found = sorted(home.glob(f"**/{file}")) or sorted(home.glob(f"**/{as_csv}"))
        if not found:
            raise MissingFileError(
                f"{home} holds no {file}. Get it from {self.url} and put it there, or the whole "
                "repository."
            )
        return found[0]


def require_no_leak(division: Division, patients: Mapping[int, int]) -> None:
    """Refuse a division in which a patient stands in two splits, or of other admissions.

    Args:
        division: the split of each admission.
        patients: the patient of each admission.

    Raises:
        CorpusError: saying how many, never which.
    """
    n_unknown = len(division.keys() - patients.keys())
    if n_unknown > len(division) * _MOST_UNKNOWN:
        raise CorpusError(
            f"{n_unknown:,} of the {len(division):,} admissions of the split are not in the "
            "database. Use the lists that belong to this release."
        )
    splits_of: dict[int, set[str]] = defaultdict(set)
    for admission, split in division.items():
        if admission in patients:
            splits_of[patients[admission]].add(split)
    n_leaks = sum(len(splits) > 1 for splits in splits_of.values())
    if n_leaks:
        raise CorpusError(
            f"{n_leaks:,} of {len(splits_of):,} patients stand in more than one split. Nothing "
            "can be measured on such a division; get the lists anew."
        )


def _ids(path: Path) -> set[int]:
    lines = read_text(path).split()
    head = bool(lines) and not lines[0].isdecimal()
    try:
        return {int(line) for line in lines[head:]}
    except ValueError:
        raise CorpusError(f"{path} holds more than one admission id a line.") from None


def _of_table(path: Path) -> Division:
    try:
        table = feather.read_table(path) if path.suffix == ".feather" else _csv(path)
        ids, splits = (table.column(name).to_pylist() for name in ("_id", "split"))
        division = {int(i): _NAMES[s] for i, s in zip(ids, splits, strict=True)}
    except (pyarrow.ArrowException, OSError, KeyError, ValueError, TypeError):
        raise CorpusError(
            f"{path} has no columns _id and split, with train, val and test. Get it anew; a "
            "pointer of Git LFS is not the file itself."
        ) from None
    if len(division) != len(ids):
        raise CorpusError(f"{len(ids) - len(division)} admissions stand twice in {path}.")
    return division


def _csv(path: Path) -> pyarrow.Table:
    from pyarrow import csv

    return csv.read_csv(path)
