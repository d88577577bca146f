"""Evidence carried to a translation: words, sentences, lexicon, links and spans."""

import sys
from collections import defaultdict

import numpy as np
import pytest

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.corpus import projection
from cac.corpus.projection import project_evidence, projection_statistics
from cac.corpus.projection.lexicon import Vocabulary, ibm1, run_gains
from cac.corpus.projection.links import align_words, grow_diag_final_and
from cac.corpus.projection.sentences import align_sentences, line_spans, sentence_spans
from cac.corpus.projection.spans import LinkedBead, project_spans
from cac.corpus.projection.texts import BeadWords, align_pairs, pair_of
from cac.corpus.projection.words import cognate_key, words_of
from cac.errors import CorpusError, SettingsError
from cac.note import Note, Span

CODE = Code(CodeSystem.ICD10CM, "E11.9")


def pieces(text, spans):
    return [text[s.start : s.end] for s in spans]


def spot(text, words):
    return Span(text.index(words), text.index(words) + len(words))


def test_words_have_offsets_stems_and_content():
    text = "Fiebre de 38,5 y hepatitis A"
    words = words_of(text, "es", start=100)
    assert [(w.span.start - 100, w.stem) for w in words][2] == (10, "38.5")
    assert [w.content for w in words] == [True, False, True, False, True, True]
    assert words[0].stem == words_of("fiebres", "es")[0].stem


@pytest.mark.parametrize(
    ("spanish", "english"),
    [("pielonefritis", "pyelonephritis"), ("tórax", "thorax"), ("linfocito", "lymphocyte")],
)
def test_cognates_share_a_key(spanish, english):
    assert cognate_key(spanish)[:4] == cognate_key(english)[:4]


def test_spanish_sentences_survive_abbreviations_and_numbers():
    text = "Visto por el Dr. García. Hb 13.7 g/dl. Tª 38. No fiebre.\nAlta"
    assert pieces(text, sentence_spans(text)) == [
        "Visto por el Dr. García.",
        "Hb 13.7 g/dl.",
        "Tª 38.",
        "No fiebre.",
        "Alta",
    ]
    assert pieces("a\n\n b \n", line_spans("a\n\n b \n")) == ["a", "b"]
    assert sentence_spans("") == []


def test_sentences_align_one_to_one_by_length_and_two_to_one():
    lengths = np.array([20.0, 80.0, 40.0, 35.0])
    gains = np.zeros((4, 4, 4))
    beads = align_sentences(lengths, lengths, gains)
    assert [(b.source.start, b.target.start) for b in beads] == [(n, n) for n in range(4)]
    joined = align_sentences(lengths, np.array([100.0, 40.0, 35.0]), np.zeros((4, 3, 4)))
    assert [(len(b.source), len(b.target)) for b in joined] == [(2, 1), (1, 1), (1, 1)]


def test_words_overrule_lengths():
    gains = np.full((4, 2, 2), -5.0)
    gains[1, 1, 0] = 40.0
    beads = align_sentences(np.array([50.0, 50.0]), np.array([50.0, 50.0]), gains)
    assert [b.source.start for b in beads if b.target.contains(Span(1, 2))] == [0]


def test_run_gains_by_loop():
    random = np.random.default_rng(0)
    weights, unigram = random.random((5, 6)) / 9, random.random(5) / 5
    source, target = np.array([0, 2, 2]), np.array([0, 3])
    found = run_gains(weights, unigram, source, target, lexicon=True)
    for run in (1, 2, 3):
        for j, rows in enumerate((range(3), range(3, 5))):
            for i in range(3):
                columns = [
                    c for s in range(i, min(i + run, 3)) for c in ((0, 1), (), (2, 3, 4, 5))[s]
                ]
                total = 0.0
                for row in rows:
                    mean = sum(weights[row, c] for c in columns) / (len(columns) + 1)
                    total += np.log((0.9 * mean + 0.1 * unigram[row]) / unigram[row])
                assert found[run, j, i] == pytest.approx(total)


def test_ibm1_is_the_plain_algorithm():
    pairs = [([1, 2], [1, 2]), ([1, 3], [1, 3]), ([2], [2])]
    arrays = [(np.array(s), np.array(t)) for s, t in pairs]
    found = ibm1(arrays, 4, 4, n_iterations=3).toarray()
    table = defaultdict(lambda: 1.0)
    for _ in range(3):
        counts, totals = defaultdict(float), defaultdict(float)
        for source, target in pairs:
            for t in target:
                norm = sum(table[t, s] for s in [*source, 4])
                for s in [*source, 4]:
                    counts[t, s] += table[t, s] / norm
                    totals[s] += table[t, s] / norm
        table = defaultdict(float, {(t, s): n / totals[s] for (t, s), n in counts.items()})
    for (t, s), wanted in table.items():
        assert found[t, s] == pytest.approx(wanted)
    assert found[2, 2] > found[1, 2]


def test_rare_words_share_number_zero():
    vocabulary = Vocabulary([["a", "b", "a"], ["c"]])
    assert vocabulary.encode(["a", "b", "c", "unseen"]).tolist() == [1, 0, 0, 0]


def test_grow_diag_final_and():
    forward = frozenset({(0, 0), (1, 1), (2, 1), (4, 4)})
    reverse = frozenset({(0, 0), (1, 1), (1, 2), (3, 3)})
    links = grow_diag_final_and(forward, reverse)
    assert links == {(0, 0), (1, 1), (2, 1), (1, 2), (3, 3), (4, 4)}
    assert grow_diag_final_and(frozenset(), frozenset()) == frozenset()
    crossing = grow_diag_final_and(frozenset({(0, 0), (3, 0)}), frozenset({(0, 0)}))
    assert crossing == {(0, 0)}


def bead(spanish, english, links):
    return LinkedBead(
        BeadWords(tuple(words_of(spanish, "es")), tuple(words_of(english, "en"))), frozenset(links)
    )


def test_spans_follow_the_words_and_fill_the_gaps_between():
    spanish = "estenosis de la unión pieloureteral derecha"
    english = "stenosis of the right pyeloureteral junction was seen"
    links = {(0, 0), (1, 1), (2, 2), (3, 5), (4, 4), (5, 3)}
    linked = bead(spanish, english, links)
    found = project_spans([Span(0, len(spanish))], [linked], english)
    assert pieces(english, found) == ["stenosis of the right pyeloureteral junction"]
    assert pieces(english, project_spans([spot(spanish, "derecha")], [linked], english)) == [
        "right"
    ]


def test_a_gap_that_stands_for_something_else_is_not_filled():
    spanish, english = "cáncer de mama y pulmón", "breast and lung cancer"
    linked = bead(spanish, english, {(0, 3), (2, 0), (3, 1), (4, 2)})
    spans = [spot(spanish, "cáncer de mama")]
    assert pieces(english, project_spans(spans, [linked], english)) == ["breast", "cancer"]
    lung = [spot(spanish, "cáncer"), spot(spanish, "pulmón")]
    assert pieces(english, project_spans(lung, [linked], english)) == ["lung cancer"]


def test_stray_links_are_dropped_and_unlinked_words_give_nothing():
    spanish = "insuficiencia renal crónica agudizada"
    english = "acute on chronic renal failure but then the patient went home well and happy today"
    links = {(0, 4), (1, 3), (2, 2), (3, 13)}
    found = project_spans([Span(0, len(spanish))], [bead(spanish, english, links)], english)
    assert pieces(english, found) == ["chronic renal failure"]
    assert project_spans([Span(0, 5)], [bead(spanish, english, set())], english) == ()


SPANISH = [
    "Varón con diabetes mellitus. Refiere fiebre alta.",
    "Mujer con asma bronquial. Refiere fiebre y dolor torácico.",
]
ENGLISH = [
    "A man with diabetes mellitus.\nHe reports high fever.",
    "A woman with bronchial asthma.\nShe reports fever and chest pain.",
]


def coded(language, texts, evidence):
    return [
        CodedNote(
            Note(f"n{i}", text, language=language),
            (CODE,),
            tuple(CodeEvidence(CODE, (spot(text, words),)) for words in evidence.get(i, ())),
        )
        for i, text in enumerate(texts)
    ]


def test_sentences_of_pairs_align():
    aligned = align_pairs([pair_of(s, e) for s, e in zip(SPANISH, ENGLISH, strict=True)])
    assert [len(beads) for beads in aligned] == [2, 2]
    assert aligned[1][1].target[0].stem == "she"


@pytest.fixture
def linked_by_position(monkeypatch):
    """In place of eflomal: the links of the second sentences, by hand."""
    links = {"refier": {(0, 1), (1, 3), (2, 2)}}

    def by_hand(pairs):
        return [frozenset(links.get(source[0], ())) for source, _ in pairs]

    monkeypatch.setattr(projection, "align_words", by_hand)


@pytest.mark.usefixtures("linked_by_position")
def test_evidence_is_carried_and_counted():
    spanish = coded("es", SPANISH[:1], {0: ["fiebre alta", "diabetes mellitus"]})
    english = coded("en", ENGLISH[:1], {})
    extra = [Note("x", SPANISH[1])], [Note("x", ENGLISH[1])]
    (found,) = project_evidence(spanish, english, *extra)
    assert pieces(ENGLISH[0], found.evidence[0].spans) == ["high fever"]
    assert found.codes == (CODE,)
    statistics = projection_statistics(spanish, [found])
    assert (statistics.n_annotations, statistics.n_projected, statistics.n_contiguous) == (2, 1, 1)


def test_notes_that_do_not_pair_are_refused():
    with pytest.raises(CorpusError, match="do not pair by id: n1"):
        project_evidence(coded("es", SPANISH, {}), coded("en", ENGLISH[:1], {}))


def test_without_eflomal_the_mend_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "eflomal", None)
    with pytest.raises(SettingsError, match=r"pip install 'cac\[train\]'"):
        align_words([(["a"], ["b"])])


def test_eflomal_links_words_that_stand_together():
    pytest.importorskip("eflomal")
    lexicon = {"fiebr": "fever", "tos": "cough", "dolor": "pain", "asma": "asthma", "rojo": "red"}
    random = np.random.default_rng(0)
    pairs = []
    for _ in range(400):
        source = [str(w) for w in random.permutation(list(lexicon))[:3]]
        pairs.append((source, [lexicon[w] for w in source]))
    links = align_words(pairs)
    n_right = sum((n, n) in found for found in links for n in range(3))
    assert n_right > 0.95 * 3 * len(pairs)
