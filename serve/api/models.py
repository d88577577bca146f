"""``/v1/models``: which model answers, exchanged while the server runs, and one in its shadow."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from serve.api.fields import Strict, with_example
from serve.api.parts import Administering, GivenParts, Parts
from serve.api.records import json_response, problems
from serve.engine.attempts import Place
from serve.engine.bundle_names import NAME_PATTERN
from serve.engine.models import Model
from serve.store.agreements import Agreement, agreements_of

router = APIRouter(prefix="/v1/models", tags=["models"])


class BundleIn(Strict):
    """``models:/NAME@ALIAS``, ``default``, a folder in ``CAC_BUNDLES``; none: the rules alone."""

    model_config = with_example({"bundle": "default"})

    bundle: Annotated[str, Field(max_length=200, pattern=NAME_PATTERN)]


@router.get("", summary="Which model answers", response_model=None, responses=problems(503))
def shown(parts: GivenParts, who: Administering) -> Response:
    """Answer the model in use, the one before it, and the shadow with its agreement."""
    del who
    return json_response(_record(parts))


@router.put("/current", summary="Change", response_model=None, responses=problems(409, 503))
def change(sent: BundleIn, parts: GivenParts, who: Administering) -> Response:
    """Load and warm a model, then exchange it; requests under way keep theirs.

    A restart begins with it as well, whatever CAC_BUNDLE says.
    """
    parts.changes.change(Place.CURRENT, sent.bundle, by=who.user_id)
    return json_response(_record(parts))


@router.post("/rollback", summary="Go back", response_model=None, responses=problems(409, 503))
def roll_back(parts: GivenParts, who: Administering) -> Response:
    """Exchange the model in use and the one before it, which is still warm."""
    parts.changes.roll_back(by=who.user_id)
    return json_response(_record(parts))


@router.put("/shadow", summary="Shadow", response_model=None, responses=problems(409, 503))
def begin_shadow(sent: BundleIn, parts: GivenParts, who: Administering) -> Response:
    """Let a second model answer unseen, when nothing waits; only the agreement is kept."""
    parts.changes.change(Place.SHADOW, sent.bundle, by=who.user_id)
    return json_response(_record(parts))


@router.delete("/shadow", summary="End it", response_model=None, responses=problems(503))
def end_shadow(parts: GivenParts, who: Administering) -> Response:
    """Leave the model in use alone; the agreement stays."""
    parts.changes.end_shadow(by=who.user_id)
    return json_response(_record(parts))


def _record(parts: Parts) -> dict[str, Any]:
    models = parts.engine.models
    with parts.store.read() as session:
        agreement = [_sums(sums) for sums in agreements_of(session)]
    newest = [{**asdict(c), "jaccard": c.jaccard} for c in parts.engine.agreements.newest]
    return {
        "current": _model(models.current, parts),
        "previous": _model(models.previous, parts),
        "shadow": _model(models.shadow, parts),
        "agreement": agreement,
        "newest": newest,
    }


def _sums(sums: Agreement) -> dict[str, Any]:
    times = {"first_at": sums.first_at.isoformat(), "last_at": sums.last_at.isoformat()}
    return asdict(sums) | times


def _model(model: Model | None, parts: Parts) -> dict[str, Any] | None:
    if model is None:
        return None
    return {"model_version": model.version, "bundle": parts.changes.names.shown(model.bundle)}
