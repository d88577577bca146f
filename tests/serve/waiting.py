"""Waits of the tests: each has an end, and says what it waited for in vain."""

import time
from collections.abc import Callable


def wait_for(condition: Callable[[], object], what: str, *, seconds: float = 20) -> None:
    """Wait until a condition holds; raise AssertionError, naming it, where it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} s in vain until {what}"
        time.sleep(0.005)
