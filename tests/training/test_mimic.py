"""An invented hospital in MIMIC's schema through every stage; what it gives may not leave."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from cac.cli import main as cac
from training import evaluate, package, prepare, register, train
from training.bundles import is_restricted

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hospital")
    assert cac(["corpus", "invent", str(folder), "--admissions", "80"]) == 0
    return folder


@pytest.mark.parametrize(
    ("corpus", "systems"),
    [
        ("mimiciv_icd10", ["ICD-10-CM", "ICD-10-PCS"]),
        ("mimiciii_50", ["ICD-9-CM", "ICD-9-PCS"]),
    ],
)
def test_mimic_passes_through_every_stage_and_stays_restricted(
    hospital: Path,
    raw: dict[str, Any],
    corpus: str,
    systems: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = deepcopy(raw)
    data["name"] = corpus
    data["corpus"]["name"] = corpus
    data["labels"].update(systems=systems, top_k=20)
    data["model"]["encoder"]["name"] = str(ROOT / "training" / "tiny" / "encoder")
    data["model"]["fit"].update(epochs=1)
    data["evaluation"].update(bootstrap=20, faithfulness_codes=2, min_probability=0.05)
    data["gates"].update(at_least={}, at_most={}, evidence=0.0)
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(data))
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "CAC_MIMIC_III", "CAC_MIMIC_IV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CAC_DATA", str(hospital))
    command = [str(tmp_path / "run.yaml")]
    for stage in (prepare, train, evaluate, register):
        assert stage.main(command) == 0, stage.__name__
    folder = tmp_path / "out" / "runs" / corpus
    assert is_restricted(folder / "bundle")
    assert "**do not publish these weights**" in (folder / "registered/MODEL_CARD.md").read_text()
    assert json.loads((folder / "evaluation/evaluation.json").read_text())["figures"]["all"]
    capsys.readouterr()
    assert package.main([*command, "--output", str(tmp_path / "x.tar.gz")]) == 2
    assert "is restricted" in capsys.readouterr().err
    assert not (tmp_path / "x.tar.gz").exists()
