"""``/v1/models``: which model answers, exchanged while the server runs, and one in its shadow."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from cac.bundle_places import DEFAULT
from serve.api.fields import Strict, with_example
from serve.api.parts import Administering, GivenParts, Parts
from serve.api.records import json_response, problems
from serve.engine.models import Model
from serve.errors import DecisionError

router = APIRouter(prefix="/v1/models", tags=["models"])
_REGISTRY = "models:/"
_BUNDLE = r"^(models:/[\w.-]+(@[\w.-]+|/\d+)|[\w-][\w.-]*)?$"


class BundleIn(Strict):
    """``models:/NAME@ALIAS``, ``default``, a folder in ``CAC_BUNDLES``; none: the rules alone."""

    model_config = with_example({"bundle": "models:/NAME@production"})

    bundle: Annotated[str, Field(max_length=200, pattern=_BUNDLE)]


@router.get("", summary="Which model answers", response_model=None, responses=problems(503))
def shown(parts: GivenParts, who: Administering) -> Response:
    """Answer the model in use, the one before it, and the shadow with its agreement."""
    del who
    return json_response(_record(parts))


@router.put("/current", summary="Change", response_model=None, responses=problems(409, 503))
def change(sent: BundleIn, parts: GivenParts, who: Administering) -> Response:
    """Load and warm a model, then exchange it; requests under way keep theirs."""
    model = parts.engine.models.change(_place(sent.bundle, parts))
    return _changed("model.changed", model, parts, who)


@router.post("/rollback", summary="Go back", response_model=None, responses=problems(409, 503))
def roll_back(parts: GivenParts, who: Administering) -> Response:
    """Exchange the model in use and the one before it, which is still warm."""
    return _changed("model.rolled_back", parts.engine.models.roll_back(), parts, who)


@router.put("/shadow", summary="Shadow", response_model=None, responses=problems(409, 503))
def begin_shadow(sent: BundleIn, parts: GivenParts, who: Administering) -> Response:
    """Let a second model answer unseen, when nothing waits; only the agreement is kept."""
    model = parts.engine.models.change_shadow(_place(sent.bundle, parts))
    return _changed("model.shadow", model, parts, who)


@router.delete("/shadow", summary="End it", response_model=None, responses=problems(503))
def end_shadow(parts: GivenParts, who: Administering) -> Response:
    """Leave the model in use alone; what was found out stays until the server ends."""
    parts.engine.models.end_shadow()
    parts.store.write(lambda unit: unit.log("model.shadow_ended", who.user_id))
    return json_response(_record(parts))


def _changed(kind: str, model: Model, parts: Parts, who: Administering) -> Response:
    parts.store.write(lambda unit: unit.log(kind, who.user_id, model_version=model.version))
    return json_response(_record(parts))


def _place(bundle: str, parts: Parts) -> str:
    """Return what to load: only folders that the administrator of the machine put there."""
    if bundle in ("", DEFAULT) or bundle.startswith(_REGISTRY):
        return bundle
    if parts.settings.bundles is None:
        raise DecisionError("CAC_BUNDLES names no folder of bundles; set it, or name models:/...")
    folder = parts.settings.bundles / bundle
    if not folder.is_dir():
        raise DecisionError("There is no bundle of this name in the folder of CAC_BUNDLES.")
    return str(folder)


def _record(parts: Parts) -> dict[str, Any]:
    models = parts.engine.models
    agreement = [asdict(sums) for sums in parts.engine.agreements.sums]
    newest = [{**asdict(c), "jaccard": c.jaccard} for c in parts.engine.agreements.newest]
    return {
        "current": _model(models.current),
        "previous": _model(models.previous),
        "shadow": _model(models.shadow),
        "agreement": agreement,
        "newest": newest,
    }


def _model(model: Model | None) -> dict[str, Any] | None:
    if model is None:
        return None
    name = model.bundle if model.bundle.startswith(_REGISTRY) else model.bundle.rpartition("/")[2]
    return {"model_version": model.version, "bundle": name}
