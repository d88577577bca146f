"""The server joined: settings in, an ASGI app out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from starlette.middleware.cors import CORSMiddleware

from cac import __version__
from cac.suggester import Suggester
from serve.access.rates import RateLimit
from serve.api import (
    answers,
    claims,
    codes,
    decisions,
    export,
    fhir,
    health,
    history,
    jobs,
    models,
    notes,
    seconds,
    suggest,
    why,
    worklist,
)
from serve.api.description import describe
from serve.api.fhir_outcome import outcome
from serve.api.parts import Parts
from serve.comprehend import routes as comprehend
from serve.comprehend import wire
from serve.engine.agreement import KeepsAgreement
from serve.engine.background import Background
from serve.engine.changes import Changes
from serve.engine.engine import Engine, Limits
from serve.engine.models import Load, Models
from serve.http.auth import who_asks, who_is_known
from serve.http.body import BodyGuard, BodyLimits
from serve.http.doors import Door, Doors
from serve.http.gate import Gate
from serve.http.head import HeadAsGet
from serve.http.metrics import Metrics
from serve.http.problems import add_problems, told
from serve.http.query import require_known_query
from serve.page.routes import FORM_PATHS, add_pages
from serve.settings import Settings
from serve.store import Store
from serve.store.upkeep import Upkeep

_RESOURCES = (
    health, suggest, notes, worklist, decisions, history, answers, why, seconds,
    codes, jobs, export, claims, models, fhir, comprehend,
)  # fmt: skip
_DOORS = (
    Door("/v1/fhir", who_asks, outcome, who_is_known),
    Door("/v1", who_asks, told, who_is_known),
    Door("/comprehendmedical", wire.caller, wire.told),
)
"""The first that a path is behind counts."""
_DESCRIPTION = "/v1/openapi.json"


def create_app(settings: Settings, store: Store, *, load: Load = Suggester.load) -> FastAPI:
    """Return the app; the model is loaded once it starts, and `/readyz` says when it is warm.

    Args:
        settings: What the administrator set.
        store: The migrated store; the app closes it when it ends.
        load: What loads a bundle, named as in ``CAC_BUNDLE``; None: finder and rules.
    """
    metrics = Metrics()
    observer = KeepsAgreement(store, metrics)
    engine = Engine(Models(load), Limits(queue_size=settings.queue_size), observer)
    changes = Changes(engine.models, store, settings)
    metrics.watch(engine)
    background = Background(store, engine)
    upkeep = Upkeep(store)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        engine.start(changes.first_bundle())
        changes.resume_shadow()
        background.start()
        upkeep.start()
        yield
        changes.stop()
        engine.stop()
        background.stop()
        upkeep.stop()
        store.close()

    app = FastAPI(
        title="cac",
        version=__version__,
        summary="Computer-assisted coding: ranked codes with their exact evidence.",
        openapi_url=_DESCRIPTION,
        docs_url=None,  # Its page fetches scripts from elsewhere.
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.parts = Parts(settings, store, engine, background, metrics, changes)
    app.state.settings, app.state.store = settings, store
    app.state.engine, app.state.metrics = engine, metrics
    app.state.rates = RateLimit(settings.requests_per_minute)
    for resource in _RESOURCES:
        # FHIR has parameters of its own (_format, ...), which a server may leave aside.
        known = [] if resource in (health, fhir) else [Depends(require_known_query)]
        app.include_router(resource.router, dependencies=known)
    add_pages(app, settings)
    add_problems(app)
    describe(app)
    _guard(app, settings, metrics)
    return app


def _guard(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Put the layers around the app; the one added last stands outermost."""
    limits = BodyLimits(settings.max_body_bytes)
    app.add_middleware(BodyGuard, limits=limits, form_paths=FORM_PATHS)
    app.add_middleware(Doors, doors=_DOORS, open_paths=(_DESCRIPTION,))
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST", "PUT", "DELETE"),
            allow_headers=("Authorization", "Content-Type", "Idempotency-Key"),
            expose_headers=("Location", "Retry-After", "X-Request-ID"),
        )
    app.add_middleware(HeadAsGet)
    app.add_middleware(Gate, hosts=settings.hosts, is_secure=settings.is_secure, metrics=metrics)
