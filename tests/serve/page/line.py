"""What becomes of the decisions that a page sends: they pass, are lost, or are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

DECISIONS = "**/decisions"


def passing(route: Any) -> None:
    route.continue_()


def dead(route: Any) -> None:
    """The server cannot be reached."""
    route.abort()


def losing_answer(route: Any) -> None:
    """The server does as asked, and its answer is lost."""
    route.fetch()
    route.abort()


def refusing(status: int, what: str = "") -> Callable[[Any], None]:
    """The server refuses what holds these words, and takes the rest."""

    def answer(route: Any) -> None:
        if what in route.request.post_data:
            route.fulfill(status=status, json={"detail": "No such reason."})
        else:
            passing(route)

    return answer


class Line:
    """The way to the server: what comes next is named in turn, then all passes.

    One handler for the whole test, so that nothing rests on when a browser heeds a new one.
    """

    def __init__(self, *coming: Callable[[Any], None], then: Callable[[Any], None] = passing):
        self.coming = list(coming)
        self.then = then
        self.n_sent = 0

    def __call__(self, route: Any) -> None:
        self.n_sent += 1
        (self.coming.pop(0) if self.coming else self.then)(route)
