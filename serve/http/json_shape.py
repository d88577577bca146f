"""JSON that no parser behind this one can be hurt by."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from serve.http.problems import Problem

MAX_DEPTH = 32
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def check_json(body: bytes) -> None:
    """Refuse what is no JSON in UTF-8, too deep, not a number, or holds lone surrogates.

    Raises:
        Problem: 400, with the place by byte or kind, never a word of the body.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed(f"It is not UTF-8 at byte {error.start}.") from None
    try:
        value = json.loads(text, parse_constant=_no_number, parse_float=_float)
    except json.JSONDecodeError as error:
        raise _malformed(f"It is no JSON at character {error.pos}.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # an integer with more digits than Python reads
        raise _malformed("It holds a number of too many digits.") from None
    _check_depth(value)
    # In UTF-8 itself there is no surrogate: they can only come as escapes.
    if _ESCAPED_SURROGATE.search(body) and _holds_surrogate(value):
        raise _malformed("It holds a lone surrogate, which no encoding can write.")


def _malformed(what: str) -> Problem:
    return Problem(400, "malformed", f"The body cannot be read. {what}")


def _too_deep() -> Problem:
    return _malformed(f"It is nested more than {MAX_DEPTH} deep.")


def _no_number(_: str) -> NoReturn:
    raise _malformed("NaN and Infinity are no JSON.")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _malformed("It holds a number that is too large.")
    return value


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise _too_deep()


def _inside(value: Any) -> list[Any]:
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [v for v in values if isinstance(v, dict | list)]


def _holds_surrogate(value: Any) -> bool:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            if _SURROGATE.search(item):
                return True
        elif isinstance(item, dict):
            stack += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            stack += item
    return False
