"""One row of the log, and the signature that chains it to the row before."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from serve.secrets import KeyRing

START = "0" * 64
"""What the first row is chained to."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, not yet in the chain.

    ``kind`` is such as ``decision``, ``note.viewed``, ``login``; ``user_id`` is who did it;
    ``version`` is the note's number of decisions after this one; ``body`` holds ids, offsets and
    codes, never words.
    """

    kind: str
    user_id: str
    note_id: str | None = None
    version: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """A row of the chain as it is stored; ``at`` is ISO 8601 in UTC, ``body`` JSON."""

    seq: int
    at: str
    kind: str
    user_id: str
    note_id: str | None
    version: int | None
    body: str
    key_id: str
    mac: str


def canonical(value: object) -> str:
    """Return the one JSON text of a value."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False)


def mac_of(key: bytes, before: str, link: Link) -> str:
    """Sign a row (its own ``mac`` left out) and the signature before it: HMAC-SHA-256."""
    parts = (
        before, link.seq, link.at, link.kind, link.user_id, link.note_id, link.version, link.body,
        link.key_id,
    )  # fmt: skip
    return hmac.new(key, canonical(["cac.log/1", *parts]).encode(), hashlib.sha256).hexdigest()


def chained(
    entries: Iterable[tuple[str, Entry]], *, ring: KeyRing, seq: int, mac: str
) -> Iterator[Link]:
    """Yield the rows that follow a head (the last row's number and signature).

    Args:
        entries: Each with its time.
        ring: Whose newest key signs.
        seq: The last row's number, 0 in an empty log.
        mac: And its signature, `START` in an empty log.
    """
    key_id, key = ring.newest
    for at, entry in entries:
        seq += 1
        plain = Link(
            seq, at, entry.kind, entry.user_id, entry.note_id, entry.version,
            canonical(dict(entry.body)), key_id, "",
        )  # fmt: skip
        mac = mac_of(key, mac, plain)
        yield Link(
            seq, at, plain.kind, plain.user_id, plain.note_id, plain.version, plain.body,
            key_id, mac,
        )  # fmt: skip
