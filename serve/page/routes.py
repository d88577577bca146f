"""The pages as one part of the app."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import Response

from serve.access.oidc import Oidc
from serve.access.rates import RateLimit
from serve.page import accounts, admin, admin_site, oidc, views
from serve.page.rendering import STATIC_PATH, static_files
from serve.page.visitor import RefusedError
from serve.settings import Settings

FORM_PATHS = (*accounts.FORM_PATHS, "/admin")
"""Where a body may be a form."""


def add_pages(app: FastAPI, settings: Settings) -> None:
    """Add the pages, and what they fetch."""
    app.state.logins = RateLimit(settings.logins_per_minute)
    app.state.oidc = Oidc(app.state.store) if settings.oidc_issuer else None
    for router in (accounts.router, oidc.router, views.router, admin.router, admin_site.router):
        app.include_router(router)
    app.add_exception_handler(RefusedError, _refused)
    app.mount(STATIC_PATH, static_files())


async def _refused(_: Request, error: Exception) -> Response:
    if isinstance(error, RefusedError):
        return error.page()
    raise error
