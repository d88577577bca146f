"""Requests that may be sent twice: the second gets the first one's answer and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from serve.errors import ConflictError, DecisionError
from serve.log.chain import canonical
from serve.secrets import keyed_digest
from serve.store.store import Unit
from serve.store.tables import IdempotencyKey

_LIFE = timedelta(hours=48)
_MAX_KEY = 200


def once(
    unit: Unit,
    user_id: str,
    key: str | None,
    request: Any,
    make: Callable[[], dict[str, Any]],
) -> tuple[dict[str, Any], bool]:
    """Do something once for each key of a user.

    Args:
        unit: In which the thing is done and its answer kept, both or neither.
        user_id: Whose key.
        key: The header ``Idempotency-Key``; None: the thing is done.
        request: What was asked; the same key for something else is refused.
        make: Does the thing; its answer holds ids and numbers alone, never words.

    Returns:
        The answer, and whether it is that of an earlier request.
    """
    if key is None:
        return make(), False
    if not (1 <= len(key) <= _MAX_KEY and key.isprintable()):
        raise DecisionError(f"Idempotency-Key has 1 to {_MAX_KEY} printable characters.")
    # What was asked may hold the words of a note.
    fingerprint = keyed_digest(unit.secrets, canonical(request))
    known = unit.session.get(IdempotencyKey, (user_id, key))
    if known and unit.now - known.created_at <= _LIFE:
        if known.fingerprint != fingerprint:
            raise ConflictError(
                "This Idempotency-Key was used for another request; make a new one."
            )
        answer: dict[str, Any] = json.loads(known.answer)
        return answer, True
    if known:
        unit.session.delete(known)
        unit.session.flush()
    made = make()
    unit.session.add(
        IdempotencyKey(
            user_id=user_id, key=key, fingerprint=fingerprint, answer=json.dumps(made),
            created_at=unit.now,
        )
    )  # fmt: skip
    return made, False


def forget_old(unit: Unit) -> None:
    """Delete the keys whose time is over."""
    unit.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < unit.now - _LIFE))
