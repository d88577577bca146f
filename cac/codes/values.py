"""Canonical forms of code values, system by system.

Values are text throughout: leading zeros count, and an integer loses them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from cac.coding import CodeSystem

_CM = re.compile(r"(?=.{0,2}[0-9])[A-Z][0-9A-Z]{2}[0-9A-Z]{0,4}")
_BLOCK = re.compile(r"[A-Z][0-9A-Z]{2}-[A-Z][0-9A-Z]{2}")
_SPACES = re.compile(r"\s+")


@lru_cache(maxsize=1 << 16)
def bare(value: str) -> str:
    """Return ``value`` in upper case without dot, white space or trailing dashes."""
    return _SPACES.sub("", value).upper().replace(".", "").rstrip("-")


def normalise(value: str) -> str:
    """Return an ICD-10-CM value in canonical form: upper case, dot after three characters.

    ``"e119"``, ``"E11.9 "`` and ``"E11.9-"`` all give ``"E11.9"``. A block (``"A00-A09"``)
    stays as it is, and so does text that cannot be a code, which no release then holds.
    """
    if _BLOCK.fullmatch(value.strip().upper()):
        return value.strip().upper()
    plain = bare(value)
    return dotted(plain) if _CM.fullmatch(plain) else value.strip().upper()


def dotted(plain: str, after: int = 3) -> str:
    """Put the dot into a value without one."""
    return f"{plain[:after]}.{plain[after:]}" if len(plain) > after else plain


def normalise_for(system: CodeSystem, value: str) -> str:
    """Return a value of any system in canonical form."""
    if system is CodeSystem.ICD10CM:
        return normalise(value)
    if system is CodeSystem.ICD9CM:
        return normalise_icd9(value)
    return normalise_icd9_procedure(value) if system is CodeSystem.ICD9PCS else bare(value)


def normalise_icd9(value: str) -> str:
    """Return an ICD-9-CM diagnosis in canonical form: ``"25000"`` gives ``"250.00"``.

    E codes carry the dot after four characters, all others after three; zeros stay.
    """
    plain = bare(value)
    return dotted(plain, 4 if plain.startswith("E") else 3)


def normalise_icd9_procedure(value: str) -> str:
    """Return an ICD-9-CM procedure in canonical form: ``"0066"`` gives ``"00.66"``."""
    return dotted(bare(value), 2)
