"""The administration page: all that it shows, and the form's answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Form, Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from cac.errors import CacError
from serve.access import api_keys, users
from serve.access.principal import SCOPES, Role, Scope
from serve.api.parts import Parts
from serve.engine.bundle_names import BundleNames
from serve.engine.changes import Changes
from serve.http.auth import store_of
from serve.page.visitor import Visitor, may, sent_by
from serve.store import Store, Unit
from serve.store.agreements import agreements_of
from serve.store.site import Name, in_force
from serve.store.tables import LogHead, NoteRow, User

Administrator = Annotated[Visitor, Depends(may(Scope.ADMIN))]
Sent = Annotated[Visitor, Depends(sent_by)]
Text = Annotated[str, Form(max_length=200)]
T = TypeVar("T")
Secret = tuple[str, str]
"""What is shown this once: what it is, and itself."""


def done(
    request: Request,
    reader: Visitor,
    work: Callable[[Unit], T],
    shown: Callable[[T], Secret | None],
) -> Response:
    """Do the work; show the page with its secret, which is nowhere else, or with what was wrong."""
    return answered(request, reader, lambda: shown(store_of(request).write(work)))


def answered(request: Request, reader: Visitor, act: Callable[[], Secret | None]) -> Response:
    """Act, and show the page after it, or with what was wrong."""
    try:
        secret = act()
    except CacError as error:
        return show(request, reader, message=str(error), status=422)
    return show(request, reader, secret=secret)


def show(
    request: Request,
    reader: Visitor,
    *,
    message: str = "",
    secret: Secret | None = None,
    status: int = 200,
) -> Response:
    """Return the page as things stand."""
    parts: Parts = request.app.state.parts
    with parts.store.read() as session:
        values = _people(session) | _notes(session, parts.store) | _models(session, parts)
    values |= {"message": message, "secret": secret, "percent": _percent, "moment": _moment}
    return reader.render("admin.html", "/admin", status=status, **values)


def _people(session: Session) -> dict[str, Any]:
    people = {user.id: user for user in users.list_users(session)}
    keys = api_keys.list_keys(session)
    return {
        "users": list(people.values()),
        "names": {id_: user.name for id_, user in people.items()},
        "roles": list(Role),
        "keys": keys,
        "scopes": list(Scope),
        "allowed": {key.prefix: _allowed(people[key.user_id]) for key in keys},
        "lacking": {key.prefix: api_keys.lacking(key, people[key.user_id]) for key in keys},
    }


def _allowed(owner: User) -> list[Scope]:
    return [scope for scope in Scope if scope in SCOPES[Role(owner.role)]]


def _notes(session: Session, store: Store) -> dict[str, Any]:
    blinded = select(func.count()).select_from(NoteRow).where(NoteRow.blinded)
    return {
        "now": store.clock(),
        "n_notes": session.scalars(select(func.count()).select_from(NoteRow)).one(),
        "n_seconds": session.scalars(select(func.count(NoteRow.second_of))).one(),
        "n_blinded": session.scalars(blinded).one(),
        "blinded": in_force(session, store.settings, Name.BLINDED_SHARE),
        "head": session.scalars(select(LogHead)).one(),
    }


def _models(session: Session, parts: Parts) -> dict[str, Any]:
    """Return the models by what they are here for; the one in use may still be loading."""
    changes: Changes = parts.changes
    models = changes.models
    found = {"in use": changes.current, "before": models.previous, "shadow": models.shadow}
    return {
        "models": [(place, model) for place, model in found.items() if model],
        "why": "" if changes.current else models.why_not_ready,
        "previous": models.previous,
        "shadow": models.shadow,
        "bundle": in_force(session, parts.settings, Name.BUNDLE),
        "bundles": changes.names.known,
        "attempts": changes.attempts.newest,
        "is_loading": changes.attempts.is_loading,
        "agreements": agreements_of(session),
        "shown": BundleNames.shown,
        "bundle_name": _bundle_name,
    }


def _bundle_name(name: str) -> str:
    return {"": "finder and rules alone", "default": "default (what ships)"}.get(name, name)


def _percent(share: float) -> str:
    return f"{100 * share:.4g}"


def _moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
