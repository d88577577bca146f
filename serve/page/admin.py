"""Minimal administration: people, keys, blinded notes, models, and where the log stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Form, Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from serve.access import api_keys, users
from serve.access.passwords import hashed, one_time
from serve.access.principal import SCOPES, Role, Scope
from serve.engine.errors import NotReadyError
from serve.engine.models import Model, Models
from serve.errors import ServeError
from serve.http.auth import store_of
from serve.page.visitor import Visitor, may, sent_by
from serve.store import Store, Unit
from serve.store.notes import named
from serve.store.seconds import add_second
from serve.store.tables import LogHead, NoteRow

router = APIRouter(include_in_schema=False)
Administrator = Annotated[Visitor, Depends(may(Scope.ADMIN))]
Sent = Annotated[Visitor, Depends(sent_by)]
Text = Annotated[str, Form(max_length=200)]
T = TypeVar("T")


@router.get("/admin")
def admin_page(request: Request, reader: Administrator) -> Response:
    """Show everything that there is to administer."""
    return _page(request, reader)


@router.post("/admin/users")
def add_user(
    request: Request, reader: Administrator, _: Sent, name: Text = "", role: Text = ""
) -> Response:
    """Make an account with a password for the first log-in, which is shown once."""
    password = one_time()

    def work(unit: Unit) -> None:
        users.add_user(
            unit,
            name,
            _role(role),
            by=reader.who.user_id,
            password_hash=hashed(password),
            must_change=True,
        )

    return _done(request, reader, work, lambda _: ("Password for the first log-in", password))


@router.post("/admin/users/change")
def change_user(
    request: Request,
    reader: Administrator,
    _: Sent,
    name: Text = "",
    act: Text = "",
    role: Text = "",
) -> Response:
    """Lock, unlock, change the role, or give a new password for one log-in."""
    password = one_time()

    def work(unit: Unit) -> None:
        by = reader.who.user_id
        if act == "lock":
            users.lock(unit, name, by=by)
        elif act == "unlock":
            users.unlock(unit, name, by=by)
        elif act == "password":
            user = users.user_named(unit.session, name)
            users.set_password(unit, user, hashed(password), by=by, must_change=True)
        else:
            users.set_role(unit, name, _role(role), by=by)

    shown = ("Password for the next log-in", password) if act == "password" else None
    return _done(request, reader, work, lambda _: shown)


@router.post("/admin/keys")
def add_key(
    request: Request,
    reader: Administrator,
    _: Sent,
    owner: Text = "",
    label: Text = "",
    scope: Annotated[list[str], Form()] = [],  # noqa: B006 - read, never changed
) -> Response:
    """Make an API key, which is shown once."""

    def work(unit: Unit) -> str:
        wanted = [Scope(each) for each in scope if each in set(Scope)]
        user = users.user_named(unit.session, owner)
        return api_keys.add_key(unit, user, label, wanted, by=reader.who.user_id)

    return _done(request, reader, work, lambda key: ("API key", key))


@router.post("/admin/keys/change")
def change_key(
    request: Request, reader: Administrator, _: Sent, prefix: Text = "", act: Text = ""
) -> Response:
    """Revoke a key, or make its successor."""

    def work(unit: Unit) -> str:
        if act == "rotate":
            return api_keys.rotate_key(unit, prefix, by=reader.who.user_id)
        api_keys.revoke_key(unit, prefix, by=reader.who.user_id)
        return ""

    return _done(request, reader, work, lambda key: ("API key", key) if key else None)


@router.post("/admin/second")
def ask_second(
    request: Request, reader: Administrator, _: Sent, note_id: Text = "", shown: Text = ""
) -> Response:
    """Put a note into the work list once more, for a second coder."""

    def work(unit: Unit) -> str:
        first = named(unit.session, note_id)
        return add_second(unit, first.id, by=reader.who.user_id, blinded=not shown).id

    return _done(request, reader, work, lambda _: None)


def _done(
    request: Request,
    reader: Visitor,
    work: Callable[[Unit], T],
    shown: Callable[[T], tuple[str, str] | None],
) -> Response:
    """Do the work; show the page with its secret, which is nowhere else, or with what was wrong."""
    try:
        value = store_of(request).write(work)
    except ServeError as error:
        return _page(request, reader, message=str(error), status=422)
    return _page(request, reader, secret=shown(value))


def _role(name: str) -> Role:
    return Role(name) if name in set(Role) else Role.READER


def _page(
    request: Request,
    reader: Visitor,
    *,
    message: str = "",
    secret: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    store = store_of(request)
    with store.read() as session:
        values = _standing(session, store) | _models(request.app.state.engine.models)
    values |= {"message": message, "secret": secret, "roles": list(Role), "scopes": list(Scope)}
    return reader.render("admin.html", "/admin", status=status, **values)


def _standing(session: Session, store: Store) -> dict[str, Any]:
    people = users.list_users(session)
    blinded = select(func.count()).select_from(NoteRow).where(NoteRow.blinded)
    return {
        "users": people,
        "names": {user.id: user.name for user in people},
        "keys": api_keys.list_keys(session),
        "now": store.clock(),
        "scopes_of": {role.value: sorted(SCOPES[role]) for role in Role},
        "n_notes": session.scalars(select(func.count()).select_from(NoteRow)).one(),
        "n_seconds": session.scalars(select(func.count(NoteRow.second_of))).one(),
        "n_blinded": session.scalars(blinded).one(),
        "blinded_share": store.settings.blinded_share,
        "head": session.scalars(select(LogHead)).one(),
    }


def _models(models: Models) -> dict[str, Any]:
    """Return the models by what they are here for; the one in use may still be loading."""
    try:
        current: Model | None = models.current
    except NotReadyError:
        current = None
    found = {"in use": current, "before": models.previous, "shadow": models.shadow}
    why = "" if current else models.why_not_ready
    return {"models": [(place, model) for place, model in found.items() if model], "why": why}
