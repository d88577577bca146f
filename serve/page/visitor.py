"""Who looks at a page: the session behind the cookie, or the way to the log-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Form, HTTPException, Request
from starlette.responses import HTMLResponse

from serve.access.principal import Principal, Scope
from serve.access.sessions import COOKIE, check_csrf, csrf_token, principal_of_session
from serve.errors import ForbiddenError, UnauthenticatedError
from serve.http.auth import store_of
from serve.page.rendering import render

PAGES = (
    ("Worklist", "/worklist", Scope.NOTES_READ),
    ("Administration", "/admin", Scope.ADMIN),
    ("Password", "/password", None),
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is logged in, by which session, and what a form of theirs sends back."""

    who: Principal
    token: str
    csrf: str

    def render(self, template: str, here: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page with its bar: the pages that this person may open."""
        pages = [(n, a) for n, a, scope in PAGES if scope is None or scope in self.who.scopes]
        mine = {"user": self.who, "csrf_token": self.csrf, "pages": pages, "here": here}
        return render(template, status=status, **mine, **values)


class RefusedError(Exception):
    """Somebody who is logged in may not do this; told as a page."""

    def __init__(self, visitor: Visitor, detail: str) -> None:
        super().__init__(detail)
        self.visitor = visitor

    def page(self) -> HTMLResponse:
        """Return what to show."""
        values = {"title": "Not allowed", "detail": str(self)}
        return self.visitor.render("problem.html", "", status=403, **values)


def anyone(request: Request) -> Visitor:
    """Return who is logged in, a one-time password or not; else lead to the log-in."""
    token = request.cookies.get(COOKIE)
    store = store_of(request)
    try:
        who = principal_of_session(store, token or "")
    except UnauthenticatedError:
        raise _see_other(f"/login?to={quote(request.url.path, safe='/')}") from None
    request.app.state.rates.take(who.user_id)
    return Visitor(who, token or "", csrf_token(store.secrets, token or ""))


def visitor(found: Annotated[Visitor, Depends(anyone)]) -> Visitor:
    """Return who is logged in and has a password of their own."""
    if found.who.must_change:
        raise _see_other("/password")
    return found


def may(scope: Scope) -> Callable[[Visitor], Visitor]:
    """Return the dependency that lets through who has a scope."""

    def allowed(found: Annotated[Visitor, Depends(visitor)]) -> Visitor:
        try:
            found.who.require(scope)
        except ForbiddenError as error:
            raise RefusedError(found, str(error)) from None
        return found

    return allowed


def sent_by(
    request: Request,
    found: Annotated[Visitor, Depends(anyone)],
    csrf_token: Annotated[str, Form()] = "",
) -> Visitor:
    """Return who sent a form of this server; refuse what another page sent."""
    try:
        check_csrf(store_of(request).secrets, found.token, csrf_token)
    except ForbiddenError as error:
        raise RefusedError(found, str(error)) from None
    return found


def from_here(request: Request) -> None:
    """Refuse a form that another site sent, where no session can tell."""
    site = request.headers.get("Sec-Fetch-Site")
    # Without a referrer browsers send the Origin "null": then the other header tells.
    origin = request.headers.get("Origin", "")
    foreign = origin and origin.partition("://")[2] != request.headers.get("Host")
    if site not in ("same-origin", "none") if site else foreign:
        raise ForbiddenError("The form came from another site: open the log-in page here.")


def _see_other(place: str) -> HTTPException:
    return HTTPException(303, headers={"Location": place})
