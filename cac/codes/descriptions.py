"""The words that say what a code is: title first, then inclusion terms and index paths."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from cac.codes.cpt import load_cpt
from cac.codes.hcpcs import load_hcpcs
from cac.codes.icd9 import load_icd9
from cac.codes.icd10cm import Icd10cm
from cac.codes.icd10pcs import load_icd10pcs
from cac.codes.index import load_index
from cac.codes.pcs_tables import LENGTH
from cac.coding import Code, CodeSystem
from cac.errors import CodeSetError

MAX_TERMS = 8
Titles = Callable[[str], str]


def describe(
    codes: Iterable[Code], release: Icd10cm, *, max_terms: int = MAX_TERMS
) -> dict[Code, tuple[str, ...]]:
    """Return the terms of each code, its title first.

    A code has none where no release at hand holds it; code sets other than ICD-10-CM are the
    user's own (``CAC_CODE_SETS``) and have titles alone.
    """
    listed = list(codes)
    titles = {system: _titles(system) for system in {code.system for code in listed}}
    return {
        code: (titles[code.system](code.value) or _terms(code, release))[:max_terms]
        for code in listed
    }


def _terms(code: Code, release: Icd10cm) -> tuple[str, ...]:
    if code.system is not CodeSystem.ICD10CM or not release.is_valid(code.value):
        return ()
    entry = release.entry(code.value)
    paths = _index_terms().get(entry.value, ())
    return tuple(dict.fromkeys((entry.title, *entry.inclusion_terms, *paths)))


def _titles(system: CodeSystem) -> Callable[[str], tuple[str, ...]]:
    """Return what gives the title of a value as a tuple; an empty one where nothing is known."""
    makers: dict[CodeSystem, Callable[[], Titles]] = {
        CodeSystem.ICD10PCS: _procedure_titles,
        CodeSystem.HCPCS: _hcpcs_titles,
        CodeSystem.CPT: lambda: load_cpt().title,
        CodeSystem.ICD9CM: lambda: load_icd9(CodeSystem.ICD9CM).title,
        CodeSystem.ICD9PCS: lambda: load_icd9(CodeSystem.ICD9PCS).title,
    }
    if system not in makers:
        return lambda _: ()
    try:
        title = makers[system]()
    except CodeSetError:  # The user has not brought this code set.
        return lambda _: ()

    def known(value: str) -> tuple[str, ...]:
        try:
            return (title(value),)
        except CodeSetError:  # Includes a value that the release does not hold.
            return ()

    return known


def _procedure_titles() -> Titles:
    """Corpora hold unfinished codes too, of four characters or more: what is there is said."""
    tables = load_icd10pcs()
    return lambda value: tables.title(value) if len(value) == LENGTH else tables.beginning(value)


def _hcpcs_titles() -> Titles:
    loaded = load_hcpcs()
    return lambda value: loaded.entry(value).description


@lru_cache(maxsize=1)
def _index_terms() -> dict[str, tuple[str, ...]]:
    """Return the paths of the index's lines by their code, the shortest first."""
    found: dict[str, list[str]] = {}
    for entry in load_index():
        if entry.code and entry.table == "index":
            found.setdefault(entry.code, []).append(", ".join(entry.path))
    return {value: tuple(sorted(paths, key=len)) for value, paths in found.items()}
