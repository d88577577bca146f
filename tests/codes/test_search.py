import pytest

from cac.codes import load_icd10cm
from cac.codes.search import CodeSearch
from cac.codes.terms import stem, words_of


@pytest.fixture(scope="module")
def search() -> CodeSearch:
    return CodeSearch.load(load_icd10cm())


@pytest.mark.parametrize(
    ("query", "wanted", "within"),
    [
        ("heart failure acute on chronic", "I50.23", 3),
        ("heart failure acute on chronic", "I50.33", 3),
        ("heart failure acute on chronic", "I50.43", 4),
        ("diabetes type 2 kidney disease", "E11.22", 1),
        ("heart attack", "I21.9", 1),
        ("pnuemonia", "J18.9", 1),
        ("right hip pain", "M25.551", 1),
        ("COPD exacerbations", "J44.1", 1),
        ("CHF", "I50.9", 1),
        ("htn", "I10", 1),
        ("UTI", "N39.0", 1),
        ("a fib", "I48.91", 1),
        ("a-fib", "I48.91", 1),
        ("ckd 3b", "N18.32", 1),
        ("fx femur", "S72", 1),
        ("hip fx", "S72.00", 1),
        ("pna", "J18.9", 1),
        ("SOB", "R06.02", 1),
        ("dm2 neuropathy", "E11.40", 1),
        ("hx breast ca", "Z85.3", 1),
        ("pressure ulcer sacrum stage 2", "L89.152", 1),
        ("knee oa", "M17", 2),
        ("copd exac", "J44.1", 1),
        ("t2dm with ckd", "E11.22", 1),
        ("gi bleed", "K92.2", 1),
        ("haemorrhoids", "K64.9", 3),
        ("Sjogren", "M35.0", 10),
    ],
)
def test_the_wanted_code_ranks_high(
    search: CodeSearch, query: str, wanted: str, within: int
) -> None:
    assert wanted in [hit.value for hit in search.search(query, within)]


def test_the_same_query_gives_the_same_order(search: CodeSearch) -> None:
    assert search.search("fracture of left radius") == search.search("fracture of left radius")


@pytest.mark.parametrize("query", ["", "the of", "zqxzqx"])
def test_a_query_that_names_nothing_finds_nothing(search: CodeSearch, query: str) -> None:
    assert search.search(query) == []


def test_a_hit_tells_which_term_answered(search: CodeSearch) -> None:
    hit = search.search("lobar pneumonia")[0]

    assert (hit.value, hit.billable) == ("J18.1", True)
    assert hit.source in ("title", "inclusion", "index")
    assert 0 < hit.score <= 1


def test_words_are_folded() -> None:
    assert words_of("Sjögren's oedema of the haemorrhoids") == ["sjogrens", "edema", "hemorrhoids"]
    assert stem("fractures") == stem("fracture"[:-1])
