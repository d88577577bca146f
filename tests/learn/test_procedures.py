import pytest

from cac.coding import Code, CodeSystem
from cac.learn.procedures import ProcedureGrammar, act_of
from cac.learn.terms import Term, TermTable

IMAGED = {"cerebral": "B020", "torax": "BW24", "abdomen": "BW20", "pelvi": "BW2G"}


def pcs(value: str) -> Code:
    return Code(CodeSystem.ICD10PCS, value)


@pytest.fixture(scope="module")
def grammar() -> ProcedureGrammar:
    """CT of four sites, and ultrasound of three of them but not of the pelvis."""
    table = TermTable()
    for site, value in IMAGED.items():
        ct, sound = value[:2] + "2" + value[3], value[:2] + "4" + value[3] + "ZZZ"
        table.terms[tuple(sorted(("tac", site)))] = Term()
        table.terms[tuple(sorted(("tac", site)))].codes[pcs(ct)] += 2
        table.code_notes[pcs(ct)] += 2
        if site != "pelvi":
            table.terms[tuple(sorted(("ecografi", site)))] = Term()
            table.terms[tuple(sorted(("ecografi", site)))].codes[pcs(sound)] += 2
            table.code_notes[pcs(sound)] += 2
    official = {("en:knee",): ("BQ27", "BQ47", "0SBC")}
    return ProcedureGrammar.learn(table, official)


def test_words_of_many_sites_and_one_act_name_the_act(grammar: ProcedureGrammar) -> None:
    assert grammar.acts == {"tac": {"act:B2": 1.0}, "ecografi": {"act:B4": 1.0}}


def test_an_act_and_a_site_never_seen_together_make_a_code(grammar: ProcedureGrammar) -> None:
    assert set(grammar.prefixes[("act:B4", "pelvi")]) == {"BW4G"}
    assert list(grammar.codes("BW4G")) == [(pcs("BW4GZZZ"), 1.0)]
    assert list(grammar.codes("BW2G")) == [(pcs("BW2G"), 1.0)]


def test_official_sites_join_the_acts_that_are_known(grammar: ProcedureGrammar) -> None:
    assert set(grammar.prefixes[("act:B2", "en:knee")]) == {"BQ27"}
    assert ("act:0B", "en:knee") not in grammar.prefixes


def test_the_act_of_a_code_is_its_first_and_third_character() -> None:
    assert act_of("0TTB") == "act:0T"


def test_no_procedures_make_no_grammar() -> None:
    table = TermTable()
    table.terms[("dolor",)] = Term()
    assert ProcedureGrammar.learn(table, {}) == ProcedureGrammar()
