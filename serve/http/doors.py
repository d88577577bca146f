"""Who asks is found out before anything else of a request is looked at.

Until then its body is not read, so that nobody without a key or session can make the server read,
unpack or parse; and whatever else is wrong with the request, the answer is that it is nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cac.errors import CacError
from serve.access.principal import Principal
from serve.http.problems import Problem


@dataclass(frozen=True, slots=True)
class Door:
    """A part of the server that nobody enters unknown.

    Args:
        path: Where it begins; everything below is behind it, whether it is there or not.
        who: Finds out who asks; raises UnauthenticatedError, ForbiddenError, TooManyError or
            StoreUnavailableError. It may wait for the database.
        told: How a refusal is told here.
        known: Finds out as ``who`` without waiting; None where it cannot.
    """

    path: str
    who: Callable[[Request], Principal]
    told: Callable[[CacError | Problem], Response]
    known: Callable[[Request], Principal | None] = lambda _: None

    def leads_to(self, path: str) -> bool:
        """Tell whether a path is behind this door."""
        return path == self.path or path.startswith(f"{self.path}/")


class Doors:
    """ASGI middleware that asks at each door, and keeps who it is as ``request.state.principal``.

    Problems that the layers below raise before the app answers are told in the door's way, too.
    """

    def __init__(self, app: ASGIApp, doors: Sequence[Door], open_paths: Collection[str]) -> None:
        """``open_paths`` are let through though they are behind a door."""
        self._app = app
        self._doors = doors
        self._open_paths = frozenset(open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who asks, then call the app."""
        door = self._door(scope)
        if door is None:
            await self._app(scope, receive, send)
            return
        # For the log and the metrics, where no route is reached.
        scope["route"] = door
        try:
            who = door.known(Request(scope)) or await run_in_threadpool(door.who, Request(scope))
            scope.setdefault("state", {})["principal"] = who
            await self._app(scope, receive, send)
        except (CacError, Problem) as error:
            answer = door.told(error)
            # What is left of the body is not read: the connection cannot be used again.
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)

    def _door(self, scope: Scope) -> Door | None:
        if scope["type"] != "http" or scope["path"] in self._open_paths:
            return None
        return next((door for door in self._doors if door.leads_to(scope["path"])), None)
