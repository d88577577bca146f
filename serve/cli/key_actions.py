"""The actions of ``cac keys``; each returns the lines that it prints."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime

from cac.errors import SettingsError
from serve.access.api_keys import (
    add_key,
    key_of,
    lacking,
    list_keys,
    revoke_key,
    rotate_key,
    scopes_of,
    set_scopes,
)
from serve.access.principal import Scope
from serve.access.users import list_users, user_named
from serve.cli.opening import operator
from serve.store import Store, Unit
from serve.store.tables import ApiKey, User


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
        raise SettingsError(f"Unknown scope. Known: {known}.") from None


def _list(store: Store, _: argparse.Namespace) -> list[str]:
    with store.read() as session:
        owners = {user.id: user for user in list_users(session)}
        now = store.clock()
        return [_line(key, owners[key.user_id], now) for key in list_keys(session)]


def _line(key: ApiKey, owner: User, now: datetime) -> str:
    ended = "expired" if key.expires_at <= now else "until"
    end = "revoked" if key.revoked_at else f"{ended} {key.expires_at:%Y-%m-%d}"
    used = f"used {key.used_at:%Y-%m-%d}" if key.used_at else "never used"
    lacks = "" if key.revoked_at else " ".join(lacking(key, owner))
    more = f"  (could have: {lacks})" if lacks else ""
    return f"{key.prefix}  {owner.name}  {end}  {used}  {key.scopes}{more}  {key.label}".rstrip()


def _set_scopes(store: Store, args: argparse.Namespace) -> list[str]:
    wanted = _scopes(args.add or args.scopes)

    def change(unit: Unit) -> str:
        had = scopes_of(key_of(unit.session, args.prefix)) if args.add else frozenset()
        set_scopes(unit, args.prefix, wanted | had, by=operator())
        return f"{args.prefix} now has: {', '.join(sorted(wanted | had))}."

    return [store.write(change)]


def _rotate(store: Store, args: argparse.Namespace) -> list[str]:
    scopes = _scopes(args.scopes) if args.scopes else None

    def rotate(unit: Unit) -> str:
        return rotate_key(unit, args.prefix, by=operator(), days=args.days, scopes=scopes)

    return [store.write(rotate)]


def _revoke(store: Store, args: argparse.Namespace) -> list[str]:
    store.write(lambda unit: revoke_key(unit, args.prefix, by=operator()))
    return ["Revoked."]


ACTIONS: dict[str, Callable[[Store, argparse.Namespace], list[str]]] = {
    "add": _add,
    "list": _list,
    "scopes": _set_scopes,
    "rotate": _rotate,
    "revoke": _revoke,
}
