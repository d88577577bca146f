"""Waits for an answer only as long as the client does."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any, TypeVar

from fastapi import Request

from serve.engine.errors import DeadlineError

T = TypeVar("T")


class ClientLeftError(Exception):
    """The client closed the connection: its work was cancelled, and nobody is to be answered."""


async def answer_of(request: Request, future: Future[T], *, seconds: float) -> T:
    """Return what the future gives; cancel it where the client goes or the time is over.

    Raises:
        DeadlineError: there is no answer within ``seconds``.
        ClientLeftError: the client closed the connection.
    """
    answer = asyncio.wrap_future(future)
    gone = asyncio.ensure_future(_gone(request))
    try:
        either: set[asyncio.Future[Any]] = {answer, gone}
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        if gone.done():
            raise ClientLeftError
        raise DeadlineError(f"There was no answer within {seconds:g} seconds.", retry_after_s=5)
    finally:
        answer.cancel()
        gone.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
