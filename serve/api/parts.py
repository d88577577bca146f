"""The app's parts, as dependencies of the routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Header, Request

from serve.access.principal import Principal
from serve.access.principal import Scope as Right
from serve.engine.background import Background
from serve.engine.changes import Changes
from serve.engine.engine import Engine
from serve.http.auth import require
from serve.http.metrics import Metrics
from serve.settings import Settings
from serve.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """What routes work with."""

    settings: Settings
    store: Store
    engine: Engine
    background: Background
    metrics: Metrics
    changes: Changes


async def _parts(request: Request) -> Parts:
    return cast(Parts, request.app.state.parts)


GivenParts = Annotated[Parts, Depends(_parts)]
Suggesting = Annotated[Principal, Depends(require(Right.SUGGEST))]
Reading = Annotated[Principal, Depends(require(Right.NOTES_READ))]
Writing = Annotated[Principal, Depends(require(Right.NOTES_WRITE))]
Reviewing = Annotated[Principal, Depends(require(Right.REVIEW))]
Seconding = Annotated[Principal, Depends(require(Right.SECOND))]
Exporting = Annotated[Principal, Depends(require(Right.EXPORT))]
Administering = Annotated[Principal, Depends(require(Right.ADMIN))]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="the same key again within two days: the first answer, and nothing is changed",
    ),
]
