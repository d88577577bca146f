"""What of a claim only the site knows; everything that is not given is a placeholder."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from serve.x12.segments import DELIMITERS, WIDTH

PLACEHOLDER = "PLACEHOLDER"
NO_DAY = date(1900, 1, 1)
"""A date that is not known."""
_NO_NUMBER = "0" * 10


def _basic(value: str) -> str:
    """Return text in the basic character set of X12, which has no small letters."""
    upper = value.upper()
    if not (upper.isascii() and upper.isprintable()) or DELIMITERS.intersection(upper):
        raise PydanticCustomError("not_x12", "printable ASCII without * : ^ ~")
    return upper.strip()


Text = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_basic)]
Npi = Annotated[str, Field(pattern=r"^[0-9]{10}$")]
Money = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2)]
_FEW = Field(max_length=100)
Pointers = Annotated[list[Annotated[int, Field(ge=1, le=12)]], Field(min_length=1, max_length=4)]


class Party(BaseModel):
    """An organisation or a person; ``first_name`` is for persons alone."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Text = PLACEHOLDER
    first_name: Text = PLACEHOLDER
    identifier: Text = PLACEHOLDER
    npi: Npi = _NO_NUMBER
    tax_id: Annotated[str, Field(pattern=r"^[0-9]{9}$")] = "0" * 9
    phone: Annotated[str, Field(pattern=r"^[0-9]{10}$")] = _NO_NUMBER
    street: Text = PLACEHOLDER
    city: Annotated[Text, Field(min_length=2, max_length=30)] = PLACEHOLDER
    state: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = ""
    zip: Annotated[str, Field(pattern=r"^([0-9]{5}|[0-9]{9})?$")] = ""


class Known(BaseModel):
    """What the site fills in; all of it is optional.

    ``charges``, ``procedure_dates`` and ``pointers`` are by code, as the note has it; pointers
    count the diagnoses of the claim from 1.
    """

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "examples": [
                {
                    "payer": {"name": "EXAMPLE HEALTH PLAN", "identifier": "12345"},
                    "billing": {"name": "EXAMPLE CLINIC", "npi": "1234567893"},
                    "charges": {"99213": "120.00"},
                    "pointers": {"99213": [1]},
                }
            ]
        },
    )

    submitter: Party = Party()
    receiver: Party = Party()
    billing: Party = Party()
    subscriber: Party = Party()
    payer: Party = Party()
    attending: Party = Party()
    birth_date: date = NO_DAY
    sex: Literal["F", "M", "U"] = "U"
    claim_filing: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")] = "ZZ"
    place_of_service: Annotated[str, Field(pattern=r"^[0-9]{2}$")] = "99"
    revenue_code: Annotated[str, Field(pattern=r"^[A-Z0-9]{4}$")] = "XXXX"
    admission_type: Annotated[str, Field(pattern=r"^[1-9]$")] = "9"
    admission_source: Annotated[str, Field(pattern=r"^[A-Z0-9]$")] = "9"
    patient_status: Annotated[str, Field(pattern=r"^[0-9]{2}$")] = "30"
    statement_from: date | None = None
    statement_through: date | None = None
    admitted: date | None = None
    admitting_diagnosis: Annotated[str, Field(pattern=r"^([A-Z][A-Z0-9.]{2,7})?$")] = ""
    charges: Annotated[dict[str, Money], _FEW] = {}
    procedure_dates: Annotated[dict[str, date], _FEW] = {}
    pointers: Annotated[dict[str, Pointers], _FEW] = {}

    @field_validator("submitter", "receiver")
    @classmethod
    def _fits_the_envelope(cls, party: Party) -> Party:
        if not 2 <= len(party.identifier) <= WIDTH:
            raise PydanticCustomError("not_x12", "an identifier of 2 to 15 characters")
        return party
