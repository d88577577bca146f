from cac.codes import load_icd10cm
from cac.find.context import Context
from cac.find.refine import Refiner
from cac.find.seventh import choose_seventh
from cac.find.stream import words_of

FRACTURE = dict(load_icd10cm().entry("S52.501").seventh_characters)
NOTHING: frozenset[str] = frozenset()


def test_active_treatment_of_a_closed_fracture_is_the_default() -> None:
    assert choose_seventh(FRACTURE, Context(NOTHING)) == ("A", False)


def test_an_open_fracture_and_its_healing() -> None:
    assert choose_seventh(FRACTURE, Context(NOTHING, is_open=True))[0] == "B"
    healing = Context(NOTHING, encounter="subsequent")
    assert choose_seventh(FRACTURE, healing) == ("D", True)
    nonunion = Context(NOTHING, encounter="subsequent", healing="nonunion")
    assert choose_seventh(FRACTURE, nonunion)[0] == "K"


def test_a_side_in_the_context_picks_the_sided_code() -> None:
    refiner = Refiner(load_icd10cm())
    left = Context(NOTHING, frozenset({"left", "unilateral"}))
    assert [r.code for r in refiner.refine("H65.0", left)] == ["H65.02"]


def test_an_unspecified_code_rises_to_what_the_words_support() -> None:
    refiner = Refiner(load_icd10cm())
    words = frozenset(words_of("mild persistent asthma with exacerbation"))
    assert [r.code for r in refiner.refine("J45.909", Context(words))] == ["J45.31"]
