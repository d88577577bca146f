"""What a row of the log says of something kept in another table, so that a change there shows.

A bare digest would let whoever guesses a text see that the guess is right: this one is keyed, and
made of the words themselves, so that it stays the same when they are encrypted anew.
"""

from __future__ import annotations

import hashlib
import hmac

from serve.log.chain import canonical
from serve.secrets import KeyRing

_KIND = "cac.kept/1"


def bind(ring: KeyRing, place: str, kept: str) -> str:
    """Return the id of the log's newest key, and HMAC-SHA-256 of place and content under it."""
    key_id, key = ring.newest
    return f"{key_id}:{_mac(key, place, kept)}"


def is_bound(ring: KeyRing, binding: str, place: str, kept: str) -> bool:
    """Tell whether this is what was bound at this place; with a key that is gone, nothing is."""
    key_id, _, mac = binding.partition(":")
    key = ring.keys.get(key_id)
    return key is not None and hmac.compare_digest(_mac(key, place, kept), mac)


def _mac(key: bytes, place: str, kept: str) -> str:
    return hmac.new(key, canonical([_KIND, place, kept]).encode(), hashlib.sha256).hexdigest()
