"""Which codes the instructional notes put beside each other."""

from __future__ import annotations

from functools import lru_cache

from cac.codes import Icd10cm

_COMPLICATING = frozenset(["O21", "O24", "O90", "O98", "O99", "O9A"])  # what, is coded beside
_OF_THE_WHOLE = ("use_additional", "code_also")
_OF_THE_PART = ("code_first", "code_also")


class Companions:
    """Tells which part of a longer term has a code of its own beside the whole's.

    "Diabetes with CKD" is E11.22, whose note asks for the stage of the kidney disease too.
    """

    def __init__(self, codes: Icd10cm) -> None:
        self._codes = codes
        self.are = lru_cache(maxsize=100_000)(self._are)

    def _are(self, whole: str, part: str) -> bool:
        if whole[:3] == part[:3]:
            return False
        if whole[:3] in _COMPLICATING and part[0] != "O":
            return True
        if whole[0] == "Z" and self._names(whole, ("code_first",), part):
            return True  # "triple negative breast cancer" is a cancer, and its receptors
        return self._names(whole, _OF_THE_WHOLE, part) or self._names(part, _OF_THE_PART, whole)

    def _names(self, value: str, kinds: tuple[str, ...], other: str) -> bool:
        """Tell whether a note names a code, or its category where the code says no more."""
        notes = self._codes.notes(value)
        vague = other[:3] if "unspecified" in self._codes.title(other).lower() else "-"
        return any(
            target.covers(other) or target.first.startswith(vague)
            for kind in kinds
            for _, note in notes[kind]
            for target in note.targets
            if not target.condition
        )
