"""One complete YAML a run: every key is written there, none is inherited, an unknown one is named.

The sections say what they configure; `read_config` is the only way in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError, model_validator

from cac.coding import CodeSystem
from cac.decide.calibration import Method
from cac.errors import SettingsError
from training.model_config import ModelConfig
from training.section import Section

Share = Field(ge=0.0, le=1.0)


class SplitNames(Section):
    """Which of the corpus's splits plays which part; ``test`` is measured once, at the end.

    ``dev`` (thresholds, calibration, the best epoch) may be null: then ``dev_share`` of the
    training patients are set apart, or none where the model needs no dev notes.
    """

    train: str
    dev: str | None
    test: str
    dev_share: float = Share

    @model_validator(mode="after")
    def _one_dev(self) -> SplitNames:
        if self.dev is not None and self.dev_share:
            raise ValueError("dev_share must be 0 where dev names a split")
        return self


class CorpusConfig(Section):
    """Where the notes come from: a corpus of ``cac corpus list``, or coded notes by their path.

    ``project_evidence_from`` carries evidence over from another language of the corpus.
    """

    name: str
    language: str
    project_evidence_from: str | None
    splits: SplitNames


class LabelConfig(Section):
    """Which codes are labels: of these systems, in so many training notes, the commonest."""

    systems: tuple[str, ...]
    min_count: int = Field(ge=1)
    top_k: int | None = Field(ge=1)

    @property
    def code_systems(self) -> tuple[CodeSystem, ...]:
        """The systems, parsed."""
        return tuple(CodeSystem.parse(name) for name in self.systems)

    @model_validator(mode="after")
    def _known_systems(self) -> LabelConfig:
        try:
            self.code_systems  # noqa: B018 - an unknown name is refused while the file is read.
        except SettingsError as error:
            raise ValueError(str(error)) from None
        return self


class EvaluationConfig(Section):
    """How the saved bundle is measured.

    ``bootstrap`` samples make the intervals; ``faithfulness_codes`` suggested codes are asked
    again with their evidence masked (0: none); ``min_probability`` ends the ranked list;
    ``sequenced`` says that the first gold diagnosis is the principal one.
    """

    bootstrap: int = Field(ge=0)
    faithfulness_codes: int = Field(ge=0)
    min_probability: float = Share
    sequenced: bool


class GateConfig(Section):
    """What a model must reach to be registered.

    ``at_least`` and ``at_most`` name figures (``codes/micro_f1``); ``worse_than_production`` is by
    how much a figure may fall below the production model's; ``evidence`` is the least share of
    suggested codes with evidence.
    """

    at_least: dict[str, float]
    at_most: dict[str, float]
    worse_than_production: dict[str, float]
    evidence: float = Share


class TrackingConfig(Section):
    """Names in MLflow; the server is ``MLFLOW_TRACKING_URI``, else a SQLite file below ``out/``."""

    experiment: str
    registered_model: str


class RunConfig(Section):
    """A whole run; ``calibration`` makes scores probabilities, on dev or by cross-validation."""

    name: str = Field(pattern=r"^[a-z0-9_]+$")
    seed: int
    corpus: CorpusConfig
    labels: LabelConfig
    model: ModelConfig
    calibration: Method
    evaluation: EvaluationConfig
    gates: GateConfig
    tracking: TrackingConfig

    @property
    def folder(self) -> Path:
        """Where the stages of this run keep what they make."""
        return Path("out") / "runs" / self.name

    def flat(self) -> dict[str, str]:
        """Return every value under its dotted key, as text."""
        return dict(_flat(self.model_dump(mode="json"), ""))

    def digest(self) -> str:
        """Return a checksum of all values."""
        return sha256(json.dumps(self.flat(), sort_keys=True).encode()).hexdigest()


def read_config(path: str | Path) -> RunConfig:
    """Read and check a run's YAML.

    Raises:
        SettingsError: the file cannot be read, a key is unknown or missing, or a value is not
            allowed; file and dotted key are named.
    """
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}. Name a YAML file.") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise SettingsError(
            f"{path} is no YAML in UTF-8. Compare it with configs/tiny.yaml."
        ) from None
    return parse_config(data, str(path))


def parse_config(data: Any, where: str) -> RunConfig:
    """Check a run's values; ``where`` names them in an error.

    Raises:
        SettingsError: naming every key that is wrong.
    """
    if not isinstance(data, Mapping):
        raise SettingsError(f"{where} holds no mapping of keys. Compare it with configs/tiny.yaml.")
    try:
        return RunConfig.model_validate(data)
    except ValidationError as error:
        faults = "; ".join(_fault(e["loc"], e["type"], e["msg"]) for e in error.errors())
        raise SettingsError(f"{where}: {faults}.") from None


def _fault(location: tuple[int | str, ...], kind: str, message: str) -> str:
    key = ".".join(str(part) for part in location) or "the whole"
    if kind == "extra_forbidden":
        return f"unknown key {key!r} (allowed beside it: {_allowed_beside(location)})"
    if kind == "missing":
        return f"the key {key!r} is missing; every key must be written"
    return f"{key!r}: {message.removeprefix('Value error, ').rstrip('.')}"


def _allowed_beside(location: tuple[int | str, ...]) -> str:
    model: Any = RunConfig
    for part in location[:-1]:
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        model = field.annotation if field else model
    return ", ".join(getattr(model, "model_fields", {}))


def _flat(value: Any, prefix: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value if isinstance(value, str) else json.dumps(value)
