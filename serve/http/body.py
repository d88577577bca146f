"""The body of a request, read whole before anything else sees it, within bounds.

Bounded are its size (whatever Content-Length says, and after unpacking), the time that it may
take, its kind, and its shape as JSON. What is refused here never reaches a parser of the app.
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.http.json_shape import check_json
from serve.http.problems import Problem

_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_JSON = ("application/json", "application/fhir+json", "application/x-amz-json-1.1")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """``max_bytes`` holds before and after unpacking; ``seconds`` for the whole body."""

    max_bytes: int = 4 << 20
    seconds: float = 20.0


class ClientGoneError(Exception):
    """The client closed the connection before its body was whole: nobody is to be answered."""


class BodyGuard:
    """ASGI middleware that reads and checks the body, and gives it on in one piece."""

    def __init__(self, app: ASGIApp, limits: BodyLimits, form_paths: tuple[str, ...] = ()) -> None:
        """Take forms at the paths of the page alone; everywhere else a body is JSON."""
        self._app = app
        self._limits = limits
        self._form_paths = form_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the body, then call the app; raises Problem, with some of the body left unread."""
        if scope["type"] != "http" or scope["method"] not in _WITH_BODY:
            await self._app(scope, receive, send)
            return
        try:
            body = await self._body(scope, receive)
        except ClientGoneError:
            return
        await self._app(scope, _Replay(body, receive), send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        headers = Headers(scope=scope)
        declared = headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > self._limits.max_bytes:
            raise self._too_large()
        try:
            async with asyncio.timeout(self._limits.seconds):
                body = await self._received(receive)
        except TimeoutError:
            raise Problem(
                408, "slow", f"The body did not come within {self._limits.seconds:g} seconds."
            ) from None
        if not body:
            return body
        body = self._unpacked(body, headers.get("content-encoding", "identity").strip().lower())
        self._check_kind(scope["path"], headers.get("content-type", ""), body)
        return body

    async def _received(self, receive: Receive) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            body += message.get("body", b"")
            if len(body) > self._limits.max_bytes:
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(body)

    def _unpacked(self, body: bytes, encoding: str) -> bytes:
        if encoding == "identity":
            return body
        if encoding != "gzip":
            raise Problem(415, "encoding", "Content-Encoding may be gzip, or left out.")
        unpacker = zlib.decompressobj(_GZIP_WINDOW)
        try:
            plain = unpacker.decompress(body, self._limits.max_bytes + 1)
        except zlib.error:
            raise Problem(400, "malformed", "The body is no gzip, as it says to be.") from None
        if len(plain) > self._limits.max_bytes:
            raise self._too_large()
        if not unpacker.eof or unpacker.unused_data:
            raise Problem(400, "malformed", "The gzip is cut short, or more than one.")
        return plain

    def _check_kind(self, path: str, content_type: str, body: bytes) -> None:
        kind, _, parameters = content_type.partition(";")
        kind = kind.strip().lower()
        if kind in _JSON:
            charset = parameters.partition("charset=")[2].strip('" ').lower()
            if charset not in ("", "utf-8", "utf8"):
                raise Problem(415, "charset", "JSON is UTF-8; leave the charset out.")
            check_json(body)
        elif not (kind in _FORMS and path.startswith(self._form_paths)):
            raise Problem(415, "media-type", f"Content-Type may be {', '.join(_JSON)}.")

    def _too_large(self) -> Problem:
        return Problem(413, "too-large", f"The body may have {self._limits.max_bytes:,} bytes.")


class _Replay:
    """Gives the body once, then what the server tells of the connection."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._body: bytes | None = body
        self._receive = receive

    async def __call__(self) -> Message:
        if self._body is None:
            return await self._receive()
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}
