"""The codes that a model may answer with, in one order that never changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cac.coding import Code, CodedNote, CodeSystem
from cac.errors import SettingsError
from cac.frequency import choose_codes, count_codes


@dataclass(frozen=True, slots=True)
class LabelSpace:
    """Codes sorted by system and value; a code's place is its column in every matrix.

    >>> space = LabelSpace((Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.ICD10CM, "E11.9")))
    >>> space.index(Code(CodeSystem.ICD10CM, "I10"))
    1
    """

    codes: tuple[Code, ...]
    _code_to_index: Mapping[Code, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ordered = tuple(sorted(set(self.codes)))
        object.__setattr__(self, "codes", ordered)
        object.__setattr__(self, "_code_to_index", {code: i for i, code in enumerate(ordered)})

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def __contains__(self, code: object) -> bool:
        return code in self._code_to_index

    def index(self, code: Code) -> int:
        """Return the column of a code.

        Raises:
            SettingsError: the code is no label.
        """
        if code not in self._code_to_index:
            raise SettingsError(
                f"{code.system.value} {code.value} is none of the {len(self)} labels. "
                "Allowed: the codes of the label space; make another one, or add the code."
            )
        return self._code_to_index[code]

    def indices(self, codes: Iterable[Code]) -> tuple[int, ...]:
        """Return the columns of those codes that are labels, in ascending order."""
        known = self._code_to_index
        return tuple(sorted({known[code] for code in codes if code in known}))

    def merged(self, codes: Iterable[Code]) -> LabelSpace:
        """Return the space with further codes."""
        return LabelSpace((*self.codes, *codes))

    @property
    def digest(self) -> str:
        """The SHA-256 of systems and values in order."""
        lines = "\n".join(f"{code.system.value}\t{code.value}" for code in self.codes)
        return sha256(lines.encode()).hexdigest()

    @classmethod
    def of(
        cls, notes: Iterable[CodedNote], *, min_count: int = 1, top_k: int | None = None
    ) -> LabelSpace:
        """Return the codes of training notes; never pass notes of a dev or a test split.

        Args:
            notes: the notes to learn from.
            min_count: in how many notes a code must stand.
            top_k: how many codes at most, the commonest first; of equals the first in order.
        """
        return cls(choose_codes(count_codes(notes), min_count=min_count, top=top_k))

    def to_json(self) -> dict[str, list[str]]:
        """Return values by the name of their system."""
        by_system: dict[str, list[str]] = {}
        for code in self.codes:
            by_system.setdefault(code.system.value, []).append(code.value)
        return by_system

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LabelSpace:
        """Read what `to_json` wrote.

        Raises:
            SettingsError: a code system is unknown, or a value is no text (zeros would be lost).
        """
        codes = [(CodeSystem.parse(s), value) for s, values in data.items() for value in values]
        if any(not isinstance(value, str) for _, value in codes):
            raise SettingsError("A label is a number. Codes are text, with their zeros and dots.")
        return cls(tuple(Code(system, value) for system, value in codes))
