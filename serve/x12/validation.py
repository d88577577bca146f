"""Drafts held to their implementation guides by pyx12, which is imported when first needed."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

from serve.errors import DecisionError
from serve.x12.drafts import Draft

_MOST_NAMED = 5


def is_installed() -> bool:
    """Tell whether drafts can be validated here."""
    from importlib.util import find_spec

    return find_spec("pyx12") is not None


def require_valid(draft: Draft) -> None:
    """Raise DecisionError where a draft is not as its guide has it; elements are named, not values.

    Raises:
        ImportError: pyx12 is not installed.
    """
    found = list(dict.fromkeys(faults_of(draft.text)))
    if found:
        named = ", ".join(found[:_MOST_NAMED])
        raise DecisionError(f"The draft is no valid {draft.guide}: see {named}.")


def faults_of(text: str) -> list[str]:
    """Return each fault as the name of the segment or element and the code of X12's 999."""
    from pyx12.params import ParamsBase
    from pyx12.x12n_document import x12n_document

    _silence()
    out = io.StringIO()
    is_valid = x12n_document(ParamsBase(), io.StringIO(text), None, None, fd_json=out)
    found = list(_faults(json.loads(out.getvalue() or "{}")))
    return found or ([] if is_valid else ["the whole"])


def _silence() -> None:
    """Keep its messages, which repeat values, out of the server's log."""
    logger = logging.getLogger("pyx12")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())


def _faults(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _faults(each)
    elif isinstance(value, dict):
        name = value.get("name") or value.get("seg_id") or "the envelope"
        for error in value.get("errors") or ():
            yield f"{name} ({error['err_cde']})"
        for key, each in value.items():
            if key != "errors":
                yield from _faults(each)
