"""Administration by forms: people, keys, and second reviews."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from serve.access import api_keys, users
from serve.access.passwords import hashed, one_time
from serve.access.principal import Role, Scope
from serve.page.admin_page import Administrator, Sent, Text, done, show
from serve.store import Unit
from serve.store.notes import named
from serve.store.seconds import add_second

router = APIRouter(include_in_schema=False)
Scopes = Annotated[list[str], Form()]


@router.get("/admin")
def admin_page(request: Request, reader: Administrator) -> Response:
    """Show everything that there is to administer."""
    return show(request, reader)


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

    return done(request, reader, work, lambda _: ("Password for the first log-in", password))


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
    return done(request, reader, work, lambda _: shown)


@router.post("/admin/keys")
def add_key(
    request: Request,
    reader: Administrator,
    _: Sent,
    owner: Text = "",
    label: Text = "",
    scope: Scopes = [],  # noqa: B006 - read, never changed
) -> Response:
    """Make an API key, which is shown once."""

    def work(unit: Unit) -> str:
        user = users.user_named(unit.session, owner)
        return api_keys.add_key(unit, user, label, _scopes(scope), by=reader.who.user_id)

    return done(request, reader, work, lambda key: ("API key", key))


@router.post("/admin/keys/change")
def change_key(
    request: Request,
    reader: Administrator,
    _: Sent,
    prefix: Text = "",
    act: Text = "",
    scope: Scopes = [],  # noqa: B006 - read, never changed
) -> Response:
    """Revoke a key, make its successor, or change what it may do."""

    def work(unit: Unit) -> str:
        if act == "rotate":
            return api_keys.rotate_key(unit, prefix, by=reader.who.user_id)
        if act == "scopes":
            api_keys.set_scopes(unit, prefix, _scopes(scope), by=reader.who.user_id)
            return ""
        api_keys.revoke_key(unit, prefix, by=reader.who.user_id)
        return ""

    return done(request, reader, work, lambda key: ("API key", key) if key else None)


@router.post("/admin/second")
def ask_second(
    request: Request, reader: Administrator, _: Sent, note_id: Text = "", shown: Text = ""
) -> Response:
    """Put a note into the work list once more, for a second coder."""

    def work(unit: Unit) -> str:
        first = named(unit.session, note_id)
        return add_second(unit, first.id, by=reader.who.user_id, blinded=not shown).id

    return done(request, reader, work, lambda _: None)


def _role(name: str) -> Role:
    return Role(name) if name in set(Role) else Role.READER


def _scopes(names: Collection[str]) -> list[Scope]:
    return [Scope(each) for each in names if each in set(Scope)]
