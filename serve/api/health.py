"""``/healthz``, ``/readyz``, ``/metrics``: for those who watch the server."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from serve.api.records import json_response
from serve.engine.engine import Engine
from serve.http.metrics import Metrics

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=None, summary="Whether the server answers")
async def healthz() -> Response:
    """Answer 200 as long as the process runs."""
    return json_response({"status": "ok"})


@router.get("/readyz", response_model=None, summary="Whether it can suggest")
async def readyz(request: Request) -> Response:
    """Answer 200 once a model is warm, else 503 with the reason."""
    engine: Engine = request.app.state.engine
    model = engine.require_ready()
    return json_response({"status": "ready", "model_version": model.version})


@router.get("/metrics", response_model=None, summary="What Prometheus reads")
async def metrics(request: Request) -> Response:
    """Answer counts and durations; never a word of a note."""
    shown: Metrics = request.app.state.metrics
    return Response(shown.exposition(), media_type=shown.media_type)
