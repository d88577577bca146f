"""What went wrong, as RFC 9457 problem details; nothing of the input is ever repeated."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from cac.errors import CacError
from serve import errors
from serve.engine.errors import DeadlineError, EngineError, NotReadyError, QueueFullError
from serve.http.faults import faults_of

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[CacError], int, str], ...] = (
    (errors.UnauthenticatedError, 401, "unauthenticated"),
    (errors.ForbiddenError, 403, "forbidden"),
    (errors.NotFoundError, 404, "not-found"),
    (errors.ConflictError, 409, "conflict"),
    (errors.GoneError, 410, "gone"),
    (errors.DecisionError, 422, "decision"),
    (errors.TooManyError, 429, "too-many"),
    (errors.StoreUnavailableError, 503, "store-unavailable"),
    (NotReadyError, 503, "not-ready"),
    (QueueFullError, 503, "queue-full"),
    (DeadlineError, 503, "deadline"),
    (CacError, 422, "not-allowed"),
)
"""The status and the kind of each error; the first class that fits counts."""


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """A request that is refused; ``detail`` is ours, never a word of the request.

    Args:
        status: The HTTP status.
        kind: One word or several with hyphens; the last part of the problem's ``type``.
        detail: What was found, what is allowed, the mend.
        retry_after_s: When to come again.
        extra: Further members of the problem.
    """

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        retry_after_s: int | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.extra = extra


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that tells a problem."""
    body = {
        "type": f"urn:cac:problem:{problem.kind}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        **problem.extra,
    }
    sent = dict(headers or {})
    if problem.retry_after_s is not None:
        sent["Retry-After"] = str(problem.retry_after_s)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        sent["WWW-Authenticate"] = 'Bearer realm="cac"'
    return Response(json.dumps(body), problem.status, sent, MEDIA_TYPE)


def problem_of(error: CacError) -> Problem:
    """Return how one of our own errors is told."""
    status, kind = next((s, k) for type_, s, k in _STATUS if isinstance(error, type_))
    retry = error.retry_after_s if isinstance(error, EngineError | errors.TooManyError) else None
    if retry is None and status == HTTPStatus.SERVICE_UNAVAILABLE:
        retry = 5
    extra = {"missing_scope": error.scope} if isinstance(error, errors.MissingScopeError) else {}
    return Problem(status, kind, str(error), retry_after_s=retry, **extra)


def told(error: CacError | Problem) -> Response:
    """Return the answer to one of our own errors."""
    return problem_response(error if isinstance(error, Problem) else problem_of(error))


def not_allowed(faults: Sequence[Mapping[str, str]]) -> Problem:
    """Return the problem of a request whose fields are not as they should be."""
    n_faults = len(faults)
    return Problem(
        422,
        "invalid",
        f"{n_faults} field{'s are' if n_faults > 1 else ' is'} not as the API describes: "
        "see errors, and /v1/openapi.json.",
        errors=list(faults),
    )


def add_problems(app: FastAPI) -> None:
    """Let the app tell every error as a problem, in place of FastAPI's own answers."""

    async def answered(request: Request, error: Exception) -> Response:
        if isinstance(error, Problem | CacError):
            return told(error)
        if isinstance(error, RequestValidationError):
            return problem_response(not_allowed(faults_of(error.errors())))
        if isinstance(error, HTTPException):
            return _of_framework(error, request)
        raise error

    for type_ in (Problem, RequestValidationError, CacError, HTTPException):
        app.add_exception_handler(type_, answered)


_FRAMEWORK = {
    400: ("malformed", "The body cannot be read. Send JSON in UTF-8."),
    404: ("not-found", "There is nothing here. /v1/openapi.json lists what there is."),
    405: ("method", "This is not asked by that method; the header Allow names those that are."),
}


def _of_framework(error: HTTPException, request: Request) -> Response:
    kind, detail = _FRAMEWORK.get(
        error.status_code, ("refused", HTTPStatus(error.status_code).description)
    )
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request))
    return problem_response(Problem(error.status_code, kind, detail), headers)


def _allowed(request: Request) -> list[str]:
    """Return every method of a path; the framework names those of its first route alone."""
    found = []
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        asked = {**request.scope, "method": method}
        if any(route.matches(asked)[0] is Match.FULL for route in request.app.routes):
            found += [method, *(["HEAD"] if method == "GET" else [])]
    return found
