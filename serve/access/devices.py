"""Browsers that somebody has logged in from before, by a signed cookie (OWASP: device cookies).

Who guesses passwords closes the account to every browser but these. Without them, one wrong
password an hour would keep an administrator out for as long as somebody likes.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict

from itsdangerous import BadData

from serve.access.signed import signer
from serve.secrets import Secrets

COOKIE = "cac_device"
LIFE_S = 180 * 24 * 3600
_N_TRIES = 5
_MAX_KEPT = 10_000


class Tries:
    """How often a wrong password came from each of several browsers or sessions: five are free."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_failures: OrderedDict[str, int] = OrderedDict()

    def knows(self, device: str) -> bool:
        """Tell whether there is such a device, and it has tries left."""
        with self._lock:
            return bool(device) and self._n_failures.get(device, 0) < _N_TRIES

    def failed(self, device: str) -> None:
        """Count a wrong password."""
        with self._lock:
            self._n_failures[device] = self._n_failures.pop(device, 0) + 1
            if len(self._n_failures) > _MAX_KEPT:
                self._n_failures.popitem(last=False)


def device_cookie(secrets_: Secrets, user_id: str) -> str:
    """Return the cookie of a browser that somebody has just logged in from."""
    return str(signer(secrets_, "device").dumps([user_id, secrets.token_hex(8)]))


def read_device(secrets_: Secrets, cookie: str) -> tuple[str, str]:
    """Return whose browser holds a cookie, and the browser's name; both "" where it is none."""
    try:
        owner, name = signer(secrets_, "device").loads(cookie, max_age=LIFE_S)
    except (BadData, ValueError):
        return "", ""
    return str(owner), str(name)
