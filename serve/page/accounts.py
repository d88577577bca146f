"""Log in, log out, and the change of one's password; plain forms that need no script."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from serve.access.devices import COOKIE as DEVICE
from serve.access.devices import LIFE_S, device_cookie, read_device
from serve.access.login import change_password, log_in
from serve.access.passwords import MIN_LENGTH
from serve.access.sessions import COOKIE, end_session, principal_of_session
from serve.errors import ServeError, TooManyError, UnauthenticatedError
from serve.http.auth import address_of, store_of
from serve.page.rendering import render
from serve.page.visitor import Visitor, anyone, from_here, sent_by

router = APIRouter(include_in_schema=False)
FORM_PATHS = ("/login", "/logout", "/password")
_FIRST = "Your password was made for the first log-in: choose one of your own."
_AGAIN = "The change ends your other sessions."


@router.get("/login")
def login_page(request: Request, to: str = "") -> Response:
    """Show the form, or go on where somebody is logged in."""
    try:
        principal_of_session(store_of(request), request.cookies.get(COOKIE, ""))
    except UnauthenticatedError:
        return _login(request, to)
    return RedirectResponse(_within(to), 303)


@router.post("/login", dependencies=[Depends(from_here)])
def login(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """Begin a session under a new cookie."""
    store, address = store_of(request), address_of(request)
    try:
        device = request.cookies.get(DEVICE, "")
        _, browser = read_device(store.secrets, device)
        # Many may share an address: who tries from there must not use up their log-ins as well.
        request.app.state.logins.take(browser or address)
        token = log_in(store, name, password, address=address, device=device)
    except ServeError as error:
        status = 429 if isinstance(error, TooManyError) else 401
        return _login(request, to, status=status, message=str(error))
    who = principal_of_session(store, token)
    answer = _begun(request, token, "/password" if who.must_change else _within(to))
    answer.set_cookie(
        DEVICE, device_cookie(store.secrets, who.user_id), max_age=LIFE_S, path="/login",
        httponly=True, samesite="strict", secure=store.settings.is_secure,
    )  # fmt: skip
    return answer


@router.post("/logout")
def logout(request: Request, visitor: Annotated[Visitor, Depends(sent_by)]) -> Response:
    """End the session."""
    store_of(request).write(lambda unit: end_session(unit, visitor.token, by=visitor.who.user_id))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/password")
def password_page(visitor: Annotated[Visitor, Depends(anyone)]) -> Response:
    """Show the form for a new password."""
    return _password(visitor)


@router.post("/password")
def password(
    request: Request,
    visitor: Annotated[Visitor, Depends(sent_by)],
    old: Annotated[str, Form()] = "",
    new: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Set one's own password; every session ends, and a new one begins."""
    if new != again:
        return _password(visitor, status=422, message="The new password was not typed twice alike.")
    try:
        token = change_password(store_of(request), visitor.who, old, new)
    except ServeError as error:
        return _password(visitor, status=422, message=str(error))
    return _begun(request, token, "/worklist")


def _login(request: Request, to: str, *, status: int = 200, message: str = "") -> Response:
    issuer = store_of(request).settings.oidc_issuer
    values = {"to": _within(to), "message": message, "oidc": issuer.partition("://")[2]}
    return render("login.html", status=status, **values)


def _password(visitor: Visitor, *, status: int = 200, message: str = "") -> Response:
    reason = _FIRST if visitor.who.must_change else _AGAIN
    values = {"reason": reason, "message": message, "min_length": MIN_LENGTH}
    return visitor.render("password.html", "/password", status=status, **values)


def _begun(request: Request, token: str, to: str) -> Response:
    answer = RedirectResponse(to, 303)
    answer.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="strict",
        secure=store_of(request).settings.is_secure,
    )
    return answer


def _within(to: str) -> str:
    """Return a path of this server: never another site's, whatever the form says."""
    safe = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable()
    return to if safe else "/worklist"
