"""What Prometheus reads: counts and durations by route, band and decision; never a word."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from cac.coding import CodingResult
from serve.engine.engine import Engine
from serve.engine.shadow import Comparison

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SHARES = tuple(n / 10 for n in range(11))


class Metrics:
    """One app's metrics; an `Observer` of its engine."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Histogram(
            "cac_request_seconds",
            "Duration of requests",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=registry,
        )
        self._inference = Histogram(
            "cac_inference_seconds",
            "Time that the model took for one note",
            buckets=_SECONDS,
            registry=registry,
        )
        self._suggestions = Counter(
            "cac_suggestions", "Suggestions made", ("system", "band"), registry=registry
        )
        self._decisions = Counter(
            "cac_decisions", "Decisions of coders", ("kind", "band"), registry=registry
        )
        self._agreement = Histogram(
            "cac_shadow_jaccard",
            "Shared codes among all codes of a note, between the model in use and its shadow",
            buckets=_SHARES,
            registry=registry,
        )

    def watch(self, engine: Engine) -> None:
        """Show how busy an engine is."""
        gauges: dict[str, tuple[str, Callable[[], float]]] = {
            "cac_queue_requests": ("Requests that wait", lambda: engine.load.n_waiting),
            "cac_queue_behind": ("Work that nobody waits for", lambda: engine.load.n_behind),
            "cac_busy_seconds": ("Time taken by the note under way", lambda: engine.load.busy_s),
        }
        for name, (said, value) in gauges.items():
            Gauge(name, said, registry=self._registry).set_function(value)

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; ``route`` is its template, never its path."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def decided(self, kind: str, band: str | None) -> None:
        """Count a decision, and the band of the suggestion that it is about."""
        self._decisions.labels(kind, band or "none").inc()

    def answered(self, result: CodingResult, seconds: float) -> None:
        """Count an answer."""
        self._inference.observe(seconds)
        for suggestion in result.suggestions:
            band = suggestion.band.value if suggestion.band else "none"
            self._suggestions.labels(suggestion.code.system.value, band).inc()

    def compared(self, comparison: Comparison) -> None:
        """Count a note that two models answered."""
        self._agreement.observe(comparison.jaccard)

    def exposition(self) -> bytes:
        """Return the text that Prometheus reads."""
        return generate_latest(self._registry)
