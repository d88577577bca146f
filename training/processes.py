"""The processes of one training on several devices: the first alone writes.

``torchrun`` (and ``accelerate launch`` on GPUs) states them in the environment.
"""

from __future__ import annotations

import os


def n_processes() -> int:
    """Return how many processes train together; 1 where nothing started several."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first() -> bool:
    """Tell whether this process writes what is trained."""
    return int(os.environ.get("RANK", "0")) == 0
