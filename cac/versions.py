"""The versions that an answer rests on."""

from __future__ import annotations

from cac.codes import Icd10cm, load_index
from cac.coding import CodeSystem


def code_set_versions(codes: Icd10cm) -> dict[str, str]:
    """Return the release of each code set, and of its notes and index."""
    index = ", ".join(sorted({source.release for source in load_index().sources}))
    return {
        CodeSystem.ICD10CM.value: f"FY{codes.release} (notes FY{codes.tabular_release})",
        "ICD-10-CM Index": index,
    }
