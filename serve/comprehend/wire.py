"""The AWS JSON 1.1 protocol: which operation, who asks, and how an error is told."""

from __future__ import annotations

import json
import re
from typing import Any

from fastapi import Request
from starlette.responses import Response

from cac.errors import CacError
from serve import errors
from serve.access.authenticate import authenticate
from serve.access.principal import Principal
from serve.engine.errors import EngineError
from serve.http.auth import store_of
from serve.http.problems import Problem, problem_of

MEDIA_TYPE = "application/x-amz-json-1.1"
OPERATION = "ComprehendMedical_20181030.InferICD10CM"
_CREDENTIAL = re.compile(r"AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)/")
_ERRORS: tuple[tuple[type[CacError], int, str], ...] = (
    (errors.UnauthenticatedError, 401, "UnrecognizedClientException"),
    (errors.ForbiddenError, 403, "AccessDeniedException"),
    (errors.TooManyError, 429, "TooManyRequestsException"),
    (EngineError, 503, "ServiceUnavailableException"),
    (errors.StoreUnavailableError, 503, "ServiceUnavailableException"),
    (CacError, 400, "InvalidRequestException"),
)
_PROBLEMS = {
    400: "InvalidRequestException",
    408: "RequestTimeoutException",
    413: "TextSizeLimitExceededException",
    415: "InvalidRequestException",
    503: "ServiceUnavailableException",
}
"""AWS's names for problems that layers before raise, by status; each is a kind that AWS knows."""


def caller(request: Request) -> Principal:
    """Return who asks: the access key id of the client is an API key of this server.

    The signature is not verified: only a digest of the key is kept here, and it takes the key
    itself to verify one. As with a bearer token, TLS keeps the key from others.
    """
    shown = request.headers.get("Authorization", "")
    if match := _CREDENTIAL.match(shown):
        shown = f"Bearer {match[1]}"
    who = authenticate(
        store_of(request),
        authorization=shown or None,
        cookie=None,
        csrf=None,
        method=request.method,
    )
    request.app.state.rates.take(who.credential)
    return who


def told(error: CacError | Problem) -> Response:
    """Return an error as AWS's clients read it."""
    if isinstance(error, Problem):
        is_ours = error.kind.endswith("Exception")
        name = error.kind if is_ours else _PROBLEMS.get(error.status, "InvalidRequestException")
        return _error(error.status, name, error.detail)
    status, name = next((s, n) for type_, s, n in _ERRORS if isinstance(error, type_))
    retry = problem_of(error).retry_after_s
    response = _error(status, name, str(error))
    if retry is not None:
        response.headers["Retry-After"] = str(retry)
    return response


def _error(status: int, name: str, message: str) -> Response:
    body = json.dumps({"__type": name, "Message": message})
    return Response(body, status, {"x-amzn-ErrorType": name}, MEDIA_TYPE)


def invalid(message: str, name: str = "InvalidRequestException") -> Problem:
    """Return the refusal of a request, by one of InferICD10CM's own names."""
    return Problem(400, name, message)


def answer(value: dict[str, Any]) -> Response:
    """Return an operation's answer."""
    return Response(json.dumps(value, ensure_ascii=False), media_type=MEDIA_TYPE)
