"""ICD-9-CM, as far as MIMIC-III needs it: which codes exist, and titles where imported.

Values are text: "042", "0066" and "V30.00" keep their zeros. Diagnoses are known from the
GEM; titles, and all procedures, from the user's MIMIC dictionary (D_ICD_DIAGNOSES,
D_ICD_PROCEDURES; of MIMIC-IV the rows of version 9) or the publisher's CMS32 list.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from cac.codes.crosswalk import load_gem
from cac.codes.library import files_of
from cac.codes.values import normalise_icd9, normalise_icd9_procedure
from cac.coding import CodeSystem
from cac.errors import CodeSetError, UnknownCodeError

_SHAPES = {
    CodeSystem.ICD9CM: re.compile(r"(?:\d{3}|V\d{2})(?:\.\d{1,2})?|E\d{3}(?:\.\d)?"),
    CodeSystem.ICD9PCS: re.compile(r"\d{2}(?:\.\d{1,2})?"),
}
_NORMALISE: dict[CodeSystem, Callable[[str], str]] = {
    CodeSystem.ICD9CM: normalise_icd9,
    CodeSystem.ICD9PCS: normalise_icd9_procedure,
}


class Icd9:
    """The diagnoses or the procedures of ICD-9-CM; an empty title where none was imported."""

    def __init__(self, system: CodeSystem, titles: Mapping[str, str]) -> None:
        self.system = system
        self._titles = dict(titles)

    def __iter__(self) -> Iterator[str]:
        return iter(self._titles)

    def __len__(self) -> int:
        return len(self._titles)

    def is_valid(self, value: str) -> bool:
        """Tell whether the code is known."""
        return _NORMALISE[self.system](value) in self._titles

    def is_well_formed(self, value: str) -> bool:
        """Tell whether a value has the shape of a code, known or not."""
        return bool(_SHAPES[self.system].fullmatch(_NORMALISE[self.system](value)))

    def title(self, value: str) -> str:
        """Return the title; raise UnknownCodeError for an unknown code."""
        code = _NORMALISE[self.system](value)
        if code not in self._titles:
            raise UnknownCodeError(f"{self.system} has no {code!r} among {len(self)} known codes.")
        return self._titles[code]


def load_icd9(system: CodeSystem = CodeSystem.ICD9CM) -> Icd9:
    """Return the diagnoses (from the GEM and the import) or the procedures (imported).

    Raises:
        CodeSetError: neither is at hand.

    """
    titles: dict[str, str] = {}
    if system is CodeSystem.ICD9CM and files_of("gem-icd9cm-icd10cm"):
        titles = dict.fromkeys(load_gem(CodeSystem.ICD9CM, CodeSystem.ICD10CM), "")
    kind = "icd9cm" if system is CodeSystem.ICD9CM else "icd9pcs"
    for path in files_of(kind).values():
        titles |= json.loads(path.read_text(encoding="utf-8"))["titles"]
    if not titles:
        raise CodeSetError(
            f"No {system} codes are at hand. Import your MIMIC dictionary or the publisher's"
            " list: cac codes import --system icd9cm FILE; or set CAC_CODE_SETS for the GEMs."
        )
    return Icd9(system, titles)


def read_icd9(path: Path, system: CodeSystem) -> dict[str, str]:
    """Read canonical code to title from a MIMIC dictionary (CSV) or a CMS32 text.

    Raises:
        CodeSetError: the file is damaged or of another layout.

    """
    try:
        data = path.read_bytes()
        text = gzip.decompress(data).decode() if path.suffix == ".gz" else data.decode("latin-1")
        is_mimic = any(name in text[:200].upper() for name in ("ICD9_CODE", "ICD_VERSION"))
        pairs = list(_mimic(text) if is_mimic else _cms(text))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise CodeSetError(f"Cannot read {path}: {error}. Download it again.") from error
    made = {_NORMALISE[system](code): title for code, title in pairs}
    wrong = [code for code in made if not _SHAPES[system].fullmatch(code)]
    if not made or wrong:
        raise CodeSetError(
            f"{path} is no {system} list: {len(wrong)} of {len(made)} values are of another shape"
            f" ({', '.join(wrong[:3])}). Allowed: D_ICD_DIAGNOSES, D_ICD_PROCEDURES, CMS32 text."
        )
    return made


def _mimic(text: str) -> Iterator[tuple[str, str]]:
    for row in csv.DictReader(io.StringIO(text, newline="")):
        folded = {(key or "").upper(): value or "" for key, value in row.items()}
        if folded.get("ICD_VERSION", "9").strip() == "9":
            yield folded.get("ICD9_CODE") or folded["ICD_CODE"], folded.get("LONG_TITLE", "")


def _cms(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        code, _, title = line.strip().partition(" ")
        if code:
            yield code, title.strip()
