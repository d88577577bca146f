"""People and programs with an account: made, listed, locked, and their roles changed."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from serve.access.audit import fingerprint, user_kept, user_place
from serve.access.principal import Role
from serve.errors import ConflictError, DecisionError, NotFoundError
from serve.store import Unit
from serve.store.tables import BrowserSession, User

SYSTEM = "system"
"""Who did it where no person did: the server itself, or the command line."""


def add_user(
    unit: Unit,
    name: str,
    role: Role,
    *,
    by: str = SYSTEM,
    password_hash: str | None = None,
    must_change: bool = False,
    oidc_subject: str | None = None,
) -> User:
    """Make an account; without a password it can only hold keys, or come by OIDC."""
    if not 1 <= len(name) <= 100 or not name.isprintable() or name != name.strip():
        raise DecisionError("A user's name has 1 to 100 printable characters, no space around.")
    if find_user(unit.session, name):
        raise ConflictError("There is a user of this name already.")
    user = User(
        id=f"u_{secrets.token_hex(8)}",
        name=name,
        role=role.value,
        password_hash=password_hash,
        must_change=must_change,
        oidc_subject=oidc_subject,
        created_at=unit.now,
        n_failures=0,
    )
    unit.session.add(user)
    unit.session.flush()
    unit.log(
        "user.added", by, user=user.id, role=role.value, secret=fingerprint(password_hash),
        row_mac=unit.bind(user_place(user), user_kept(user)),
    )  # fmt: skip
    return user


def find_user(session: Session, name: str) -> User | None:
    """Return the user of a name."""
    # PostgreSQL takes no NUL, not even to say that nobody is called so.
    if not name.isprintable():
        return None
    return session.scalars(select(User).where(User.name == name)).one_or_none()


def user_named(session: Session, name: str) -> User:
    """Return the user of a name; raise NotFoundError without one."""
    user = find_user(session, name)
    if user is None:
        raise NotFoundError("There is no user of this name; `cac users list` shows them.")
    return user


def list_users(session: Session) -> list[User]:
    """Return all accounts by name."""
    return list(session.scalars(select(User).order_by(User.name)))


def n_users(session: Session) -> int:
    """Return how many accounts there are."""
    return session.scalars(select(func.count()).select_from(User)).one()


def set_role(unit: Unit, name: str, role: Role, *, by: str = SYSTEM) -> None:
    """Change what a person may do, from the next request on."""
    user = user_named(unit.session, name)
    _keep_an_administrator(unit, user, still=role is Role.ADMINISTRATOR)
    user.role = role.value
    unit.log("user.role", by, user=user.id, role=role.value)


def lock(unit: Unit, name: str, *, by: str = SYSTEM) -> None:
    """Refuse a person's password, keys and sessions from now on."""
    user = user_named(unit.session, name)
    _keep_an_administrator(unit, user, still=False)
    user.disabled_at = unit.now
    end_sessions(unit, user.id)
    unit.log("user.locked", by, user=user.id)


def unlock(unit: Unit, name: str, *, by: str = SYSTEM) -> None:
    """Let a person in again, and forget failed log-ins."""
    user = user_named(unit.session, name)
    user.disabled_at, user.locked_until, user.n_failures = None, None, 0
    unit.log("user.unlocked", by, user=user.id)


def set_password(
    unit: Unit, user: User, password_hash: str, *, by: str = SYSTEM, must_change: bool = False
) -> None:
    """Set a password and end the person's sessions."""
    user.password_hash, user.must_change = password_hash, must_change
    user.n_failures, user.locked_until = 0, None
    end_sessions(unit, user.id)
    unit.log("user.password", by, user=user.id, secret=fingerprint(password_hash))


def end_sessions(unit: Unit, user_id: str) -> None:
    """Log a person out everywhere."""
    unit.session.execute(delete(BrowserSession).where(BrowserSession.user_id == user_id))


def _keep_an_administrator(unit: Unit, user: User, *, still: bool) -> None:
    others = select(func.count()).where(
        User.role == Role.ADMINISTRATOR.value, User.disabled_at.is_(None), User.id != user.id
    )
    if user.role == Role.ADMINISTRATOR and not still and not unit.session.scalars(others).one():
        raise ConflictError("This is the last administrator; make another one first.")
