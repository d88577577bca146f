"""The finder's mentions scored in their context: trained, kept as a bundle, and answering."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem, CodingResult
from cac.corpus import write_coded_notes
from cac.errors import BundleError
from cac.mention_context import MentionContext
from cac.note import Note, Setting, Span
from cac.suggester import Suggester
from training.config import RunConfig, parse_config
from training.evaluate import load_bundle
from training.kinds import context
from training.prepared import Prepared

from .test_candidates_kind import TERMS
from .test_fit import job

ROOT = Path(__file__).parents[2]
SAID = ("{} is treated today.", "Known {}, stable.")
LEFT = ("A leaflet on {} was given.", "A talk about {} is held at the library.")


def coded(number: int) -> CodedNote:
    """One finding that is coded, and one that is spoken of alone."""
    words = list(TERMS)
    said, left = words[number % 4], words[(number + 1 + number // 4 % 3) % 4]
    text = SAID[number % 2].format(said) + " "
    start = text.index(said)
    text += LEFT[number // 2 % 2].format(left)
    code = Code(CodeSystem.ICD10CM, TERMS[said])
    span = Span(start, start + len(said))
    return CodedNote(Note(f"n{number}", text), (code,), (CodeEvidence(code, (span,)),))


@pytest.fixture(scope="module")
def bundle(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("context")
    data: dict[str, Any] = yaml.safe_load(
        (ROOT / "configs/tiny_candidates.yaml").read_text("utf-8")
    )
    data["corpus"]["name"] = str(ROOT / data["corpus"]["name"])
    data["model"] = {**data["model"], "kind": "context"}
    del data["model"]["folds"]
    data["model"]["fit"]["epochs"] *= 3
    data["model"]["encoder"]["name"] = str(ROOT / data["model"]["encoder"]["name"])
    config: RunConfig = parse_config(data, "tiny_context")
    for role, numbers in (("train", range(120)), ("dev", range(120, 140))):
        write_coded_notes(folder / f"{role}.jsonl.gz", map(coded, numbers))
    context.fit(job(config, replace(prepared, folder=folder), folder / "bundle"))
    return folder / "bundle"


def chances(suggester: Any, text: str) -> dict[str, float]:
    note = Note("new", text, setting=Setting.OUTPATIENT)
    result: CodingResult = suggester.suggest(note, min_probability=0.0)
    return {s.code.value: s.probability for s in result.suggestions}


def test_words_that_name_no_diagnosis_here_fall_behind(bundle: Path) -> None:
    """What the finder alone takes for two mentions alike, in a note that is new."""
    text = "gout is treated today. A leaflet on migraine was given."
    alone = chances(Suggester.load(convention="all-mentions"), text)
    weighed = chances(Suggester.load(bundle, convention="all-mentions"), text)
    assert alone[TERMS["gout"]] == pytest.approx(alone[TERMS["migraine"]], abs=0.1)
    assert weighed[TERMS["gout"]] > weighed[TERMS["migraine"]] + 0.2


def test_us_billing_which_weighs_it_at_nothing_does_not_ask_it(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Note("1", "Assessment: gout is treated today.", setting=Setting.OUTPATIENT)
    weighed = Suggester.load(bundle)
    monkeypatch.setattr(MentionContext, "weigh", None)
    assert weighed.suggest(note).suggestions == Suggester.load().suggest(note).suggestions


def test_the_bundle_says_what_it_is_and_what_int8_costs(bundle: Path) -> None:
    manifest = MentionContext.open(bundle).manifest
    assert manifest.measured["dev/micro_f1_float32"] > 0.8
    assert manifest.measured["dev/micro_f1_int8"] > 0.8
    version = load_bundle(bundle).suggest(Note("1", "Known gout.")).model_version
    assert manifest.files["context.safetensors"][:12] in version


def test_a_note_in_another_language_is_answered_without_it(bundle: Path) -> None:
    note = Note("1", "Diagnóstico: asma.", language="es")
    assert (
        Suggester.load(bundle).suggest(note).suggestions
        == Suggester.load().suggest(note).suggestions
    )


def test_another_reader_and_altered_weights_are_refused(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="beside reader"):
        MentionContext.open(bundle).require_reader("0" * 64)
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    (copy / "context.safetensors").write_bytes(b"other")
    with pytest.raises(BundleError, match="altered"):
        Suggester.load(copy)


def test_without_torch_a_bundle_is_refused_and_the_default_replaced(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BundleError, match="Install the extra"):
        Suggester.load(bundle)
    found = Suggester.load("default")
    assert "pip install 'cac[neural]'" in caplog.text
    assert "context" not in found.suggest(Note("1", "Known gout.")).model_version
