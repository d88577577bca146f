from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from cac.coding import Code, CodeSystem
from cac.learn.official import OfficialTermBuilder, OfficialTerms, _reworded, term_key

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


class Index(list[SimpleNamespace]):
    def resolve(self, see: str, *, table: str) -> list[SimpleNamespace]:
        return [entry for entry in self if entry.path == (see,) and entry.table == table]


def line(*path: str, code: str = "", see: str = "", table: str = "index") -> SimpleNamespace:
    return SimpleNamespace(path=path, code=code, see=see, see_also="", table=table)


def built_from(*lines: SimpleNamespace) -> OfficialTerms:
    builder = OfficialTermBuilder(Release(), "es", seventh=False)  # type: ignore[arg-type]
    builder.add_index(Index(lines))  # type: ignore[arg-type]
    return builder.build()


def test_lines_of_the_index_give_terms_and_references_are_followed() -> None:
    built = built_from(
        line("Nearsightedness", code="H52.1"),
        line("Shortsightedness", see="Nearsightedness"),
        line("Gone", code="Z99"),
    )
    assert codes(built, "nearsightedness") == {"H52.1": "px", "H52.10": "ux"}
    assert codes(built, "shortsightedness") == {"H52.1": "px", "H52.10": "ux"}
    assert term_key("gone", "en") not in built.terms


def test_names_of_neoplasms_stand_for_a_column_of_the_table() -> None:
    built = built_from(
        line("Sarcoma", see="Neoplasm, connective tissue, malignant"),
        line("Neoplasm", "eye and lid", "malignant primary", code="H52.11", table="neoplasm"),
    )
    (column,) = built.classes[term_key("sarcoma", "en")[0]]
    for site in ("eye and lid", "eye", "lid"):
        key = tuple(sorted((column, *term_key(site, "en"))))
        assert {c.value for c in built.terms[key]} == {"H52.11"}


def test_turns_of_the_titles_are_also_put_as_clinicians_put_them() -> None:
    assert _reworded("Allergy status to sulfonamides status") == "allergy to sulfonamides"
    assert _reworded("Proteus as the cause of diseases classified elsewhere").strip() == "Proteus"


def test_terms_in_the_language_of_the_notes_are_keyed_by_their_stems() -> None:
    builder = OfficialTermBuilder(Release(), "es", seventh=False)  # type: ignore[arg-type]
    wanted = Code(CodeSystem.ICD10CM, "H52.11")
    builder.add_ontology([SimpleNamespace(term="miopía", language="es", code=wanted)])  # type: ignore[list-item]
    assert list(builder.build().terms) == [("miopi",)]


def test_terms_survive_json() -> None:
    codes = {Code(CodeSystem.ICD10CM, "A00.0"): "t"}
    terms = OfficialTerms({("en:a", "en:b"): codes}, {"en:a": ("x",)}, {("en:c",): ("0TB0",)})
    assert OfficialTerms.from_json(terms.to_json(), terms.classes, {"en:c": ["0TB0"]}) == terms
    assert terms.symbol_counts() == {"en:a": 1, "en:b": 1, "en:c": 1}


def test_terms_less_what_clinicians_leave_out_are_added_where_new() -> None:
    pain = {Code(CodeSystem.ICD10CM, "M25.541"): "t"}
    terms = OfficialTerms({("en:hand", "en:joint", "en:pain"): pain})
    reduced = terms.reduce(["en:joint"])
    assert reduced.terms[("en:hand", "en:pain")] == {Code(CodeSystem.ICD10CM, "M25.541"): "tr"}
    assert not set(terms.reduce(["en:joint", "en:hand"]).terms) - set(terms.terms)
    assert terms.titles() == {
        Code(CodeSystem.ICD10CM, "M25.541"): ("en:hand", "en:joint", "en:pain")
    }
