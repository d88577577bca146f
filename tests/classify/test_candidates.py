"""Candidates in context: which tokens, which code, how they are pooled, and what a bundle keeps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from cac.classify.candidate_scorer import CandidateScorer, noisy_or, pooled_loss
from cac.classify.candidates import CandidateModel, Candidates
from cac.classify.config import CandidateConfig, EncoderConfig
from cac.classify.mentions import Mentions, pack, token_ranges
from cac.classify.packing import pack_weights, unpack_weights
from cac.classify.tokens import NoteTokenizer
from cac.coding import Code, CodeSystem
from cac.errors import BundleError
from cac.note import Span

PNEUMONIA, HEART, CKD = (Code(CodeSystem.ICD10CM, v) for v in ("J18.9", "I50.9", "N18.9"))
TEXT = "no fever, acute pneumonia. " + "chest pain and cough. " * 8 + "history of heart failure."


@pytest.fixture
def model(config: EncoderConfig) -> CandidateModel:
    torch.manual_seed(3)
    return CandidateModel.new(config, CandidateConfig(n_features=2, width=8, dropout=0.0))


def candidates(*found: tuple[str, Code], text: str = TEXT) -> Candidates:
    spans = [Span(text.index(words), text.index(words) + len(words)) for words, _ in found]
    features = np.arange(2 * len(found), dtype=np.float32).reshape(-1, 2)
    return Candidates(spans, [code for _, code in found], features)


SOME = (("pneumonia", PNEUMONIA), ("heart failure", HEART), ("fever", PNEUMONIA))


def test_spans_take_the_tokens_that_they_touch(tokenizer: NoteTokenizer) -> None:
    text = "acute heart failure."
    encoded = tokenizer.encode(text)
    pieces = [text[s:e] for s, e in encoded.offsets.tolist()]
    first, last = token_ranges(encoded, [Span(6, 19)])[0].tolist()
    assert pieces[first:last] == ["heart", "failure"]
    inside, blank, end = token_ranges(encoded, [Span(8, 9), Span(5, 6), Span(19, 20)]).tolist()
    assert pieces[slice(*inside)] == pieces[slice(*blank)] == ["heart"]
    assert pieces[slice(*end)] == ["."]


def test_a_mention_beyond_the_text_or_in_an_empty_one_is_no_error(
    tokenizer: NoteTokenizer, model: CandidateModel
) -> None:
    assert token_ranges(tokenizer.encode("fever"), [Span(90, 95)]).tolist() == [[0, 1]]
    assert token_ranges(tokenizer.encode(""), [Span(0, 1)]).tolist() == [[0, 0]]
    assert len(model.logits("", candidates(*SOME))) == 3
    assert model.logits(TEXT, Candidates([], [], np.zeros((0, 2), np.float32))).shape == (0,)


def test_a_note_is_scored_alike_alone_and_beside_others(model: CandidateModel) -> None:
    texts = (TEXT, "acute pneumonia and fever. heart failure.")
    alone = [model.logits(t, candidates(*SOME, text=t)) for t in texts]
    encoded = model.tokenizer.encode_many(texts)
    batch = model.builder.build(encoded)
    packed = pack(
        [model.mentions(e, candidates(*SOME, text=t)) for e, t in zip(encoded, texts, strict=True)],
        batch.lengths,
    )
    with torch.no_grad():
        together = model.scorer(batch, packed, model.vectors).numpy()
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-5)


def test_a_span_is_its_first_last_and_mean_state(model: CandidateModel) -> None:
    states = torch.randn(9, model.scorer.encoder.width)
    found = model.scorer._spans(states, torch.tensor([[2, 6], [0, 1]]))
    wanted = torch.cat([states[2], states[5], states[2:6].mean(0)])
    assert torch.allclose(found[0], wanted, atol=1e-5)
    assert torch.allclose(found[1], states[0].repeat(3), atol=1e-5)


def test_context_decides(model: CandidateModel) -> None:
    """The same words for the same code score otherwise behind other words."""
    negated, said = "no fever. pneumonia", "acute fever. pneumonia"
    one = model.logits(negated, candidates(("pneumonia", PNEUMONIA), text=negated))
    two = model.logits(said, candidates(("pneumonia", PNEUMONIA), text=said))
    assert abs(float(one[0] - two[0])) > 1e-4


def test_candidates_of_a_note_and_code_share_a_pool() -> None:
    notes = [
        Mentions(np.array([[0, 1], [2, 3]]), np.array([7, 7]), np.zeros((2, 1), np.float32)),
        Mentions(np.array([[0, 2], [1, 2]]), np.array([7, 4]), np.zeros((2, 1), np.float32)),
    ]
    packed = pack(notes, [5, 3])
    assert packed.tokens.tolist() == [[0, 1], [2, 3], [5, 7], [6, 7]]
    assert packed.n_pools == 3
    assert packed.pool[0] == packed.pool[1]
    assert len(set(packed.pool[1:].tolist())) == 3


def test_noisy_or_and_its_loss_against_products() -> None:
    chances = torch.tensor([0.2, 0.5, 0.9, 0.01])
    pool = torch.tensor([0, 0, 1, 2])
    log_none = noisy_or(torch.logit(chances), pool, 3)
    some = torch.tensor([1 - 0.8 * 0.5, 0.9, 0.01])
    assert torch.allclose(1 - log_none.exp(), some, atol=1e-6)
    gold = torch.tensor([1.0, 0.0, 1.0])
    wanted = functional.binary_cross_entropy(some, gold, reduction="sum")
    assert torch.allclose(pooled_loss(log_none, gold), wanted, atol=1e-5)


def test_the_loss_stays_finite_where_a_code_seems_impossible() -> None:
    logits = torch.tensor([-200.0, 200.0], requires_grad=True)
    loss = pooled_loss(noisy_or(logits, torch.tensor([0, 1]), 2), torch.tensor([1.0, 0.0]))
    loss.backward()
    assert torch.isfinite(loss)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()


def test_a_code_is_scored_by_its_description(model: CandidateModel) -> None:
    """A code of no code set is told by the terms that the bundle brings."""
    unknown = Code(CodeSystem.ICD10PCS, "0ZZ0ZZZ")
    bare = model.logits(TEXT, candidates(("pneumonia", unknown)))
    other = CandidateModel(model.scorer, model.tokenizer, {unknown: ["kidney disease"]})
    assert other.described([unknown]) == {unknown: ("kidney disease",)}
    told = other.logits(TEXT, candidates(("pneumonia", unknown)))
    assert abs(float(bare[0] - told[0])) > 1e-5


def test_restored_from_its_files_it_answers_alike(model: CandidateModel) -> None:
    model.scorer.set_scale(torch.randn(20, 2) * 5 + 1)
    model.terms = {CKD: ("kidney disease",)}
    contents = model.contents()
    again = CandidateModel.restore(contents.__getitem__)
    found = candidates(*SOME, ("cough", CKD))
    np.testing.assert_allclose(again.logits(TEXT, found), model.logits(TEXT, found), atol=1e-5)
    assert again.terms == {CKD: ["kidney disease"]}


@pytest.mark.parametrize("name", ["context.safetensors", "context.json", "context_encoder.json"])
def test_damaged_files_are_refused(model: CandidateModel, name: str) -> None:
    contents = {**model.contents(), name: b'{"a": 1}'}
    with pytest.raises(BundleError):
        CandidateModel.restore(contents.__getitem__)


def test_int8_takes_a_quarter_and_errs_within_its_bound() -> None:
    torch.manual_seed(0)
    tensors = {"matrix": torch.randn(128, 96) * torch.rand(128, 1), "vector": torch.randn(96)}
    whole, small = pack_weights(tensors), pack_weights(tensors, int8=True)
    assert len(small) < 0.3 * len(whole)
    again = unpack_weights(small)
    assert torch.equal(again["vector"], tensors["vector"])
    error = (again["matrix"] - tensors["matrix"]).abs()
    assert (error <= tensors["matrix"].abs().amax(dim=1, keepdim=True) / 254 + 1e-7).all()


def test_features_are_standardised_and_bounded(model: CandidateModel) -> None:
    scorer: CandidateScorer = model.scorer
    scorer.set_scale(torch.tensor([[0.0, 5.0], [2.0, 5.0]]))
    assert torch.allclose(scorer.centre, torch.tensor([1.0, 5.0]))
    far = [candidates(("pneumonia", PNEUMONIA)) for _ in range(2)]
    far[0].features[:], far[1].features[:] = 1e3, 1e6
    logits = [model.logits(TEXT, c) for c in far]
    np.testing.assert_allclose(*logits)
