"""The parameters behind the question mark: a misspelt filter must not answer everything."""

from __future__ import annotations

from fastapi import Request
from fastapi.routing import APIRoute

from serve.http.problems import not_allowed


async def require_known_query(request: Request) -> None:
    """Refuse parameters that a route does not describe, and one that is given twice.

    Raises:
        Problem: 422; the names and values that were sent are not repeated.
    """
    route = request.scope["route"]
    if not request.query_params or not isinstance(route, APIRoute):
        return
    described = sorted(field.alias for field in route.dependant.query_params)
    allowed = ", ".join(described) or "none"
    unknown = {"in": "query", "pointer": "/?", "kind": "unknown", "allowed": allowed}
    faults = [unknown] if set(request.query_params) - set(described) else []
    for name in described:
        if len(request.query_params.getlist(name)) > 1:
            faults.append(unknown | {"pointer": f"/{name}", "kind": "repeated", "allowed": "one"})
    if faults:
        raise not_allowed(faults)
