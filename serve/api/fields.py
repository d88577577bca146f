"""Fields that several requests share, checked so that no later part can be hurt by them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from cac.inputs.fields import MAX_CHARACTERS
from cac.note import Note, Setting

MAX_ID = 200
Language = Literal["en", "es"]


def _printable(value: str) -> str:
    if not value.isprintable() or value != value.strip():
        raise PydanticCustomError("not_printable", "printable characters, none blank at an end")
    return value


def _readable(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("holds_nul", "plain text, which holds no NUL")
    if not value.strip():
        raise PydanticCustomError("blank", "a text with words")
    return value


EXAMPLE = {
    "note_id": "visit-1",
    "text": "Assessment: CKD stage 3b. No chest pain.",
    "setting": "outpatient",
    "service_date": "2026-11-02",
}
"""A note for the descriptions of requests."""

Id = Annotated[str, Field(min_length=1, max_length=MAX_ID), AfterValidator(_printable)]
Label = Annotated[str, Field(max_length=MAX_ID), AfterValidator(_printable)]
NoteText = Annotated[str, Field(min_length=1, max_length=MAX_CHARACTERS), AfterValidator(_readable)]


class Strict(BaseModel):
    """A request's object: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def with_example(example: dict[str, Any]) -> ConfigDict:
    """Return the configuration of a request's object that is described by an example."""
    return ConfigDict(
        extra="forbid", hide_input_in_errors=True, json_schema_extra={"examples": [example]}
    )


class NoteIn(Strict):
    """A note as it is sent."""

    note_id: Id = Field(description="your own id of the note", examples=["visit-1"])
    text: NoteText = Field(
        description="the note, untouched; offsets count its code points",
        examples=["Assessment: CKD stage 3b. No chest pain."],
    )
    note_type: Label = Field("", examples=["progress note"])
    language: Language = Field("en", description="ISO 639-1")
    setting: Setting | None = Field(None, description="decides which guidelines hold")
    service_date: date | None = Field(None, description="decides the release of each code set")

    def note(self, *, patient_id: str = "", encounter_id: str = "") -> Note:
        """Return the note as the library takes it."""
        return Note(
            note_id=self.note_id,
            text=self.text,
            note_type=self.note_type,
            language=self.language,
            patient_id=patient_id,
            encounter_id=encounter_id,
            setting=self.setting,
            service_date=self.service_date,
        )
