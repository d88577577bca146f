"""The bundle of a neural classifier: trained, saved, loaded, refused, extended."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from cac.bundles import MANIFEST, digest
from cac.classified_suggester import ClassifiedSuggester
from cac.classify.batch import Batch
from cac.classify.config import EncoderConfig, HeadConfig, LossConfig
from cac.classify.evidence import explanations, fit_share
from cac.classify.losses import evidence_loss, label_loss
from cac.classify.manifest import ClassifierManifest
from cac.classify.neural import NeuralScorer
from cac.classify.new_labels import with_labels
from cac.classify.predictor import Predictor
from cac.classify.words import touched
from cac.codes import load_icd10cm
from cac.codes.label_space import LabelSpace
from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem, CodingResult
from cac.errors import BundleError, SettingsError
from cac.metrics.evidence_tokens import token_metrics
from cac.note import Note, Span
from cac.read import read_note
from cac.suggester import Suggester

CODES = {"fever": "R50.9", "pneumonia": "J18.9", "fracture": "T14.8", "diabetes": "E11.9"}


def code(value: str) -> Code:
    return Code(CodeSystem.ICD10CM, value)


def coded_note(number: int, words: list[str]) -> CodedNote:
    text, evidence = "Patient with history of pain.", []
    for word in words:
        text += f" Acute {word} in the chest."
        start = text.index(word)
        evidence.append(CodeEvidence(code(CODES[word]), (Span(start, start + len(word)),)))
    return CodedNote(Note(f"n{number}", text), tuple(e.code for e in evidence), tuple(evidence))


@pytest.fixture(scope="module")
def corpus() -> list[CodedNote]:
    rng = np.random.default_rng(0)
    return [
        coded_note(i, list(rng.choice(list(CODES), size=int(rng.integers(0, 4)), replace=False)))
        for i in range(60)
    ]


def trained(encoder: EncoderConfig, head: HeadConfig, corpus: list[CodedNote]) -> Predictor:
    torch.manual_seed(3)
    labels = LabelSpace.of(corpus)
    scorer = NeuralScorer.new(encoder, head, len(labels))
    if head.label_init == "descriptions":
        scorer.encode_labels([[c.value.lower(), "acute disease"] for c in labels])
    predictor = Predictor(scorer, labels)
    encoded = scorer.tokenizer.encode_many([n.note.text for n in corpus])
    batch = scorer.builder.build(encoded)
    columns = [[labels.index(e.code) for e in n.evidence] for n in corpus]
    spans = [
        torch.from_numpy(
            np.array([touched(e.offsets, f.spans) for f in n.evidence]).reshape(-1, len(e))
        )
        for e, n in zip(encoded, corpus, strict=True)
    ]
    gold = torch.from_numpy(predictor.truth(corpus)).float()
    optimiser = torch.optim.Adam(scorer.model.parameters(), lr=0.01)
    for _ in range(40):
        logits, looked = scorer.model.with_attention(batch, columns)
        loss = label_loss(logits, gold, LossConfig()) + evidence_loss(looked, spans)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    predictor.fit_decisions(corpus)
    return predictor


@pytest.fixture(scope="module")
def tiny(encoder_folder: Path) -> EncoderConfig:
    return EncoderConfig(str(encoder_folder), max_length=12, stride=3, windows_per_pass=500)


@pytest.fixture(scope="module")
def predictor(tiny: EncoderConfig, corpus: list[CodedNote]) -> Predictor:
    return trained(tiny, HeadConfig(dropout=0.0), corpus)


def manifest_for(note: Note) -> ClassifierManifest:
    reader = read_note(note).fingerprint
    return ClassifierManifest(
        "codiesp", "en", "invented", "train", "0", 60, reader, "0", "CC0-1.0", False, name="tiny"
    )


@pytest.fixture
def bundle(tmp_path: Path, predictor: Predictor, corpus: list[CodedNote]) -> Path:
    predictor.save(tmp_path / "bundle", manifest_for(corpus[0].note))
    return tmp_path / "bundle"


def test_scores_and_decisions_are_right_on_what_was_learnt(
    predictor: Predictor, corpus: list[CodedNote]
) -> None:
    found = predictor.scores([coded.note for coded in corpus])
    cut = predictor.threshold(CodeSystem.ICD10CM)
    assert ((found >= cut) == predictor.truth(corpus)).mean() > 0.97
    done: list[int] = []
    alone = np.stack([predictor.scores([coded.note], done.append)[0] for coded in corpus])
    np.testing.assert_allclose(alone, found, atol=1e-5)
    assert sum(done) == 60


def test_evidence_is_the_word_itself(predictor: Predictor, corpus: list[CodedNote]) -> None:
    fit_share(predictor, corpus)
    figures = token_metrics(explanations(predictor, corpus), predictor.evidence_share)
    assert figures.iou > 0.9
    coded = next(c for c in corpus if len(c.codes) > 1)
    found = predictor.evidence(coded.note, coded.codes)
    for evidence in coded.evidence:
        assert evidence.spans[0] in [s.span for s in found[evidence.code]]
    assert fit_share(predictor, [CodedNote(coded.note, coded.codes)]) == 0.5


def test_a_loaded_bundle_answers_as_before_it_was_saved(
    bundle: Path, predictor: Predictor, corpus: list[CodedNote]
) -> None:
    loaded = Predictor.load(bundle)
    notes = [coded.note for coded in corpus[:7]]
    np.testing.assert_array_equal(loaded.scores(notes), predictor.scores(notes))
    assert loaded.decisions == predictor.decisions
    asked = corpus[1].codes
    assert loaded.evidence(notes[1], asked) == predictor.evidence(notes[1], asked)
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    assert loaded.manifest is not None
    loaded.save(bundle, loaded.manifest)
    assert {path.name: path.read_bytes() for path in bundle.iterdir()} == before


def test_no_path_of_this_machine_is_kept(bundle: Path, encoder_folder: Path) -> None:
    for path in bundle.iterdir():
        assert str(encoder_folder.parent).encode() not in path.read_bytes()
        assert path.suffix in {".json", ".safetensors"}


def test_the_suggester_answers_with_evidence_and_bands(
    bundle: Path, corpus: list[CodedNote]
) -> None:
    suggester = Suggester.load(bundle)
    coded = next(c for c in corpus if len(c.codes) == 2)
    result = suggester.suggest(coded.note)
    assert {s.code for s in result.suggestions} == set(coded.codes)
    for suggestion in result.suggestions:
        assert suggestion.band is not None
        assert suggestion.evidence
        for e in suggestion.evidence:
            assert coded.note.text[e.span.start : e.span.end] == e.text
    assert result.calibrated
    assert result.convention == "codiesp"
    every = suggester.suggest(coded.note, min_probability=0.0)
    assert len(every.suggestions) == 4
    assert {s.band.value for s in every.suggestions if s.band} > {"abstain"}
    assert len(suggester.suggest(coded.note, top_k=1).suggestions) == 1
    explained = suggester.explain(coded.note, coded.codes[0])
    assert [r.kind for r in explained.reasons] == ["mention", "score"]
    assert suggester.explain(coded.note, code("Z99.9")).reasons[0].kind == "no-label"
    others = Suggester.load(bundle, systems=(CodeSystem.CPT,))
    assert others.suggest(coded.note).suggestions == ()


def test_notes_answered_together_are_answered_as_one_by_one(
    bundle: Path, corpus: list[CodedNote], monkeypatch: pytest.MonkeyPatch
) -> None:
    suggester = Suggester.load(bundle)
    assert isinstance(suggester, ClassifiedSuggester)
    notes = [coded.note for coded in corpus[:5]] + [corpus[0].note]
    foreign = replace(notes[1], language="es")
    singly = [suggester.suggest(note, top_k=2, min_probability=0.0) for note in notes]
    n_batches = []
    states = suggester.predictor.scorer.model.states  # type: ignore[attr-defined]

    def counted(batch: Batch) -> torch.Tensor:
        n_batches.append(len(batch))
        return states(batch)  # type: ignore[no-any-return]

    monkeypatch.setattr(suggester.predictor.scorer.model, "states", counted)  # type: ignore[attr-defined]
    together = suggester.suggest_many([*notes, foreign], top_k=2, min_probability=0.0)
    # One pass for all of them, whose states serve the evidence too.
    assert n_batches == [len(notes)]
    assert isinstance(together.pop(), BundleError)
    for one, other in zip(singly, together, strict=True):
        assert isinstance(other, CodingResult)
        assert [s.code for s in one.suggestions] == [s.code for s in other.suggestions]
        assert len(one.suggestions) == 2
        for a, b in zip(one.suggestions, other.suggestions, strict=True):
            assert a.probability == pytest.approx(b.probability, abs=1e-5)
            assert [e.span for e in a.evidence] == [e.span for e in b.evidence]
    assert suggester.batch_size == 1  # on a CPU


def test_the_device_is_the_one_named(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAC_DEVICE", "cpu")
    assert Predictor.load(bundle).scorer.model.device.type == "cpu"  # type: ignore[attr-defined]
    for wrong in ("gpu", "cuda:99", "meta"):
        monkeypatch.setenv("CAC_DEVICE", wrong)
        with pytest.raises(SettingsError, match="CAC_DEVICE names no device"):
            Predictor.load(bundle)
        with pytest.raises(SettingsError, match="CAC_DEVICE names no device"):
            Suggester.load("default")


def test_another_language_convention_or_reader_is_refused(
    bundle: Path, predictor: Predictor, corpus: list[CodedNote], tmp_path: Path
) -> None:
    note = corpus[0].note
    with pytest.raises(BundleError, match="'es'"):
        Suggester.load(bundle).suggest(replace(note, language="es"))
    with pytest.raises(SettingsError, match="us-inpatient"):
        Suggester.load(bundle, convention="us-inpatient")
    predictor.save(tmp_path / "old", replace(manifest_for(note), reader="older"))
    with pytest.raises(BundleError, match="Train it again"):
        Suggester.load(tmp_path / "old").suggest(note)


def rewrite(bundle: Path, name: str, content: bytes) -> None:
    """Alter a file together with its checksum, as a careless tool would."""
    (bundle / name).write_bytes(content)
    manifest = json.loads((bundle / MANIFEST).read_text())
    manifest["files"][name] = digest(content)
    (bundle / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (MANIFEST, '{"schema": "cac.classifier/9"}', "cac.classifier/9"),
        (MANIFEST, '{"schema": "cac.other/1"}', "Known: cac.classifier, cac.context, cac.learned"),
        (MANIFEST, '{"schema": "cac.classifier/1"}', "damaged"),
        (MANIFEST, "{}", "damaged"),
        ("weights.safetensors", "x", "altered"),
        ("labels.json", None, "lacks labels.json"),
    ],
)
def test_a_damaged_bundle_is_refused(
    bundle: Path, name: str, content: str | None, reason: str
) -> None:
    if content is None:
        (bundle / name).unlink()
    else:
        (bundle / name).write_text(content)
    with pytest.raises(BundleError, match=reason):
        Suggester.load(bundle)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("weights.safetensors", b"x", "do not belong together"),
        ("model.json", b"{}", "do not belong together"),
        ("labels.json", b'{"ICD-10-CM": ["I10"]}', "other labels"),
        ("labels.json", b'{"ICD-10-CM": [38.9]}', "damaged"),
        ("calibration.json", b"{}", "damaged"),
    ],
)
def test_files_of_another_bundle_are_refused(
    bundle: Path, name: str, content: bytes, reason: str
) -> None:
    rewrite(bundle, name, content)
    with pytest.raises(BundleError, match=reason):
        Predictor.load(bundle)


def test_without_torch_the_extra_is_named(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in sys.modules if n.startswith("cac.classify.neural")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(BundleError, match=r"pip install 'cac\[neural\]'"):
        Suggester.load(bundle)


def test_a_folder_of_other_things_is_not_overwritten(
    tmp_path: Path, predictor: Predictor, corpus: list[CodedNote]
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(BundleError, match=r"thesis\.txt"):
        predictor.save(tmp_path, manifest_for(corpus[0].note))


def test_a_code_never_trained_is_scored_by_its_description(
    tiny: EncoderConfig, corpus: list[CodedNote], tmp_path: Path
) -> None:
    head = HeadConfig(label_init="descriptions", dropout=0.0)
    described = trained(tiny, head, corpus)
    notes = [coded.note for coded in corpus[:5]]
    before = described.scores(notes)
    old = described.labels
    grown = with_labels(described, [code("N18.32"), code("I50.9")], load_icd10cm("2027"))
    after = grown.scores(notes)
    assert after.shape == (5, 6)
    for label in old:
        np.testing.assert_allclose(
            after[:, grown.labels.index(label)], before[:, old.index(label)], atol=1e-5
        )
    scorer = grown.scorer
    assert isinstance(scorer, NeuralScorer)
    batch = scorer.builder.build(scorer.tokenizer.encode_many([n.text for n in notes]))
    new = scorer.model(batch)[:, [grown.labels.index(code(v)) for v in ("N18.32", "I50.9")]]
    assert np.ptp(new.detach().numpy(), axis=0).min() > 0
    grown.save(tmp_path / "grown", manifest_for(notes[0]))
    np.testing.assert_allclose(Predictor.load(tmp_path / "grown").scores(notes), after, atol=1e-5)
    with pytest.raises(SettingsError, match=r"Q99\.99 has no title"):
        with_labels(grown, [code("Q99.99")], load_icd10cm("2027"))


def test_labels_without_descriptions_cannot_be_added(predictor: Predictor) -> None:
    with pytest.raises(SettingsError, match="label_init: descriptions"):
        with_labels(predictor, [code("I50.9")], load_icd10cm("2027"))


def test_labels_and_model_must_be_of_one_training(predictor: Predictor) -> None:
    with pytest.raises(SettingsError, match="scores 4 labels"):
        Predictor(predictor.scorer, LabelSpace(()))


def test_the_prior_is_the_share_of_training_notes(
    make_model: Callable[..., object], tiny: EncoderConfig
) -> None:
    scorer = NeuralScorer.new(tiny, HeadConfig(), 3)
    scorer.model.head.labels.set_prior(torch.tensor([0, 50, 99]), 99)
    share = torch.sigmoid(scorer.model.head.labels.bias)
    assert share.tolist() == pytest.approx([0.005, 0.505, 0.995])
