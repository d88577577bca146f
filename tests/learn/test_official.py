from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from cac.coding import Code, CodeSystem
from cac.learn.official import OfficialTermBuilder, OfficialTerms, term_key

TITLES = {
    "H52.1": "Myopia",
    "H52.10": "Myopia, unspecified eye",
    "H52.11": "Myopia, right eye",
    "S22.20": "Unspecified fracture of sternum",
    "S22.20XA": "Unspecified fracture of sternum, initial encounter",
}
CHILDREN = {"H52.1": ("H52.10", "H52.11"), "S22.20": ("S22.20XA",)}


class Release:
    def __iter__(self) -> Iterator[str]:
        return iter(TITLES)

    def is_valid(self, value: str) -> bool:
        return value in TITLES

    def children(self, value: str) -> tuple[str, ...]:
        return CHILDREN.get(value, ())

    def title(self, value: str) -> str:
        return TITLES[value]

    def entry(self, value: str) -> SimpleNamespace:
        return SimpleNamespace(title=TITLES[value], inclusion_terms=())


def codes(terms: OfficialTerms, text: str) -> dict[str, str]:
    return {c.value: letters for c, letters in terms.terms[term_key(text, "en")].items()}


@pytest.mark.parametrize(("seventh", "injury"), [(True, "S22.20XA"), (False, "S22.20X")])
def test_codes_have_the_length_that_the_notes_are_coded_with(seventh: bool, injury: str) -> None:
    builder = OfficialTermBuilder(Release(), "es", seventh=seventh)  # type: ignore[arg-type]
    builder.add_release()
    assert codes(builder.build(), "fracture of sternum") == {injury: "t"}


def test_a_parent_brings_its_unspecified_child() -> None:
    builder = OfficialTermBuilder(Release(), "es", seventh=False)  # type: ignore[arg-type]
    builder.add_release()
    assert codes(builder.build(), "myopia") == {"H52.1": "pt", "H52.10": "tu"}


def test_the_index_and_the_neoplasm_table_give_terms() -> None:
    builder = OfficialTermBuilder(Release(), "es", seventh=False)  # type: ignore[arg-type]
    index = [
        SimpleNamespace(path=("Nearsightedness",), code="H52.1", table="index"),
        SimpleNamespace(path=("Neoplasm", "eye", "unspecified"), code="H52.11", table="neoplasm"),
        SimpleNamespace(path=("Gone",), code="Z99", table="index"),
    ]
    builder.add_index(index)  # type: ignore[arg-type]
    built = builder.build()
    assert codes(built, "nearsightedness") == {"H52.1": "px", "H52.10": "ux"}
    assert codes(built, "tumor of the eye") == {"H52.11": "n"}
    assert term_key("gone", "en") not in built.terms


def test_terms_in_the_language_of_the_notes_are_keyed_by_their_stems() -> None:
    builder = OfficialTermBuilder(Release(), "es", seventh=False)  # type: ignore[arg-type]
    wanted = Code(CodeSystem.ICD10CM, "H52.11")
    builder.add_ontology([SimpleNamespace(term="miopía", language="es", code=wanted)])  # type: ignore[list-item]
    assert list(builder.build().terms) == [("miopi",)]


def test_terms_survive_json_and_are_restricted_to_known_symbols() -> None:
    terms = OfficialTerms({("en:a", "en:b"): {Code(CodeSystem.ICD10CM, "A00.0"): "t"}})
    assert OfficialTerms.from_json(terms.to_json()) == terms
    assert not terms.restrict({"en:a"}).terms
    assert terms.symbol_counts() == {"en:a": 1, "en:b": 1}
