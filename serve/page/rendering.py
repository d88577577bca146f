"""Templates to answers. Whatever a template shows is escaped, and no page is kept by a browser."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from serve.http.gate import STATIC_ROUTE

STATIC = Path(__file__).parent / "static"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

_TEMPLATES = Environment(
    loader=PackageLoader(__package__ or "serve.page"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_DEFAULTS: dict[str, Any] = {"user": None, "csrf_token": "", "here": "", "pages": ()}


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


STATIC_PATH = f"/static/{_fingerprint()}"
"""Where styles and scripts are: another place for another content, so that browsers may keep it."""


class _KeptFiles(StaticFiles):
    """Files that never change under their path; one route for all of them."""

    path = STATIC_ROUTE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = self
        await super().__call__(scope, receive, send)

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
        return response


def render(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page; raises jinja2.UndefinedError where a value is missing."""
    html = _TEMPLATES.get_template(template).render(_DEFAULTS | {"static": STATIC_PATH} | values)
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(html, status, headers=headers)


def static_files() -> StaticFiles:
    """Return the app of the style sheets and scripts, to be mounted at ``STATIC_PATH``."""
    return _KeptFiles(directory=STATIC)
