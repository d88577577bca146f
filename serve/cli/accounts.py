"""The actions of ``cac users``; each returns the lines that it prints."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from serve.access.passwords import hashed, one_time
from serve.access.principal import Role
from serve.access.users import (
    add_user,
    list_users,
    lock,
    set_password,
    set_role,
    unlock,
    user_named,
)
from serve.cli.opening import operator
from serve.store import Store, Unit
from serve.store.tables import User


def _add(store: Store, args: argparse.Namespace) -> list[str]:
    password = "" if args.no_password else one_time()
    password_hash = hashed(password) if password else None

    def add(unit: Unit) -> None:
        add_user(
            unit,
            args.name,
            Role(args.role),
            by=operator(),
            password_hash=password_hash,
            must_change=bool(password),
        )

    store.write(add)
    return _said(password)


def _password(store: Store, args: argparse.Namespace) -> list[str]:
    password = one_time()
    password_hash = hashed(password)

    def change(unit: Unit) -> None:
        user = user_named(unit.session, args.name)
        set_password(unit, user, password_hash, by=operator(), must_change=True)

    store.write(change)
    return _said(password)


def _said(password: str) -> list[str]:
    if not password:
        return ["Added, without a password; `cac keys add` makes a key."]
    return [f"One-time password: {password}"]


def _list(store: Store, _: argparse.Namespace) -> list[str]:
    with store.read() as session:
        return [_line(user) for user in list_users(session)]


def _line(user: User) -> str:
    notes = {
        "locked": user.disabled_at,
        "one-time password": user.must_change,
        "keys alone": not user.password_hash and not user.oidc_subject,
    }
    said = ", ".join(name for name, holds in notes.items() if holds)
    return f"{user.name:30} {user.role:15} {said}".rstrip()


def _lock(store: Store, args: argparse.Namespace) -> list[str]:
    store.write(lambda unit: lock(unit, args.name, by=operator()))
    return ["Locked."]


def _unlock(store: Store, args: argparse.Namespace) -> list[str]:
    store.write(lambda unit: unlock(unit, args.name, by=operator()))
    return ["Unlocked."]


def _role(store: Store, args: argparse.Namespace) -> list[str]:
    store.write(lambda unit: set_role(unit, args.name, Role(args.role), by=operator()))
    return [f"Now {args.role}."]


ACTIONS: dict[str, Callable[[Store, argparse.Namespace], list[str]]] = {
    "add": _add,
    "list": _list,
    "lock": _lock,
    "unlock": _unlock,
    "role": _role,
    "password": _password,
}
