"""The OpenAPI description: how to show who one is, beside what FastAPI knows of the routes."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from serve.access.sessions import COOKIE

_SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "an API key, `cac_...`; `cac keys add` makes one",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "the session of a browser; whatever is no reading needs `X-CSRF-Token` too",
    },
}
_OPEN = ("/healthz", "/readyz", "/metrics")


def describe(app: FastAPI) -> None:
    """Let the app answer its description with the ways to log in; it is made once."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _description(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    made.setdefault("components", {})["securitySchemes"] = _SCHEMES
    made["security"] = [{name: []} for name in _SCHEMES]
    for path in _OPEN:
        for operation in made["paths"].get(path, {}).values():
            operation["security"] = []
    return made
