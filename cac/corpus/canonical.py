"""Codes in canonical form by spelling alone; `cac.codes` knows whether a release holds them."""

from __future__ import annotations

import re

from cac.coding import Code, CodeSystem
from cac.errors import CorpusError

_CM = re.compile(r"(?=.{1,2}[0-9])[A-Z][0-9A-Z]{2}(?:\.[0-9A-Z]{1,4})?")
_PCS = re.compile(r"[0-9A-HJ-NP-Z]{3,7}")
_ICD9 = re.compile(r"(?:[0-9]{3}|V[0-9]{2})(?:\.[0-9]{1,2})?|E[0-9]{3}(?:\.[0-9])?")
_ICD9_PCS = re.compile(r"[0-9]{2}(?:\.[0-9]{1,2})?")
_HCPCS = re.compile(r"[A-Z][0-9]{4}|[0-9]{4}[0-9A-Z]")
# What may be shown in an error. Anything longer could be words of a note in a wrong field.
_PLAIN = re.compile(r"[\w.]{0,9}")
_SHAPES = {
    CodeSystem.ICD10CM: _CM,
    CodeSystem.ICD10PCS: _PCS,
    CodeSystem.ICD9CM: _ICD9,
    CodeSystem.ICD9PCS: _ICD9_PCS,
    CodeSystem.HCPCS: _HCPCS,
    CodeSystem.CPT: _HCPCS,
}


def _dot_position(system: CodeSystem, value: str) -> int:
    if system is CodeSystem.ICD9PCS:
        return 2
    if system is CodeSystem.ICD9CM:
        return 4 if value.startswith("E") else 3
    return 3 if system is CodeSystem.ICD10CM else len(value)


def canonical_code(system: CodeSystem, value: str) -> Code:
    """Return the code in upper case, dotted where its system has a dot.

    CodiEsp writes half of its procedures as the first four characters; such values pass.

    Raises:
        CorpusError: the value has not the shape of its system.
    """
    bare = value.strip().upper().replace(".", "")
    dot = _dot_position(system, bare)
    dotted = f"{bare[:dot]}.{bare[dot:]}" if len(bare) > dot else bare
    if not _SHAPES[system].fullmatch(dotted):
        shown = repr(value) if _PLAIN.fullmatch(value) else f"A value of {len(value)} characters"
        raise CorpusError(
            f"{shown} has not the shape of a code of {system.value}. Mend the row or its system."
        )
    return Code(system, dotted)
