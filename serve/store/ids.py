"""Ids of rows: those made later sort later, and nobody can guess the next one."""

import secrets
import time


def new_id(prefix: str) -> str:
    """Return such an id: nanoseconds, then 48 random bits, as hexadecimal."""
    return f"{prefix}_{time.time_ns():016x}{secrets.token_hex(6)}"
