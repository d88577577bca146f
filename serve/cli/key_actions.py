"""The actions of ``cac keys``; each returns the lines that it prints."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from cac.errors import SettingsError
from serve.access.api_keys import add_key, list_keys, revoke_key, rotate_key
from serve.access.principal import Scope
from serve.access.users import user_named
from serve.cli.opening import operator
from serve.store import Store, Unit
from serve.store.tables import ApiKey


def _add(store: Store, args: argparse.Namespace) -> list[str]:
    scopes = _scopes(args.scopes)

    def add(unit: Unit) -> str:
        owner = user_named(unit.session, args.owner)
        return add_key(unit, owner, args.label, scopes, by=operator(), days=args.days)

    return [store.write(add)]


def _scopes(given: str) -> set[Scope]:
    try:
        return {Scope(part.strip()) for part in given.split(",") if part.strip()}
    except ValueError:
        known = ", ".join(Scope)
        raise SettingsError(f"--scopes: unknown scope. Known: {known}.") from None


def _list(store: Store, _: argparse.Namespace) -> list[str]:
    with store.read() as session:
        return [_line(key) for key in list_keys(session)]


def _line(key: ApiKey) -> str:
    end = "revoked" if key.revoked_at else f"until {key.expires_at:%Y-%m-%d}"
    used = f"used {key.used_at:%Y-%m-%d}" if key.used_at else "never used"
    return f"{key.prefix}  {end}  {used}  {key.scopes}  {key.label}".rstrip()


def _rotate(store: Store, args: argparse.Namespace) -> list[str]:
    return [store.write(lambda unit: rotate_key(unit, args.prefix, by=operator(), days=args.days))]


def _revoke(store: Store, args: argparse.Namespace) -> list[str]:
    store.write(lambda unit: revoke_key(unit, args.prefix, by=operator()))
    return ["Revoked."]


ACTIONS: dict[str, Callable[[Store, argparse.Namespace], list[str]]] = {
    "add": _add,
    "list": _list,
    "rotate": _rotate,
    "revoke": _revoke,
}
