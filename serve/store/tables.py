"""The tables. The words of notes and comments stand in ``texts`` alone, encrypted.

Whatever happens is a row of ``log``; a coder's decisions are such rows with a note and a version,
and the state of a review is folded from them.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Utc(TypeDecorator[datetime]):
    """Aware times in UTC, on databases that forget the zone as well."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> Any:
        """Refuse naive times."""
        if value is not None and value.tzinfo is None:
            raise ValueError("A time without a zone was to be stored.")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: Any, _: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        time: datetime = value
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Utc(), str: String(200)}  # noqa: RUF012


class User(Base):
    """A person, or a program with keys and no password."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str | None] = mapped_column(Text)
    must_change: Mapped[bool] = mapped_column(default=False)
    oidc_subject: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    n_failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class ApiKey(Base):
    """A key by its prefix; of the secret part only the digest is kept."""

    __tablename__ = "api_keys"
    prefix: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    label: Mapped[str]
    scopes: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]


class BrowserSession(Base):
    """A browser that is logged in; the cookie's digest is kept, not the cookie."""

    __tablename__ = "sessions"
    digest: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class LogRow(Base):
    """One event; ``mac`` chains it to the row before under a key that is not in the database."""

    __tablename__ = "log"
    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    at: Mapped[str]
    kind: Mapped[str]
    user_id: Mapped[str]
    note_id: Mapped[str | None]
    version: Mapped[int | None]
    body: Mapped[str] = mapped_column(Text)
    key_id: Mapped[str]
    mac: Mapped[str]
    __table_args__ = (Index("uq_log_note_id_version", "note_id", "version", unique=True),)


class LogHead(Base):
    """The last row of the log: one row, locked while the chain is made longer."""

    __tablename__ = "log_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    mac: Mapped[str]


class NoteRow(Base):
    """A note without its words: where it stands in the work, and who holds it.

    A second review of a note is a row of its own; its words are those of the first.
    """

    __tablename__ = "notes"
    id: Mapped[str] = mapped_column(primary_key=True)
    note_id: Mapped[str] = mapped_column(unique=True)
    text_digest: Mapped[str]
    n_chars: Mapped[int]
    note_type: Mapped[str]
    language: Mapped[str]
    setting: Mapped[str]
    service_date: Mapped[str]
    payer: Mapped[str]
    priority: Mapped[int]
    blinded: Mapped[bool]
    received_by: Mapped[str] = mapped_column(ForeignKey("users.id"))
    received_at: Mapped[datetime]
    status: Mapped[str]
    failure: Mapped[str]
    confidence: Mapped[float | None]
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id"), index=True)
    version: Mapped[int]
    completed_at: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(ForeignKey("users.id"))
    claimed_at: Mapped[datetime | None]
    claim_seen_at: Mapped[datetime | None]
    text_deleted_at: Mapped[datetime | None]
    second_of: Mapped[str | None] = mapped_column(ForeignKey("notes.id"))
    __table_args__ = (
        Index("ix_notes_status_received_at_id", "status", "received_at", "id"),
        Index("ix_notes_completed_at", "completed_at"),
        Index("uq_notes_second_of", "second_of", unique=True),
    )


class TextRow(Base):
    """Words, encrypted: of a note, of a comment on it, or the ids of its patient."""

    __tablename__ = "texts"
    id: Mapped[str] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(ForeignKey("notes.id"), index=True)
    kind: Mapped[str]
    key_id: Mapped[str] = mapped_column(index=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class AnswerRow(Base):
    """What a model said of a note, its evidence by offsets; the newest that is no shadow counts."""

    __tablename__ = "answers"
    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    note: Mapped[str] = mapped_column(ForeignKey("notes.id"), index=True)
    made_at: Mapped[datetime]
    model_version: Mapped[str]
    is_shadow: Mapped[bool]
    record: Mapped[str] = mapped_column(Text)


class Job(Base):
    """A batch of notes; its progress is counted from them."""

    __tablename__ = "jobs"
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """What a request with this key was answered, so that a repetition changes nothing."""

    __tablename__ = "idempotency_keys"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    answer: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


class SettingRow(Base):
    """What an administrator set while the server runs; it wins over the variable."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class AgreementRow(Base):
    """How far a model and its shadow agreed: sums over notes, without a note's id or a code."""

    __tablename__ = "agreements"
    model_version: Mapped[str] = mapped_column(primary_key=True)
    shadow_version: Mapped[str] = mapped_column(primary_key=True)
    n_notes: Mapped[int] = mapped_column(BigInteger)
    n_both: Mapped[int] = mapped_column(BigInteger)
    n_model_only: Mapped[int] = mapped_column(BigInteger)
    n_shadow_only: Mapped[int] = mapped_column(BigInteger)
    n_same_first: Mapped[int] = mapped_column(BigInteger)
    sum_jaccard: Mapped[float]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
