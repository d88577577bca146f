"""Resources checked by the models of `fhir.resources`, which are imported when first needed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from serve.errors import DecisionError

_MOST_NAMED = 5


class Release(StrEnum):
    """The releases of FHIR that are spoken here."""

    R4 = "R4"
    R5 = "R5"


def validated(resource: Mapping[str, Any], release: Release) -> dict[str, Any]:
    """Return a resource as its model writes it.

    Raises:
        DecisionError: it is not as the release has it; places are named, never values.
    """
    kind = str(resource.get("resourceType", ""))
    model = _model(kind, release)
    try:
        return model.model_validate(resource).model_dump(mode="json")
    except ValidationError as error:
        found = error.errors(include_input=False, include_context=False, include_url=False)
        places = dict.fromkeys(_place(fault["loc"]) for fault in found)
        named = ", ".join(list(places)[:_MOST_NAMED])
        raise DecisionError(f"This is no {kind} of FHIR {release}: see {named}.") from None


@cache
def _models() -> dict[Release, Any]:
    from fhir.resources import get_fhir_model_class as of_r5
    from fhir.resources.R4B import get_fhir_model_class as of_r4

    return {Release.R4: of_r4, Release.R5: of_r5}


KINDS = ("DocumentReference", "Bundle", "Condition", "Procedure", "Claim", "Provenance")


def _model(kind: str, release: Release) -> type[BaseModel]:
    if kind not in KINDS:
        raise DecisionError("resourceType may be DocumentReference or Bundle.")
    model: type[BaseModel] = _models()[release](kind)
    return model


def _place(path: tuple[int | str, ...]) -> str:
    """Return a path of elements; what cannot be the name of one is not repeated."""
    plain = [str(p) if str(p).isalnum() and len(str(p)) <= 30 else "?" for p in path]
    return ".".join(plain) or "the whole"
