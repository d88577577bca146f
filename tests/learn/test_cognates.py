import pytest

from cac.learn.cognates import Cognates, spelling_key


@pytest.mark.parametrize(
    ("spanish", "english"),
    [
        ("retinosquisi", "retinoschisis"),
        ("macrocefali", "macrocephaly"),
        ("esofagiti", "esophagitis"),
        ("osteopeni", "osteopenia"),
        ("neumoni", "pneumonia"),
        ("estenosi", "stenosis"),
    ],
)
def test_words_of_one_root_meet(spanish: str, english: str) -> None:
    known = Cognates([english, "retinopathy", "microcephaly", "hysterectomy", "short"])
    assert known.of(spanish)[0][0] == english


def test_short_words_and_numbers_have_no_cognates() -> None:
    assert not Cognates(["femur", "2019"]).of("femur")
    assert not Cognates(["tonsillitis"]).of("123456")


def test_the_likest_comes_first() -> None:
    (first, like), *_ = Cognates(["hypotension", "hypertension"]).of("hipertension")
    assert first == "hypertension"
    assert like == 1.0
    assert spelling_key("hypertension") == spelling_key("hipertension")
