"""Log in at the OpenID Connect issuer: there, and back."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from serve.access.oidc import Oidc
from serve.access.sessions import COOKIE
from serve.errors import NotFoundError, ServeError, TooManyError
from serve.http.auth import address_of, store_of
from serve.page.rendering import render

router = APIRouter(include_in_schema=False)
_KEPT = "cac_oidc"
_PATH = "/login/oidc"
_LIFE_S = 600


@router.get(_PATH)
def leave(request: Request) -> Response:
    """Send the browser to the issuer, with a cookie that it brings back."""
    try:
        request.app.state.logins.take(address_of(request))
        begun = _oidc(request).begin(_back(request))
    except NotFoundError:
        raise
    except ServeError as error:
        return _failed(error)
    answer = RedirectResponse(begun.url, 303)
    # The issuer sends the browser here from another site: a strict cookie would not come along.
    answer.set_cookie(
        _KEPT, begun.cookie, max_age=_LIFE_S, path=_PATH, httponly=True, samesite="lax",
        secure=store_of(request).settings.is_secure,
    )  # fmt: skip
    return answer


@router.get(f"{_PATH}/back")
def come_back(request: Request) -> Response:
    """Begin a session; the page then opened is asked for from here, as strict cookies need."""
    try:
        request.app.state.logins.take(address_of(request))
        token = _oidc(request).finish(
            _back(request),
            request.cookies.get(_KEPT, ""),
            request.query_params,
            address=address_of(request),
        )
    except NotFoundError:
        raise
    except ServeError as error:
        return _failed(error)
    answer = render("logged_in.html")
    secure = store_of(request).settings.is_secure
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure)
    answer.delete_cookie(_KEPT, path=_PATH)
    return answer


def _oidc(request: Request) -> Oidc:
    issuer: Oidc | None = request.app.state.oidc
    if issuer is None:
        raise NotFoundError("No OpenID Connect issuer is set.")
    return issuer


def _back(request: Request) -> str:
    base = store_of(request).settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}{_PATH}/back"


def _failed(error: ServeError) -> Response:
    values = {"title": "Not logged in", "detail": str(error)}
    status = 429 if isinstance(error, TooManyError) else 401
    return render("problem.html", status=status, **values)
