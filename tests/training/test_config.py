"""A run's YAML is complete, inherits nothing, and says by name what is wrong with it."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from cac.errors import SettingsError
from training.config import parse_config, read_config

CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))


def keys(tree: Any, prefix: str = "") -> set[str]:
    """Return the dotted keys of all leaves."""
    if not isinstance(tree, dict) or not tree:
        return {prefix}
    return {
        found for key, inner in tree.items() for found in keys(inner, f"{prefix}.{key}".strip("."))
    }


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_every_shipped_config_is_read_and_writes_every_key(path: Path) -> None:
    config = read_config(path)
    assert config.name == path.stem
    assert keys(yaml.safe_load(path.read_text("utf-8"))) == keys(config.model_dump(mode="json"))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_thresholds_and_bands_never_come_from_the_notes_measured_on(path: Path) -> None:
    splits = read_config(path).corpus.splits
    assert splits.test not in (splits.train, splits.dev)


def test_an_unknown_key_is_named_with_what_is_allowed(raw: dict[str, Any]) -> None:
    data = deepcopy(raw)
    data["corpus"]["nmae"] = "x"
    with pytest.raises(SettingsError, match=r"my\.yaml: unknown key 'corpus\.nmae'.*name, lang"):
        parse_config(data, "my.yaml")


def test_an_unknown_key_at_the_top_is_named(raw: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=r"unknown key 'sede' \(allowed beside it: name, seed"):
        parse_config({**raw, "sede": 1}, "my.yaml")


def test_a_missing_key_is_named(raw: dict[str, Any]) -> None:
    data = deepcopy(raw)
    del data["evaluation"]["bootstrap"]
    with pytest.raises(SettingsError, match=r"the key 'evaluation\.bootstrap' is missing"):
        parse_config(data, "my.yaml")


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("labels", "systems", ["ICD11"], "Unknown code system 'ICD11'"),
        ("labels", "min_count", 0, "greater than or equal to 1"),
        ("evaluation", "min_probability", 2, "less than or equal to 1"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(
    raw: dict[str, Any], section: str, key: str, value: object, message: str
) -> None:
    data = deepcopy(raw)
    data[section][key] = value
    with pytest.raises(SettingsError, match=message) as error:
        parse_config(data, "my.yaml")
    assert section in str(error.value)


def test_a_file_that_is_no_config(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    with pytest.raises(SettingsError, match="cannot be read"):
        read_config(path)
    path.write_text("a: [")
    with pytest.raises(SettingsError, match="is no YAML"):
        read_config(path)
    path.write_text("- 1")
    with pytest.raises(SettingsError, match="holds no mapping"):
        read_config(path)


def test_the_digest_changes_with_any_value(raw: dict[str, Any]) -> None:
    one, two = parse_config(raw, "x"), parse_config({**raw, "seed": 99}, "x")
    assert one.digest() != two.digest()
    assert one.flat()["seed"] == "13"
