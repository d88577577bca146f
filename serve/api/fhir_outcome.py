"""Refusals below ``/v1/fhir``: an OperationOutcome, as clients of FHIR read them."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import Response

from cac.errors import CacError
from serve.http.faults import faults_of
from serve.http.problems import Problem, not_allowed, problem_of, problem_response

MEDIA_TYPE = "application/fhir+json"
_ISSUES = {
    400: "structure",
    401: "login",
    403: "forbidden",
    404: "not-found",
    408: "timeout",
    409: "conflict",
    410: "deleted",
    413: "too-long",
    415: "not-supported",
    422: "invalid",
    429: "throttled",
    503: "transient",
}
"""Codes of http://hl7.org/fhir/issue-type, by status."""


class OutcomeRoute(APIRoute):
    """A route whose refusals are OperationOutcomes."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler with its errors told."""
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except (CacError, Problem) as error:
                return outcome(error)
            except RequestValidationError as error:
                return outcome(not_allowed(faults_of(error.errors())))

        return told


def outcome(error: CacError | Problem) -> Response:
    """Return one of our own errors as an OperationOutcome; its headers are those of a problem."""
    problem = error if isinstance(error, Problem) else problem_of(error)
    issue = {
        "severity": "error",
        "code": _ISSUES.get(problem.status, "processing"),
        "details": {"coding": [{"system": "urn:cac:problem", "code": problem.kind}]},
    }
    faults = [f"{e['in']} {e['pointer']}: {e['allowed']}" for e in problem.extra.get("errors", ())]
    issues = [issue | {"diagnostics": said} for said in faults or [problem.detail]]
    answer = problem_response(problem)
    headers = {
        k: v for k, v in answer.headers.items() if k not in ("content-type", "content-length")
    }
    body = json.dumps({"resourceType": "OperationOutcome", "issue": issues})
    return Response(body, problem.status, headers, MEDIA_TYPE)


def outcomes(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of refusals for a route's ``responses``."""
    always = (400, 401, 403, 408, 413, 415, 422, 429)
    told = {"description": "refused", "content": {MEDIA_TYPE: {}}}
    return dict.fromkeys(sorted({*always, *statuses}), told)
