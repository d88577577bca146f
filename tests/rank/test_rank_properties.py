"""What holds for any note and any mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cac.coding import Candidate, Code, CodeSystem, Mention
from cac.errors import SettingsError
from cac.note import AnnotatedNote, Assertion, Note, Section, Setting, Span
from cac.rank import Convention, Ranker

if TYPE_CHECKING:
    from cac.codes import Icd10cm

_CODES = ["E11.9", "E11.22", "N18.9", "I10", "I50.9", "R05.9", "J18.9", "Z79.4", "C50.919",
          "O14.90", "S52.501A", "W19.XXXA", "F03.90", "G30.9", "X99", "K92.2"]  # fmt: skip
_SECTIONS = ["assessment", "past_medical_history", "family_history", "medications", "other"]
_TEXT = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu. " * 4

_mentions = st.lists(
    st.tuples(
        st.integers(0, len(_TEXT) - 12),
        st.integers(1, 12),
        st.lists(st.sampled_from(_CODES), min_size=1, max_size=3, unique=True),
        st.sampled_from(list(Assertion)),
        st.sampled_from(_SECTIONS),
        st.floats(0, 1),
    ),
    max_size=12,
)


def _mention(item: tuple[int, int, list[str], Assertion, str, float]) -> Mention:
    start, length, codes, says, section, weight = item
    candidates = tuple(
        Candidate(Code(CodeSystem.ICD10CM, code), weight / (place + 1), "term", "index")
        for place, code in enumerate(codes)
    )
    return Mention((Span(start, start + length),), candidates, section, (says,))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(items=_mentions, setting=st.sampled_from(list(Setting)), every=st.booleans())
def test_invariants(
    icd10cm: Icd10cm,
    items: list,
    setting: Setting,
    every: bool,  # type: ignore[type-arg]
) -> None:
    convention = Convention.load("all-mentions") if every else None
    ranker = Ranker(icd10cm, convention)
    whole = Span(0, len(_TEXT))
    annotated = AnnotatedNote(
        Note("n", _TEXT), (Section("other", Span(0, 0), whole),), (whole,), (), ()
    )
    mentions = [_mention(item) for item in items]
    first = ranker.rank(annotated, mentions, setting, include_rejected=True, min_probability=0.0)
    assert first == ranker.rank(
        annotated, mentions, setting, include_rejected=True, min_probability=0.0
    )
    chances = [s.probability for s in first.suggestions]
    assert chances == sorted(chances, reverse=True)
    assert all(0 < chance < 1 for chance in chances)
    assert [s.rank for s in first.suggestions] == list(range(1, len(chances) + 1))
    values = [s.code.value for s in first.suggestions]
    assert len(values) == len(set(values))
    for suggestion in (*first.suggestions, *first.rejected):
        assert suggestion.evidence
        for evidence in suggestion.evidence:
            assert _TEXT[evidence.span.start : evidence.span.end] == evidence.text
            assert 0 <= evidence.weight <= 1
    assert not set(values) & {s.code.value for s in first.rejected}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cut": 1.5}, "allowed: 0 to 1"),
        ({"drop_less_specific": "maybe"}, "always, overlap, never"),
        ({"colour": "blue"}, "colour"),
        ({"treatments": {"PRESENT": "code"}}, "says nothing of NEGATED"),
    ],
)
def test_wrong_conventions_are_named(change: dict[str, object], message: str) -> None:
    data = Convention.load("us-inpatient").to_dict() | change
    with pytest.raises(SettingsError, match=message):
        Convention.from_dict(data)


def test_unknown_convention_names_the_known() -> None:
    with pytest.raises(SettingsError, match="all-mentions, codiesp, us-emergency"):
        Convention.load("uk-inpatient")
