from collections.abc import Callable

from cac.coding import CodedNote
from cac.learn.matching import Rule, TermIndex, exact_view
from cac.learn.terms import Annotated
from cac.learn.words import NoteWords, read_words
from cac.note import Note

from .conftest import read

CLOSE = Rule(max_gap=2)


def words_of(text: str) -> NoteWords:
    return read_words(read(Note("1", text, language="es")), "es")


def found(text: str, *keys: tuple[str, ...], rule: Rule = CLOSE) -> list[tuple[int, ...]]:
    words = words_of(text)
    index = TermIndex(keys, {}, rule)
    return sorted(match.positions for match in index.find(exact_view(words), words.words))


def test_words_are_found_in_any_order_over_function_words() -> None:
    assert found("calculo del riñon", ("calcul", "rinon")) == [(0, 1)]
    assert found("riñon con calculo", ("calcul", "rinon")) == [(0, 1)]


def test_words_too_far_apart_or_in_two_sentences_are_not_found() -> None:
    assert found("riñon grande sano libre calculo", ("calcul", "rinon")) == []
    assert found("Sin calculo. Riñon sano", ("calcul", "rinon")) == []


def test_words_in_two_sentences_are_found_where_the_rule_lets_them() -> None:
    across = Rule(max_gap=2, across=True)
    assert found("Sin calculo. Riñon sano", ("calcul", "rinon"), rule=across) == [(1, 2)]


def test_every_place_is_found_once_and_nested_terms_too() -> None:
    text = "dolor abdominal y dolor lumbar"
    assert found(text, ("dolor",), ("abdominal", "dolor")) == [(0,), (0, 1), (2,)]


def test_a_repeated_word_needs_as_many_places() -> None:
    assert found("fiebre", ("fiebr", "fiebr")) == []


def test_one_word_may_stand_for_two_symbols_only_where_allowed() -> None:
    from cac.learn.matching import EXACT

    words = words_of("nefropatia")
    view = {"en:kidney": {0: EXACT}, "en:diseas": {0: EXACT}}
    key = ("en:diseas", "en:kidney")
    assert not list(TermIndex([key], {}, Rule()).find(view, words.words))
    assert len(list(TermIndex([key], {}, Rule(reuse=True)).find(view, words.words))) == 1


def test_counts_tell_evidence_from_mere_occurrence(
    corpus: list[CodedNote], annotate: Callable[[CodedNote], Annotated]
) -> None:
    from cac.learn.terms import TOGETHER, TermTable

    table = TermTable.learn([annotate(note) for note in corpus])
    sure, unsure = table.terms[("neumoni",)], table.terms[("dolor",)]
    assert sure.coded == sure.seen
    assert unsure.coded[TOGETHER] < unsure.seen[TOGETHER]
    assert 0 < unsure.ratio() < sure.ratio() < 1
    assert table.terms[("abdominal", "dolor")].orders == {("dolor", "abdominal")}
