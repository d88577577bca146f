"""CPT from the file of a user who holds the AMA's licence. Nothing of CPT ships here.

The layouts that the AMA and the UMLS document are known by name; any other is described in
a small mapping, for example ``{"kind": "fixed", "code": [0, 5], "text": [7, 80]}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cac.codes.library import require
from cac.codes.values import bare
from cac.errors import CodeSetError, SettingsError, UnknownCodeError

_CODE = re.compile(r"\d{4}[0-9A-Z]")
_LEAST_SHARE = 0.5  # of the lines must hold a code, else the layout is another


@dataclass(frozen=True, slots=True)
class CptLayout:
    """Where code and text stand in a line.

    ``kind`` is ``fixed`` (columns are half-open character ranges) or ``delimited`` (columns
    are field numbers from 0). ``sequence`` orders the lines of one code, whose texts are
    joined. ``where`` keeps only lines whose fields have these values.
    """

    kind: str
    code: tuple[int, ...]
    text: tuple[int, ...]
    sequence: tuple[int, ...] = ()
    delimiter: str = "\t"
    encoding: str = "utf-8"
    where: tuple[tuple[int, str], ...] = ()


LAYOUTS = {
    "LONGULT": CptLayout("delimited", (0,), (1,)),
    "LONGUF": CptLayout("fixed", (0, 5), (8, 80), (5, 7)),
    "LONGULF": CptLayout("fixed", (0, 5), (8, 80), (5, 7)),
    "SHORTU": CptLayout("fixed", (0, 5), (6, 80)),
    "MEDU": CptLayout("fixed", (0, 5), (6, 106)),
    "MRCONSO": CptLayout("delimited", (13,), (14,), delimiter="|", where=((11, "CPT"), (12, "PT"))),
}


class Cpt:
    """The codes and descriptors of one licensed file."""

    def __init__(self, release: str, titles: Mapping[str, str]) -> None:
        self.release = release
        self._titles = dict(titles)

    def __iter__(self) -> Iterator[str]:
        return iter(self._titles)

    def __len__(self) -> int:
        return len(self._titles)

    def is_valid(self, value: str) -> bool:
        """Tell whether the file holds the code."""
        return bare(value) in self._titles

    def title(self, value: str) -> str:
        """Return the licensed descriptor; raise UnknownCodeError where there is none."""
        code = bare(value)
        if code not in self._titles:
            raise UnknownCodeError(f"Your CPT file ({self.release}) has no {code!r}.")
        return self._titles[code]


def load_cpt() -> Cpt:
    """Return the CPT file that the user imported.

    Raises:
        CodeSetError: none was imported, or the import is damaged.

    """
    _, path = require("cpt")
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return Cpt(held["release"], held["titles"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CodeSetError(f"{path} is damaged ({error!r}): import your CPT file again.") from error


def layout_from(mapping: Mapping[str, object]) -> CptLayout:
    """Return a layout from a configuration mapping.

    Raises:
        SettingsError: a key is missing or unknown, or a column is no list of numbers.

    """
    known = CptLayout.__dataclass_fields__
    if unknown := sorted(set(mapping) - set(known)):
        raise SettingsError(f"Unknown keys {unknown} in the CPT layout. Known: {', '.join(known)}.")
    try:
        given = {
            k: _column(v) if k in ("code", "text", "sequence") else v for k, v in mapping.items()
        }
        where = tuple((int(place), str(value)) for place, value in given.pop("where", ()))  # type: ignore[attr-defined]
        layout = CptLayout(**given, where=where)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"The CPT layout is not right ({error}). Needed: kind (fixed or delimited), code and"
            " text; columns as lists of numbers."
        ) from error
    if layout.kind not in ("fixed", "delimited"):
        raise SettingsError(f"Unknown kind {layout.kind!r} of CPT layout. Known: fixed, delimited.")
    return layout


def layout_of(path: Path) -> CptLayout:
    """Return the layout that a file's name stands for; raise SettingsError otherwise."""
    for name, layout in LAYOUTS.items():
        if path.name.upper().startswith(name):
            return layout
    raise SettingsError(
        f"The layout of {path.name} is unknown. Known names: {', '.join(LAYOUTS)}; or describe"
        " it with --layout FILE (JSON)."
    )


def read_cpt(path: Path, layout: CptLayout | None = None) -> dict[str, str]:
    """Read code to descriptor from a licensed file.

    Raises:
        CodeSetError: the file is damaged, half downloaded, or of another layout.

    """
    used = layout or layout_of(path)
    try:
        lines = [li for li in path.read_text(encoding=used.encoding).splitlines() if li.strip()]
    except (OSError, UnicodeDecodeError, LookupError) as error:
        raise CodeSetError(f"Cannot read {path} as {used.encoding}: {error}.") from error
    kept = [fields for line in lines if (fields := _fields(line, used))]
    n_candidates = len(lines) if not used.where else max(len(kept), 1)
    if not kept or len(kept) < _LEAST_SHARE * n_candidates:
        raise CodeSetError(
            f"{path}: {len(kept)} of {len(lines)} lines hold a CPT code where the layout has it"
            f" ({used.kind}, code at {list(used.code)}). Is the layout another? Give --layout."
        )
    joined: dict[str, list[tuple[str, str]]] = {}
    for code, sequence, text in kept:
        joined.setdefault(code, []).append((sequence, text))
    return {code: " ".join(text for _, text in sorted(parts)) for code, parts in joined.items()}


def _fields(line: str, layout: CptLayout) -> tuple[str, str, str] | None:
    if layout.kind == "fixed":
        code, text, sequence = (
            line[slice(*place)].strip() if place else ""
            for place in (layout.code, layout.text, layout.sequence)
        )
    else:
        cells = line.split(layout.delimiter)
        if any(_cell(cells, (place,)) != value for place, value in layout.where):
            return None
        code, text, sequence = (
            _cell(cells, place) for place in (layout.code, layout.text, layout.sequence)
        )
    return (code, sequence, text) if _CODE.fullmatch(code) and text else None


def _cell(cells: list[str], place: tuple[int, ...]) -> str:
    return cells[place[0]].strip() if place and place[0] < len(cells) else ""


def _column(value: object) -> tuple[int, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(v, int) for v in value):
        raise ValueError(f"{value!r} is no list of numbers")
    return tuple(value)
