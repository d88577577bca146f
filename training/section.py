"""The base of every part of a run's YAML."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the file; all of its keys must stand there, and no other."""

    model_config = ConfigDict(extra="forbid", frozen=True)
