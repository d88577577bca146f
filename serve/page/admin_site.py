"""Administration by forms: the blinded share, and which models answer."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from serve.api.parts import Parts
from serve.engine.attempts import Place
from serve.engine.changes import Changes
from serve.errors import DecisionError
from serve.page.admin_page import Administrator, Sent, Text, answered, done
from serve.store import Unit
from serve.store.site import Name, forget_setting, set_blinded_share

router = APIRouter(include_in_schema=False)


@router.post("/admin/blinded")
def set_share(
    request: Request, reader: Administrator, _: Sent, share: Text = "", act: Text = ""
) -> Response:
    """Set which share of new notes is shown without suggestions, or let the variable say."""

    def work(unit: Unit) -> None:
        if act == "variable":
            forget_setting(unit, Name.BLINDED_SHARE, by=reader.who.user_id)
        else:
            set_blinded_share(unit, _share(share), by=reader.who.user_id)

    return done(request, reader, work, lambda _: None)


@router.post("/admin/models")
def change_models(
    request: Request,
    reader: Administrator,
    _: Sent,
    act: Text = "",
    bundle: Text = "",
    registry: Text = "",
) -> Response:
    """Change what answers or shadows; what has to be loaded is loaded after the answer."""
    parts: Parts = request.app.state.parts

    def change() -> None:
        _change(parts.changes, act, registry.strip() or bundle, by=reader.who.user_id)

    return answered(request, reader, change)


def _change(changes: Changes, act: str, bundle: str, *, by: str) -> None:
    if act in set(Place):
        changes.begin(Place(act), bundle, by=by)
    elif act == "variable":
        changes.begin(Place.CURRENT, None, by=by)
    elif act == "back":
        changes.roll_back(by=by)
    elif act == "end":
        changes.end_shadow(by=by)
    else:
        raise DecisionError("Choose one of the buttons: nothing was changed.")


def _share(percent: str) -> float:
    try:
        return float(percent.replace(",", ".")) / 100
    except ValueError:
        raise DecisionError("The blinded share is a number of 0 to 100 percent.") from None
