"""Evidence metrics: MDACE's, Edin's, faithfulness and CodiEsp's, against plain references."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from cac.coding import Code, CodeEvidence, CodeSystem
from cac.errors import SettingsError
from cac.metrics import (
    Explanation,
    NoteEvidence,
    codiesp_map,
    codiesp_x,
    comprehensiveness,
    evidence_threshold,
    span_metrics,
    sufficiency,
    token_metrics,
)
from cac.note import Span

E11, I10 = Code(CodeSystem.ICD10CM, "E11.9"), Code(CodeSystem.ICD10CM, "I10")
TEXT = "Diabetes type 2, A1c 11.5. HTN; diabetes TYPE 2 since 1999"


def evidence(code, *bounds):
    return CodeEvidence(code, tuple(Span(*b) for b in bounds))


span_lists = st.lists(
    st.tuples(st.sampled_from([E11, I10]), st.integers(0, 50), st.integers(1, 20)), max_size=6
)


@given(span_lists, span_lists)
def test_mdace_by_sets(gold, predicted):
    def reference(items):
        spans = {(c, a, min(a + n, len(TEXT))) for c, a, n in items}
        words = {(c, TEXT[a:b].lower()) for c, a, b in spans}
        tokens = set()
        for c, a, b in spans:
            for m in re.finditer(r"\w+", TEXT[a:b].lower()):
                if not (m.group().isdigit() and int(m.group()) > 10):
                    tokens.add((c, a + m.start(), m.group()))
        return spans, words, tokens, {(c, w) for c, _, w in tokens}

    def evidences(items):
        return tuple(evidence(c, (a, min(a + n, len(TEXT)))) for c, a, n in items)

    found = span_metrics([NoteEvidence(TEXT, evidences(gold), evidences(predicted))])
    results = (
        found.span_exact,
        found.span_position_independent,
        found.token_exact,
        found.token_position_independent,
    )
    for result, g, p in zip(results, reference(gold), reference(predicted), strict=True):
        assert (result.n_correct, result.n_predicted, result.n_gold) == (len(g & p), len(p), len(g))


def test_position_independent_finds_the_same_words_elsewhere():
    gold, predicted = (evidence(E11, (0, 15)),), (evidence(E11, (32, 47)),)
    found = span_metrics([NoteEvidence(TEXT, gold, predicted)])
    assert found.span_exact.f1 == 0
    assert found.span_position_independent.f1 == 1
    assert found.token_exact.f1 == 0
    assert found.token_position_independent.f1 == 1


@st.composite
def explanations(draw):
    items = []
    for _ in range(draw(st.integers(1, 4))):
        n = draw(st.integers(1, 9))
        weights = draw(st.permutations(range(n)))
        gold = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
        items.append(Explanation(np.array(weights) / 10 + 0.01, np.array(gold, dtype=float)))
    items.append(Explanation(np.array([0.3, 0.15]), np.array([1.0, 0.0])))
    return items


@given(explanations(), st.sampled_from([-1.0, 0.05, 0.2, 0.45, 2.0]))
def test_token_metrics_by_loops(items, threshold):
    found = token_metrics(items, threshold)
    kept = [e for e in items if e.gold.any()]
    gold = np.concatenate([e.gold for e in kept])
    weights = np.concatenate([e.weights for e in kept])
    if (weights > threshold).any():
        assert found.token.f1 == pytest.approx(sk.f1_score(gold, weights > threshold))
    else:
        assert math.isnan(found.token.precision)
    assert found.auprc == pytest.approx(sk.average_precision_score(gold, weights))
    assert found.empty_share == np.mean([e.weights.max() <= threshold for e in kept])
    recalls, covers, overlaps, right, taken = [], [], [], 0, 0
    for e in kept:
        positions = set(np.flatnonzero(e.gold))
        predicted = set(np.flatnonzero(e.weights > threshold))
        runs = []
        for p in sorted(positions):
            if runs and p - 1 in runs[-1]:
                runs[-1].add(p)
            else:
                runs.append({p})
        touched = [r for r in runs if r & predicted]
        recalls.append(len(touched) / len(runs))
        if touched:
            covers.append(sum(len(r & predicted) for r in touched) / sum(map(len, touched)))
        ranked = sorted(range(len(e.weights)), key=lambda i: -e.weights[i])
        top = set(ranked[: len(positions)])
        overlaps.append(len(top & positions) / len(top | positions))
        right += len(set(ranked[:5]) & positions)
        taken += len(ranked[:5])
    assert found.span_recall == pytest.approx(np.mean(recalls))
    assert found.iou == pytest.approx(np.mean(overlaps))
    assert found.cover == pytest.approx(np.mean(covers)) if covers else math.isnan(found.cover)
    assert found.precision_at_5 == pytest.approx(right / taken)
    assert found.recall_at_5 == pytest.approx(right / gold.sum())


@given(explanations())
def test_the_evidence_threshold_is_the_best_of_all(items):
    gold = np.concatenate([e.gold for e in items])
    weights = np.concatenate([e.weights for e in items])
    tried = [-1.0, *weights]
    best = max(sk.f1_score(gold, weights > t, zero_division=0) for t in tried)
    found = sk.f1_score(gold, weights > evidence_threshold(items), zero_division=0)
    assert found == pytest.approx(best)


def test_no_gold_evidence_is_no_zero():
    found = token_metrics([Explanation(np.ones(2), np.zeros(2))], 0.5)
    assert math.isnan(found.iou)
    assert math.isnan(found.token.f1)
    with pytest.raises(SettingsError, match="No gold evidence"):
        evidence_threshold([Explanation(np.ones(2), np.zeros(2))])
    with pytest.raises(SettingsError, match="do not pair"):
        Explanation(np.ones(2), np.ones(3))


def test_faithfulness_by_hand():
    whole = np.array([0.8, 0.5])
    steps = np.array([[0.4, 0.2], [0.6, 0.5]])
    drops = [[0.5, 0.75], [-0.2, 0.0]]
    assert comprehensiveness(whole, steps) == pytest.approx(np.mean(drops))
    assert sufficiency(whole, steps) == pytest.approx(np.maximum(drops, 0).mean())
    assert math.isnan(comprehensiveness(np.zeros(0), np.zeros((0, 2))))
    with pytest.raises(SettingsError, match="cannot drop"):
        sufficiency(np.array([0.0]), np.ones((1, 1)))


def trec_map(gold, run):
    """As trectools computes it: over the topics that both files name."""
    topics = [t for t in gold if run.get(t)]
    total = 0.0
    for topic in topics:
        seen, hits, precisions = [], 0, 0.0
        for code in run[topic]:
            if code in seen:
                continue
            seen.append(code)
            if code in gold[topic]:
                hits += 1
                precisions += hits / len(seen)
        total += precisions / len(gold[topic])
    return total / len(topics) if topics else float("nan")


codes = st.lists(st.sampled_from([Code(CodeSystem.ICD10CM, f"A0{n}") for n in range(6)]))


@given(
    st.dictionaries(st.sampled_from("abcd"), codes.filter(bool).map(set).map(list), min_size=1),
    st.dictionaries(st.sampled_from("abcd"), codes),
)
def test_codiesp_map_is_that_of_its_script(gold, run):
    np.testing.assert_allclose(codiesp_map(gold, run, as_published=True), trec_map(gold, run))
    complete = {note_id: run.get(note_id) or [E11] for note_id in gold}
    np.testing.assert_allclose(codiesp_map(gold, run), trec_map(gold, complete))


def test_codiesp_x_allows_ten_characters_on_either_side():
    gold = {"n": [evidence(E11, (100, 110)), evidence(E11, (300, 310))]}
    for bounds, wanted in [((100, 110), 1), ((90, 120), 1), ((89, 110), 0), ((101, 110), 0)]:
        assert codiesp_x(gold, {"n": [evidence(E11, bounds)]}).n_correct == wanted
    assert codiesp_x(gold, {"n": [evidence(I10, (100, 110))]}).n_correct == 0


def test_codiesp_x_joins_pieces_and_counts_a_code_once_a_note():
    gold = {"n": [evidence(E11, (10, 15), (30, 35)), evidence(E11, (50, 55))], "m": []}
    predicted = {"n": [evidence(E11, (10, 15), (30, 35)), evidence(E11, (50, 55))]}
    found = codiesp_x(gold, predicted | {"m": [evidence(I10, (0, 5))]})
    assert (found.n_correct, found.n_predicted, found.n_gold) == (1, 2, 1)
    assert codiesp_x(gold, {"n": [evidence(E11, (10, 15))]}).n_correct == 0
