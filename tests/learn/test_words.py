import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.errors import SettingsError
from cac.learn.words import function_words, read_words, stem_english, stem_spanish, stems_of
from cac.note import Note, Span

from .conftest import read


@pytest.mark.parametrize(
    ("one", "two"),
    [("dolorosas", "doloroso"), ("lesiones", "lesion"), ("renales", "renal"), ("masas", "masa")],
)
def test_number_and_gender_meet(one: str, two: str) -> None:
    assert stem_spanish(one) == stem_spanish(two)


@pytest.mark.parametrize(
    ("word", "stem"), [("effusions", "effusion"), ("biopsies", "biopsy"), ("pelvis", "pelvis")]
)
def test_english_plurals(word: str, stem: str) -> None:
    assert stem_english(word) == stem


def test_accents_and_function_words_do_not_count() -> None:
    assert stems_of("Litiasis de la vesícula", "es") == stems_of("LITIASIS VESICULA", "es")


def test_an_unknown_language_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="Known: es, en"):
        function_words("xx")


@given(st.text(alphabet="abcñ É.,-\n1", max_size=80))
def test_offsets_are_those_of_the_text(text: str) -> None:
    words = read_words(read(Note("1", text, language="es")), "es")
    for word in words.words:
        assert text[word.start : word.end].isalnum()
    assert words.inside([Span(0, len(text))]) == list(range(len(words.words)))
