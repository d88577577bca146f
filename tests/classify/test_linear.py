import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cac.classify.evidence import fit_share
from cac.classify.linear import LinearScorer, LinearSettings
from cac.classify.manifest import ClassifierManifest
from cac.classify.ngrams import ngrams
from cac.classify.predictor import Predictor
from cac.codes import load_icd10cm
from cac.codes.label_space import LabelSpace
from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.errors import BundleError, SettingsError
from cac.note import Note, Span
from cac.read import read_note
from cac.suggester import Suggester

WORDS = {"fever": "R50.9", "lobar pneumonia": "J18.1", "open fracture": "T14.8", "I10": "I10"}
FILLER = "The patient İ was seen; 😀 pain 7/10, no follow-up. ".split(" ")


def coded_note(rng: np.random.Generator, number: int) -> CodedNote:
    text, evidence = " ".join(rng.permutation(FILLER)), []
    for word in rng.choice(list(WORDS), size=int(rng.integers(0, 4)), replace=False):
        start = len(text) + len(" Known ")
        text += f" Known {word}. {' '.join(rng.permutation(FILLER))}"
        code = Code(CodeSystem.ICD10CM, WORDS[str(word)])
        evidence.append(CodeEvidence(code, (Span(start, start + len(word)),)))
    return CodedNote(Note(f"n{number}", text), tuple(e.code for e in evidence), tuple(evidence))


@pytest.fixture(scope="module")
def corpus() -> list[CodedNote]:
    rng = np.random.default_rng(0)
    return [coded_note(rng, i) for i in range(120)]


@pytest.fixture(scope="module")
def predictor(corpus: list[CodedNote]) -> Predictor:
    labels = LabelSpace.of(corpus[:80])
    truth = np.array([[code in n.codes for code in labels] for n in corpus[:80]])
    done: list[int] = []
    scorer = LinearScorer.fit([n.note.text for n in corpus[:80]], truth, progress=done.append)
    assert len(done) == len(labels)
    predictor = Predictor(scorer, labels)
    predictor.fit_decisions(corpus[80:])
    return predictor


def test_it_answers_as_scikit_learn_does(corpus: list[CodedNote]) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    texts = [n.note.text for n in corpus]
    truth = LabelSpace.of(corpus)
    gold = np.array([[code in n.codes for code in truth] for n in corpus])
    vectorizer = TfidfVectorizer(analyzer=ngrams, sublinear_tf=True, min_df=2)
    rows = vectorizer.fit_transform(texts[:60])
    reference = OneVsRestClassifier(LogisticRegression(C=10, solver="liblinear", random_state=0))
    reference.fit(rows, gold[:60])
    wanted = reference.predict_proba(vectorizer.transform(texts[60:]))
    found = LinearScorer.fit(texts[:60], gold[:60]).scores(texts[60:])
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_only_the_largest_weights_are_kept(corpus: list[CodedNote]) -> None:
    texts = [n.note.text for n in corpus]
    gold = np.array([["fever" in text, False, True] for text in texts])
    scorer = LinearScorer.fit(texts, gold, LinearSettings(max_weights=3))
    assert [scorer._weights[:, i].nnz for i in range(3)] == [3, 0, 0]
    found = scorer.scores(texts)
    assert found[:, 1].max() < 0.01
    assert found[:, 2].min() > 0.99


def test_evidence_is_exact_where_letters_change_length_in_lower_case(
    predictor: Predictor, corpus: list[CodedNote]
) -> None:
    fit_share(predictor, corpus[80:])
    n_found = n_evidence = 0
    for coded in corpus[80:]:
        found = predictor.evidence(coded.note, coded.codes)
        for evidence in coded.evidence:
            n_evidence += 1
            n_found += any(s.span.overlaps(evidence.spans[0]) for s in found[evidence.code])
    assert n_found / n_evidence > 0.95


def test_a_bundle_needs_no_torch(
    predictor: Predictor, corpus: list[CodedNote], tmp_path: Path
) -> None:
    note = corpus[1].note
    reader = read_note(note).fingerprint
    manifest = ClassifierManifest(
        "codiesp", "en", "invented", "train", "0", 80, reader, "0", "CC0-1.0", False, name="tiny"
    )
    predictor.save(tmp_path / "bundle", manifest)
    assert all(path.suffix in {".json", ".npz"} for path in (tmp_path / "bundle").iterdir())
    loaded = Predictor.load(tmp_path / "bundle")
    np.testing.assert_allclose(loaded.scores([note]), predictor.scores([note]), atol=1e-9)
    found = Suggester.load(tmp_path / "bundle").suggest(note)
    assert {s.code for s in found.suggestions} == set(corpus[1].codes)
    code = (
        "import sys\n"
        "from cac.classify.predictor import Predictor\n"
        f"Predictor.load({str(tmp_path / 'bundle')!r}).scores([])\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_damaged_weights_are_refused(predictor: Predictor) -> None:
    files = dict(predictor.scorer.contents())
    for name, content in (("weights.npz", b"x"), ("vocabulary.json", b"[]")):
        with pytest.raises(BundleError, match="do not belong together"):
            LinearScorer.restore({**files, name: content}.__getitem__, predictor.scorer.n_labels)


def test_a_linear_model_cannot_score_new_codes(predictor: Predictor) -> None:
    from cac.classify.new_labels import with_labels

    with pytest.raises(SettingsError, match="Train a neural one"):
        with_labels(predictor, [Code(CodeSystem.ICD10CM, "N18.32")], load_icd10cm("2027"))
