"""Names of tests that are the same in every process: two of them must agree what there is."""

from __future__ import annotations

import pytest


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name bytes by their length: what packs them may write the time into them."""
    return f"{argname}-{len(val)}-bytes" if isinstance(val, bytes) else None
