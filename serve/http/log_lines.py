"""Log lines as JSON, one a line: ids, durations, statuses; never a word that came from outside.

Our own records carry their values in ``extra={"fields": {...}}``. Of the records of others the
template alone is written, and of an error its kind and where it arose: its message may hold text.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

_OWN = "cac.serve"
# What these tell are addresses and states of the server itself.
_PLAIN = ("uvicorn", "uvicorn.error")


class JsonLines(logging.Formatter):
    """Formats a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage() if record.name in _PLAIN else str(record.msg),
        }
        if record.name.startswith(_OWN):
            line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            line |= error_fields(record.exc_info[1])
        return json.dumps(line)


def error_fields(error: BaseException) -> dict[str, Any]:
    """Return an error's kind and its frames, innermost last, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    at = [f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in frames]
    return {"error": type(error).__name__, "at": at}


def log_config(level: str = "INFO") -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`, and so for uvicorn."""
    handler = {"class": "logging.StreamHandler", "formatter": "json", "stream": sys.stderr}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"json": handler},
        "root": {"level": "WARNING", "handlers": ["json"]},
        "loggers": {
            _OWN: {"level": level},
            "uvicorn": {"level": level},
            # It writes whole URLs; `serve.http.gate` writes a line for each request instead.
            "uvicorn.access": {"level": "CRITICAL", "propagate": False},
        },
    }
