"""What counts as codable: conventions, kept as data and named in every answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from cac.errors import SettingsError
from cac.note import Assertion, Setting

_BY_SETTING = {
    Setting.INPATIENT: "us-inpatient",
    Setting.OUTPATIENT: "us-outpatient",
    Setting.EMERGENCY: "us-emergency",
    Setting.PROFESSIONAL: "us-professional",
}


class Treatment(StrEnum):
    """What is done with a mention of some assertion."""

    CODE = "code"
    UNCERTAIN = "uncertain"
    HISTORY = "history"
    FAMILY = "family"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Convention:
    """The rules of one kind of coding.

    ``treatments`` says what is done by assertion. ``sections`` are log-odds by section
    category, ``weights`` log-odds by named feature; ``cut`` is the probability below which a
    code is not suggested, ``live`` the one from which it acts upon others.
    ``drop_less_specific`` is ``always``, ``overlap`` (only where the
    more specific mention covers the same words) or ``never``.
    ``resolved_is_present``: what resolved during the encounter was treated in it.
    """

    name: str
    description: str
    treatments: Mapping[Assertion, Treatment]
    sections: Mapping[str, float]
    weights: Mapping[str, float]
    cut: float
    live: float
    history_by_section: bool
    resolved_is_present: bool
    integral_signs: bool
    combine: bool
    drop_less_specific: str
    status_below_diagnoses: bool

    def __post_init__(self) -> None:
        if not (0 <= self.cut < 1 and 0 <= self.live < 1):
            raise SettingsError(
                f"Cut {self.cut} and live {self.live} of convention {self.name!r}; allowed: 0 to 1."
            )
        if self.drop_less_specific not in ("always", "overlap", "never"):
            raise SettingsError(
                f"drop_less_specific {self.drop_less_specific!r} of convention {self.name!r}; "
                "allowed: always, overlap, never."
            )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Convention:
        """Read a convention from JSON data; an unknown or missing key is named."""
        known = {field.name for field in fields(cls)}
        if wrong := sorted(set(data) ^ known):
            raise SettingsError(f"Convention keys unknown or missing: {', '.join(wrong)}.")
        treatments = {Assertion(k): Treatment(v) for k, v in data["treatments"].items()}
        if missing := [a.value for a in Assertion if a not in treatments]:
            raise SettingsError(f"Convention says nothing of {', '.join(missing)}.")
        return cls(**{**data, "treatments": treatments})

    def to_dict(self) -> dict[str, Any]:
        """Return what ``from_dict`` reads."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def load(cls, name_or_file: str | Path) -> Convention:
        """Load a shipped convention by name, or one from a JSON file."""
        file = Path(name_or_file)
        if file.suffix == ".json":
            return cls.from_dict(json.loads(file.read_text(encoding="utf-8")))
        return _shipped(str(name_or_file))

    @classmethod
    def for_setting(cls, setting: Setting) -> Convention:
        """Return US billing for a setting."""
        return _shipped(_BY_SETTING[setting])

    def section_weight(self, category: str) -> float:
        """Return the log-odds of a section; those of ``other`` where it has none."""
        return self.sections.get(category, self.sections.get("other", 0.0))

    def weight(self, feature: str) -> float:
        """Return the log-odds of a feature; 0 where the convention does not use it."""
        return self.weights.get(feature, 0.0)


def _plain(value: Any) -> Any:
    return {str(k): v for k, v in value.items()} if isinstance(value, Mapping) else value


def convention_names() -> tuple[str, ...]:
    """Return the names of the shipped conventions."""
    folder = resources.files("cac.rank").joinpath("conventions")
    return tuple(
        sorted(f.name.removesuffix(".json") for f in folder.iterdir() if f.name.endswith(".json"))
    )


@cache
def _shipped(name: str) -> Convention:
    file = resources.files("cac.rank").joinpath("conventions", f"{name}.json")
    if not file.is_file():
        known = ", ".join(convention_names())
        raise SettingsError(f"Unknown convention {name!r}. Known: {known}, or a .json file.")
    return Convention.from_dict(json.loads(file.read_text(encoding="utf-8")))
