"""Templates to answers. Whatever a template shows is escaped, and no page is kept by a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

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


def render(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page; raises jinja2.UndefinedError where a value is missing."""
    html = _TEMPLATES.get_template(template).render(_DEFAULTS | values)
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status, headers=headers)


def static_files() -> StaticFiles:
    """Return the app of the style sheets and scripts, to be mounted at ``/static``."""
    return StaticFiles(directory=STATIC)
