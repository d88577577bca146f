import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cac.codes.label_space import LabelSpace
from cac.coding import Code, CodedNote, CodeSystem
from cac.errors import SettingsError
from cac.note import Note

CODES = st.builds(Code, st.sampled_from(CodeSystem), st.text("0123456789AZ.", min_size=1))


def coded(*values: str) -> CodedNote:
    return CodedNote(Note("1", ""), tuple(Code(CodeSystem.ICD10CM, v) for v in values))


@given(st.lists(CODES))
def test_the_order_of_the_codes_changes_nothing(codes: list[Code]) -> None:
    space = LabelSpace(tuple(codes))
    backwards = LabelSpace(tuple(reversed(codes)))
    assert space == backwards
    assert space.digest == backwards.digest
    assert [space.index(code) for code in space] == list(range(len(set(codes))))
    assert LabelSpace.from_json(json.loads(json.dumps(space.to_json()))) == space


def test_rare_codes_are_left_out_and_a_code_counts_once_a_note() -> None:
    notes = [coded("I10", "I10", "E11.9"), coded("I10", "J18.9"), coded("E11.9")]
    assert [c.value for c in LabelSpace.of(notes, min_count=2)] == ["E11.9", "I10"]
    assert [c.value for c in LabelSpace.of(notes, top_k=1)] == ["E11.9"]
    assert len(LabelSpace.of(notes)) == 3


def test_a_code_that_is_no_label_is_named() -> None:
    space = LabelSpace.of([coded("I10")])
    assert space.indices([Code(CodeSystem.ICD10CM, "I10"), Code(CodeSystem.CPT, "I10")]) == (0,)
    with pytest.raises(SettingsError, match=r"J18\.9 is none of the 1 labels"):
        space.index(Code(CodeSystem.ICD10CM, "J18.9"))
    merged = space.merged([Code(CodeSystem.ICD10CM, "J18.9")])
    assert merged.index(Code(CodeSystem.ICD10CM, "J18.9")) == 1
    assert merged.digest != space.digest


def test_codes_read_as_numbers_are_refused() -> None:
    with pytest.raises(SettingsError, match="zeros"):
        LabelSpace.from_json({"ICD-9-CM": [38.9]})
