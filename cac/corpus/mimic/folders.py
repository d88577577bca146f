"""Where the files of MIMIC stand: as mirrored from PhysioNet, as unpacked from its zip, or moved.

The mirror is ``physionet.org/files/mimiciii/1.4/NOTEEVENTS.csv.gz``, the zip unpacks to
``mimic-iii-clinical-database-1.4/``; of MIMIC-IV, ``hosp`` and ``note`` are two downloads.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cac.corpus.files import MissingFileError
from cac.errors import CorpusError

_DEPTH = 5  # physionet.org/files/mimic-iv-note/2.2/note/discharge.csv.gz stands at 5.
_ENDINGS = (".csv.gz", ".csv")


@dataclass(frozen=True, slots=True)
class Release:
    """A database of PhysioNet; ``variable`` names the folders that hold it.

    ``variable`` may name several folders, separated as in PATH; without it the data folder is
    searched.
    """

    name: str
    variable: str
    download: str

    def table(self, folder: Path, name: str) -> Path:
        """Return the file of a table, such as ``NOTEEVENTS`` or ``hosp/diagnoses_icd``.

        Raises:
            MissingFileError: there is none.
            CorpusError: there are several, of two versions.
        """
        places = self._places(folder)
        found = list(dict.fromkeys(path for place in places for path in _named(place, name)))
        if not found:
            looked = ", ".join(map(str, places))
            raise MissingFileError(f"No {name}.csv.gz of {self.name} in {looked}. {self.download}")
        if len({path.parent for path in found}) > 1:
            raise CorpusError(
                f"{name} of {self.name} stands in {', '.join(str(p.parent) for p in found)}. Set "
                f"{self.variable} to the folders of one version (separated by {os.pathsep!r})."
            )
        return found[0]

    def _places(self, folder: Path) -> Sequence[Path]:
        named = os.environ.get(self.variable)
        return [Path(place) for place in named.split(os.pathsep)] if named else [folder]


MIMIC_III = Release(
    "MIMIC-III",
    "CAC_MIMIC_III",
    "Get MIMIC-III v1.4 with your PhysioNet licence (https://physionet.org/content/mimiciii/1.4/) "
    "and set CAC_MIMIC_III to its folder; data_cards/mimic_iii.md says how.",
)
MIMIC_IV = Release(
    "MIMIC-IV",
    "CAC_MIMIC_IV",
    "Get MIMIC-IV (https://physionet.org/content/mimiciv/) and MIMIC-IV-Note "
    "(https://physionet.org/content/mimic-iv-note/) with your PhysioNet licence and set "
    "CAC_MIMIC_IV to their folders; data_cards/mimic_iv.md says how.",
)


def _named(place: Path, name: str) -> list[Path]:
    """Return the files of that name at the least depth, packed ones first."""
    for depth in range(_DEPTH + 1):
        pattern = "*/" * depth + name
        found = [path for ending in _ENDINGS for path in place.glob(pattern + ending)]
        if found:
            return sorted(found, key=lambda path: path.parent)
    return []
