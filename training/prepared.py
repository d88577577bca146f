"""What ``prepare`` leaves: three files of coded notes, and what is known of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cac.coding import CodedNote
from cac.corpus import Licence, Weights, read_coded_notes
from cac.errors import CorpusError

ROLES = ("train", "dev", "test")
SUMMARY = "prepared.json"


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """Counts of a split, and a checksum of its ids, texts, codes and evidence."""

    digest: str
    n_notes: int
    n_patients: int
    n_codes: int
    n_distinct_codes: int
    n_evidence_spans: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared corpus; ``splits`` by role."""

    folder: Path
    corpus: str
    language: str
    seed: int
    limit: int | None
    licence: Licence
    names: Mapping[str, str]
    splits: Mapping[str, SplitSummary]

    def notes(self, role: str) -> list[CodedNote]:
        """Return the notes of a role (``train``, ``dev`` or ``test``)."""
        return list(read_coded_notes(self.path(role)))

    def path(self, role: str) -> Path:
        """Return the file of a role."""
        return notes_path(self.folder, role)

    def write(self) -> None:
        """Write the summary beside the notes, through a rename: where it stands, all is there."""
        data = asdict(self)
        del data["folder"]
        temporary = self.folder / f"{SUMMARY}.tmp"
        temporary.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        temporary.replace(self.folder / SUMMARY)

    @classmethod
    def read(cls, folder: Path) -> Prepared:
        """Read what ``prepare`` wrote.

        Raises:
            CorpusError: the folder does not hold it whole.
        """
        try:
            data: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
            licence = data["licence"]
            data["licence"] = Licence(licence["name"], Weights(licence["weights"]))
            data["splits"] = {role: SplitSummary(**s) for role, s in data["splits"].items()}
            return cls(folder=folder, **data)
        except (OSError, ValueError, KeyError, TypeError):
            raise CorpusError(
                f"{folder} holds no prepared corpus. Run `python -m training.prepare CONFIG` first."
            ) from None


def notes_path(folder: Path, role: str) -> Path:
    """Return where the notes of a role stand."""
    return folder / f"{role}.jsonl.gz"
