"""The keys of one server, in files apart from the database: who takes the one lacks the other.

``log.keys`` sign the review log, ``text.keys`` encrypt the notes' text, ``session.keys`` bind a
CSRF token to its session. A file holds one key a line, 32 bytes as hexadecimal, the newest first;
older ones still verify and decrypt.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cac.errors import SettingsError

_N_BYTES = 32
_N_NONCE = 12
_NAMES = ("log", "text", "session")


class DamagedTextError(SettingsError):
    """Stored words were changed, moved or destroyed: no key opens them any more."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by their id (the start of their digest), the newest first."""

    keys: Mapping[str, bytes]

    @classmethod
    def of(cls, *keys: bytes) -> KeyRing:
        """Return a ring of keys, the newest first."""
        return cls({hashlib.sha256(b"cac.key-id" + key).hexdigest()[:12]: key for key in keys})

    @property
    def newest(self) -> tuple[str, bytes]:
        """The id and the key that new rows are made with."""
        return next(iter(self.keys.items()))


@dataclass(frozen=True, slots=True)
class Secrets:
    """The three rings of a server."""

    log: KeyRing
    text: KeyRing
    session: KeyRing

    @classmethod
    def random(cls) -> Secrets:
        """Return fresh keys that are kept nowhere."""
        return cls(*(KeyRing.of(secrets.token_bytes(_N_BYTES)) for _ in _NAMES))


def seal(ring: KeyRing, text: str, *, place: str) -> tuple[str, bytes]:
    """Encrypt by AES-256-GCM, bound to ``place``; return the key's id and nonce with ciphertext."""
    key_id, key = ring.newest
    nonce = secrets.token_bytes(_N_NONCE)
    return key_id, nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())


def unseal(ring: KeyRing, key_id: str, sealed: bytes, *, place: str) -> str:
    """Decrypt what `seal` made.

    Raises:
        DamagedTextError: the bytes were changed, or moved here from elsewhere.
        SettingsError: the key is not in the ring.
    """
    if key_id not in ring.keys:
        raise SettingsError(
            f"The key {key_id} of the stored text is not in text.keys. Restore the file, or the "
            "line, from its backup."
        )
    try:
        opened = AESGCM(ring.keys[key_id]).decrypt(
            sealed[:_N_NONCE], sealed[_N_NONCE:], place.encode()
        )
    except (InvalidTag, ValueError):  # The latter where too little is left of it.
        raise DamagedTextError(
            f"The stored text of {place} was changed or moved from another note. Restore the "
            "database from a backup."
        ) from None
    return opened.decode()


def keyed_digest(secrets_: Secrets, text: str) -> str:
    """Return a digest that only who has the keys can compare with that of a guessed text.

    It is made with the oldest key of the log, which is never taken out, so that it stays the same.
    """
    *_, key = secrets_.log.keys.values()
    return hmac.new(key, b"text:" + text.encode(), hashlib.sha256).hexdigest()


def load_secrets(folder: Path) -> Secrets:
    """Read the keys; raise SettingsError where a file is missing, damaged or open to others."""
    return Secrets(*(_read(folder / f"{name}.keys") for name in _NAMES))


def make_secrets(folder: Path) -> Secrets:
    """Make the keys that are missing, readable by their owner alone, and read all."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in _NAMES:
        path = folder / f"{name}.keys"
        if not path.exists():
            _write(path, [secrets.token_bytes(_N_BYTES)])
    return load_secrets(folder)


def rotate(folder: Path, name: str) -> None:
    """Put a new key before the others of one file."""
    path = folder / f"{name}.keys"
    _write(path, [secrets.token_bytes(_N_BYTES), *_read(path).keys.values()])


def _write(path: Path, keys: list[bytes]) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write("".join(f"{key.hex()}\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    # The name must be on disk as well before anything is encrypted with what it holds.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: Path) -> KeyRing:
    try:
        lines = path.read_text("ascii").split()
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise SettingsError(
            f"{path} is missing. `cac serve` makes it for a new database; for one with notes "
            "restore it from its backup, without it they cannot be read."
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} holds no keys: 64 hexadecimal digits a line.") from None
    if mode & 0o077:
        raise SettingsError(f"{path} can be read by others than its owner: chmod 600 {path}.")
    try:
        keys = [bytes.fromhex(line) for line in lines]
    except ValueError:
        keys = []
    if not keys or any(len(key) != _N_BYTES for key in keys):
        raise SettingsError(f"{path} holds no keys: 64 hexadecimal digits a line.")
    return KeyRing.of(*keys)
