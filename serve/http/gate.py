"""The outermost layer: whose Host it is, an id, a log line, a metric, and safe headers.

Whatever goes wrong inside is answered here, as a problem without a word of the error.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Collection
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.http.log_lines import error_fields
from serve.http.metrics import Metrics
from serve.http.problems import Problem, problem_response
from serve.http.waiting import ClientLeftError

_LOG = logging.getLogger("cac.serve.requests")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?", re.IGNORECASE)
_METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())
_MAX_URL, _MAX_HEADERS = 8_192, 32_768  # bytes
STATIC_ROUTE = "/static"
"""What logs and metrics call the files of the pages, whichever it is."""
# Asked all the time; where they are answered there is nothing to tell.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics", STATIC_ROUTE})
_CLIENT_GONE = 499  # as nginx writes it: nobody was there to be answered
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
UNLESS_SET = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""What an answer gets where it has none of its own, as pages and their files have."""
_STRICT_TRANSPORT = "max-age=31536000"

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request under way, as the answer names it in ``X-Request-ID``."""


@dataclass(slots=True)
class _Seen:
    """What is known of a request when it is over."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    start: float = field(default_factory=time.perf_counter)
    status: int = 0


class Gate:
    """ASGI middleware around everything."""

    def __init__(
        self, app: ASGIApp, *, hosts: Collection[str], is_secure: bool, metrics: Metrics
    ) -> None:
        self._app = app
        self._hosts = frozenset(host.lower().strip("[]") for host in hosts)
        self._is_secure = is_secure
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, and see what comes of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = _Seen()
        request_id.set(seen.id)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
                self._add_headers(message, seen)
            await send(message)

        try:
            await self._pass(scope, receive, sent, seen)
        finally:
            self._tell(scope, seen)

    async def _pass(self, scope: Scope, receive: Receive, sent: Send, seen: _Seen) -> None:
        try:
            headers = Headers(scope=scope)
            _require_plain(scope, headers)
            if not self._is_ours(headers.getlist("host")):
                raise Problem(400, "host", "This server does not go by the name in Host.")
            await self._app(scope, receive, sent)
        except Problem as problem:
            await problem_response(problem, {"Connection": "close"})(scope, receive, sent)
        except ClientLeftError:
            return
        except Exception as error:
            _LOG.error("failed", extra={"fields": {"id": seen.id} | error_fields(error)})
            if not seen.status:
                failed = Problem(500, "failed", "The server failed: see its log.", id=seen.id)
                await problem_response(failed)(scope, receive, sent)

    def _is_ours(self, named: list[str]) -> bool:
        if len(named) != 1:
            return False
        match = _HOST.fullmatch(named[0])
        return match is not None and match[1].lower().strip("[]") in self._hosts

    def _add_headers(self, message: Message, seen: _Seen) -> None:
        headers = MutableHeaders(scope=message)
        headers["X-Request-ID"] = seen.id
        for name, value in ALWAYS.items():
            headers[name] = value
        for name, value in UNLESS_SET.items():
            headers.setdefault(name, value)
        if self._is_secure:
            headers["Strict-Transport-Security"] = _STRICT_TRANSPORT

    def _tell(self, scope: Scope, seen: _Seen) -> None:
        seconds = time.perf_counter() - seen.start
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = getattr(scope.get("route"), "path", "none")
        status = seen.status or _CLIENT_GONE
        self._metrics.requested(method, route, status, seconds)
        fields = {
            "id": seen.id,
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 2),
        }
        quiet = route in _QUIET and status < HTTPStatus.BAD_REQUEST
        _LOG.log(logging.DEBUG if quiet else logging.INFO, "request", extra={"fields": fields})


def _require_plain(scope: Scope, headers: Headers) -> None:
    """Refuse what is too long, and what a proxy before may have read otherwise."""
    if len(scope["raw_path"]) + len(scope["query_string"]) > _MAX_URL:
        raise Problem(414, "url", f"A URL may have {_MAX_URL:,} bytes.")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > _MAX_HEADERS:
        raise Problem(431, "headers", f"The headers may have {_MAX_HEADERS:,} bytes.")
    if "transfer-encoding" in headers and "content-length" in headers:
        raise Problem(400, "framing", "Send Content-Length or Transfer-Encoding, not both.")
