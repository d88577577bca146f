"""Build the open synonyms that ship: ``python -m cac.find.compile_synonyms FOLDER OUTPUT``.

FOLDER is the Disease Ontology's report folder (CC0): labels with one ICD-10-CM reference
each, and the synonyms of the same diseases.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

_LANGUAGES = ("en", "es")
_XREFS, _SYNONYMS = "ICD10inDO.tsv", "synonyms_en_es.tsv"


def rows_of(folder: Path) -> list[tuple[str, str, str]]:
    """Return (code, language, label or synonym), sorted; one code a disease."""
    code_of: dict[str, str] = {}
    rows: set[tuple[str, str, str]] = set()
    for row in _read(folder / _XREFS):
        code = row["xrefs"].removeprefix("ICD10CM:").strip()
        code_of[row["id"]] = code
        rows.add((code, "en", row["label"]))
    for row in _read(folder / _SYNONYMS):
        for language in _LANGUAGES if row["id"] in code_of else ():
            if row[language]:
                rows.add((code_of[row["id"]], language, row[language]))
    return sorted(rows)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def main(argv: Sequence[str] | None = None) -> int:
    """Write the compiled synonyms; the same sources give the same bytes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    args = parser.parse_args(argv)
    sources = {
        name: hashlib.sha256((args.folder / name).read_bytes()).hexdigest()
        for name in (_XREFS, _SYNONYMS)
    }
    lines = [
        json.dumps({"source": "Human Disease Ontology", "licence": "CC0 1.0", "sha256": sources})
    ]
    lines += ["\t".join(row) for row in rows_of(args.folder)]
    args.output.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
