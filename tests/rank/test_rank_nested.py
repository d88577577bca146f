"""What lies inside a longer mention, by its words and not by how far it stretches."""

from __future__ import annotations

from cac.coding import Candidate, Code, CodeSystem, Mention
from cac.note import Span
from cac.rank.score import nested_mentions


def _mention(*spans: tuple[int, int], weight: float = 1.0) -> Mention:
    candidates = (Candidate(Code(CodeSystem.ICD10CM, "M10.9"), weight, "term", "index"),)
    return Mention(tuple(Span(*s) for s in spans), candidates, "other", ())


def test_inside_one_span_of_another() -> None:
    long, short = _mention((0, 20)), _mention((5, 10))
    assert nested_mentions([long, short]) == [short]


def test_between_the_parts_of_another_is_not_inside() -> None:
    broken, between = _mention((0, 5), (30, 40)), _mention((10, 20))
    assert not nested_mentions([broken, between])


def test_each_part_inside_a_different_mention_is_not_inside() -> None:
    broken = _mention((2, 4), (32, 34))
    assert not nested_mentions([broken, _mention((0, 10)), _mention((30, 40))])


def test_a_broken_mention_inside_one_span() -> None:
    broken, long = _mention((2, 4), (8, 9)), _mention((0, 10))
    assert nested_mentions([broken, long]) == [broken]


def test_a_better_match_is_not_put_down() -> None:
    assert not nested_mentions([_mention((0, 20), weight=0.5), _mention((5, 10))])


def test_the_same_words_twice() -> None:
    assert not nested_mentions([_mention((0, 9)), _mention((0, 9))])
