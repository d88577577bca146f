"""Overlapping evidence cut into segments: whole, in order, each under exactly its marks."""

from hypothesis import given
from hypothesis import strategies as st

from cac.coding import Code, CodeSystem, Evidence, Suggestion
from cac.note import Assertion, Span
from cac.outputs.marking import marks_of, printable, segments

N = 30
SPANS = st.tuples(st.integers(0, N), st.integers(0, N)).map(lambda ends: Span(*sorted(ends)))


def suggestion(spans: list[Span]) -> Suggestion:
    evidence = tuple(Evidence(s, "", "other", Assertion.PRESENT) for s in spans)
    return Suggestion(Code(CodeSystem.ICD10CM, "J45"), "", 0.5, 1, evidence)


@given(st.lists(SPANS, max_size=8), st.sets(st.integers(0, N), max_size=4))
def test_each_character_is_under_exactly_its_marks(spans: list[Span], cuts: set[int]) -> None:
    marks = marks_of([suggestion(spans)], "s")
    found = list(segments(N, marks, cuts))
    assert [s.span.start for s in found] == [0, *(s.span.end for s in found)][:-1]
    assert found[-1].span.end == N
    for segment in found:
        position = segment.span.start
        covering = {m.anchor for m in marks if m.span.start <= position < m.span.end}
        assert {m.anchor for m in segment.marks} == covering
        assert not any(segment.span.start < cut < segment.span.end for cut in cuts)
    assert all(mark.anchor.startswith("s1-") for mark in marks)


@given(st.text())
def test_printable_keeps_every_position_and_no_control_character(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert not any((ord(c) < 32 and c not in "\t\n\r") or 127 <= ord(c) < 160 for c in shown)
