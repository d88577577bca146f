"""The transformer beside learnt terms: cross-fitted, resumed, kept in a bundle, and answering."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from cac.classify.candidates import CandidateModel, Candidates
from cac.classify.config import CandidateConfig
from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.errors import BundleError
from cac.learn import LearnedModel
from cac.learn.bundle import CONTEXT_FILES, Manifest, write_bundle
from cac.learn.official import OfficialTerms
from cac.learn.terms import Annotated
from cac.learn.training import Learned, learn
from cac.learn.translation import Dictionary
from cac.note import Note, Span
from cac.read import read_note
from training.candidate_objective import CandidateObjective, CandidateTargets
from training.checkpoint import Checkpoint
from training.config import RunConfig, parse_config
from training.fit import Fit
from training.fit import fit as fit_model
from training.kinds.candidates import ContextTrainer
from training.prepared import Prepared

from .in_processes import PowerCutError
from .test_fit import job, stop_after

ROOT = Path(__file__).parents[2]
N_NOTES = 160
TERMS = {"gout": "M10.9", "asthma": "J45.909", "migraine": "G43.909", "anemia": "D64.9"}
SAID = ("Today with {}.", "Known {}.", "{} is treated.")
LEFT = ("A leaflet on {} was given.", "A talk about {} is planned at the library.")
"""Lines in which the same words are no diagnosis."""


def coded(number: int) -> CodedNote:
    """One finding that is coded, and one that is spoken of alone."""
    words = list(TERMS)
    text, evidence = "Seen today. ", []
    for place, lines in enumerate((SAID, LEFT)):
        said = words[(number + place * (1 + number // 4)) % 4]
        line = lines[number % len(lines)]
        start = len(text) + line.index("{}")
        text += line.format(said) + " "
        if lines is SAID:
            code = Code(CodeSystem.ICD10CM, TERMS[said])
            evidence.append(CodeEvidence(code, (Span(start, start + len(said)),)))
    return CodedNote(Note(f"n{number}", text), tuple(e.code for e in evidence), tuple(evidence))


@pytest.fixture(scope="module")
def notes() -> list[Annotated]:
    return [Annotated.of(c, read_note(c.note)) for c in map(coded, range(N_NOTES))]


@pytest.fixture(scope="module")
def run_config() -> RunConfig:
    data: dict[str, Any] = yaml.safe_load(
        (ROOT / "configs/tiny_candidates.yaml").read_text("utf-8")
    )
    data["corpus"]["name"] = str(ROOT / data["corpus"]["name"])
    data["model"]["encoder"]["name"] = str(ROOT / data["model"]["encoder"]["name"])
    return parse_config(data, "tiny_candidates")


def learned(trainer: ContextTrainer | None, notes: list[Annotated]) -> Learned:
    return learn(notes, OfficialTerms({}), Dictionary({}), "en", context=trainer, n_trees=30)


def trainer(config: RunConfig, prepared: Prepared, output: Path) -> ContextTrainer:
    return ContextTrainer(job(config, prepared, output))


@pytest.fixture(scope="module")
def bundle(
    run_config: RunConfig,
    prepared: Prepared,
    notes: list[Annotated],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    folder = tmp_path_factory.mktemp("candidates") / "bundle"
    found = learned(trainer(run_config, prepared, folder), notes)
    reader = notes[0].source.fingerprint
    manifest = Manifest("codiesp", "en", "tiny", "train", "0" * 64, N_NOTES, reader, "0")
    write_bundle(folder, manifest, found.finder, found.scorers)
    return folder


def test_a_bundle_with_context_answers_as_before_it_was_written(bundle: Path) -> None:
    model = LearnedModel.load(bundle)
    found = model.predict(read_note(coded(0).note))
    assert found[0].code.value == TERMS["gout"]
    assert set(CONTEXT_FILES) <= {path.name for path in bundle.iterdir()}


def test_context_tells_what_is_coded_from_what_is_spoken_of(bundle: Path) -> None:
    """Words that terms alone cannot tell apart, in a note that is new."""
    model = LearnedModel.load(bundle)
    text = "Seen today. Known gout. A leaflet on migraine was given."
    chances = {s.code.value: s.probability for s in model.predict(read_note(Note("new", text)))}
    assert chances[TERMS["gout"]] > 2 * chances.get(TERMS["migraine"], 0.0)


def test_without_its_transformer_the_bundle_is_refused(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BundleError, match="Install the extra"):
        LearnedModel.load(bundle)


def test_altered_weights_are_refused(bundle: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    (copy / CONTEXT_FILES[0]).write_bytes(b"other")
    with pytest.raises(BundleError, match="altered"):
        LearnedModel.load(copy)


def test_an_interrupted_training_gives_the_same_logits(
    run_config: RunConfig,
    prepared: Prepared,
    notes: list[Annotated],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    notes = notes[:64]
    settings: Any = run_config.model
    often = settings.fit.model_copy(update={"checkpoint_steps": 2})
    model = settings.model_copy(update={"fit": often})
    run_config = run_config.model_copy(update={"model": model})
    wanted = learned(trainer(run_config, prepared, whole), notes)
    with monkeypatch.context() as patch:
        stop_after(27, patch)  # In the last epoch over all notes, behind a checkpoint.
        with pytest.raises(PowerCutError):
            learned(trainer(run_config, prepared, broken), notes)
    assert list(broken.with_name("broken.checkpoint").rglob("*.npz"))
    again = trainer(run_config, prepared, broken)
    found = learned(again, notes)
    again.remove()
    assert not broken.with_name("broken.checkpoint").exists()
    for mine, theirs in zip(weights(found), weights(wanted), strict=True):
        assert torch.allclose(mine, theirs, atol=1e-5)


def weights(found: Learned) -> list[torch.Tensor]:
    context: Any = found.scorers.context
    return list(context.model.scorer.state_dict().values())


def test_each_note_is_scored_by_what_did_not_see_it(
    run_config: RunConfig, prepared: Prepared, notes: list[Annotated], tmp_path: Path
) -> None:
    seen: list[tuple[str, set[str]]] = []
    one = trainer(run_config, prepared, tmp_path / "b")
    train: Callable[..., CandidateModel] = one._train

    def watched(name: str, given: Any) -> CandidateModel:
        seen.append((name, {n.note.note_id for n in given}))
        return train(name, given)

    one._train = watched  # type: ignore[method-assign]
    learned(one, notes[:64])
    every = {n.note_id for n in notes[:64]}
    folds = [ids for name, ids in seen if name != "all"]
    assert len(folds) == 2
    assert set.union(*(every - ids for ids in folds)) == every
    assert dict(seen)["all"] == every


def said_in(note: CodedNote) -> Candidates:
    """Every finding that the note names, coded or not."""
    text = note.note.text
    found = [(words, text.index(words)) for words in TERMS if words in text]
    spans = [Span(start, start + len(words)) for words, start in found]
    codes = [Code(CodeSystem.ICD10CM, TERMS[words]) for words, _ in found]
    return Candidates(spans, codes, np.zeros((len(spans), 1), np.float32))


def test_codes_of_notes_alone_teach_which_mention_counts(
    run_config: RunConfig, tmp_path: Path
) -> None:
    """Multiple instances: no evidence is given, only that the note has the code of one of two."""
    settings: Any = run_config.model
    torch.manual_seed(0)
    model = CandidateModel.new(settings.encoder, CandidateConfig(1, 16, 0.0))
    codes = [Code(CodeSystem.ICD10CM, v) for v in TERMS.values()]
    model.learn_codes(codes)
    notes = [coded(n) for n in range(N_NOTES)]
    given = [said_in(note) for note in notes]
    gold = [
        np.array([c in n.codes for c in g.codes], bool) for n, g in zip(notes, given, strict=True)
    ]
    encoded = model.tokenizer.encode_many(note.note.text for note in notes)
    objective = CandidateObjective(
        model,
        encoded[:120],
        [model.mentions(e, g) for e, g in zip(encoded[:120], given, strict=False)],
        [CandidateTargets(None, g) for g in gold[:120]],
        1.0,
    )
    config = settings.fit.model_copy(update={"epochs": 8})
    plan = Fit(config, objective, None, 13, True, model.encode_codes, dict, lambda *_: None)
    fit_model(model.scorer, plan, Checkpoint(tmp_path / "c", "x"))
    model.encode_codes()
    right = [
        bool(((model.logits(n.note.text, g) > 0) == truth).all())
        for n, g, truth in zip(notes[120:], given[120:], gold[120:], strict=True)
    ]
    assert sum(right) >= 36
