from collections.abc import Callable
from dataclasses import replace

import pytest

from cac.coding import CodedNote, CodeSystem
from cac.errors import BundleError
from cac.learn.bundle import Manifest
from cac.learn.features import FEATURE_NAMES
from cac.learn.model import LearnedModel, ScoredCode
from cac.learn.terms import Annotated
from cac.learn.training import Learned, candidates_of
from cac.learned_suggester import LearnedSuggester
from cac.note import Note
from cac.read import read_note

from .conftest import READER, coded_note, read


def manifest(reader: str = READER) -> Manifest:
    return Manifest("codiesp", "es", "tiny", "train", "0", 60, reader, "0")


@pytest.fixture(scope="module")
def model(learned: Learned) -> LearnedModel:
    return LearnedModel(manifest(), learned.finder, learned.scorers)


def predict(model: LearnedModel, text: str) -> dict[str, ScoredCode]:
    return {s.code.value: s for s in model.predict(read(Note("x", text, language="es")))}


def test_what_was_coded_is_suggested_with_its_evidence(model: LearnedModel) -> None:
    text = "Acudió por neumonía. Presenta litiasis renal derecha."
    found = predict(model, text)
    assert {v for v, s in found.items() if s.suggested} == {"J18.9", "N20.0"}
    (span,) = found["N20.0"].mentions[0].spans
    assert text[span.start : span.end] == "litiasis renal derecha"


def test_probabilities_fall_from_the_first_code_to_the_last(model: LearnedModel) -> None:
    chances = [s.probability for s in predict(model, "Presenta dolor y neumonía.").values()]
    assert chances == sorted(chances, reverse=True)
    assert all(0 < chance < 1 for chance in chances)


def test_words_in_another_order_apart_and_misspelt_are_candidates(model: LearnedModel) -> None:
    assert "N20.0" in predict(model, "El riñon derecho presenta litiasis.")
    assert "J18.9" in predict(model, "Presenta neumonia.")
    found = predict(model, "Litiasis grande renal derecha.")
    assert len(found["N20.0"].mentions[0].spans) == 2


def test_pieces_of_a_mention_belong_together_in_the_answer(learned: Learned) -> None:
    note = Note("x", "Litiasis grande renal derecha.", language="es")
    fitted = LearnedModel(manifest(read_note(note).fingerprint), learned.finder, learned.scorers)
    result = LearnedSuggester(fitted, None).suggest(note, min_probability=0.0)
    (found,) = [s for s in result.suggestions if s.code.value == "N20.0"]
    pieces = [[e.text for e in mention] for mention in found.mentions]
    assert pieces[0] == ["Litiasis", "renal derecha"]


def test_official_terms_reach_codes_never_annotated(learned: Learned) -> None:
    note = coded_note(0, [])
    text = replace(note.note, text="Padece miopía.")
    read_note = read(text)
    annotated = Annotated.of(CodedNote(text, ()), read_note)
    found, rows = candidates_of(learned.finder, annotated)
    assert {c.code.value for c in found} == {"H52.10", "H52.1"}
    assert all(len(row) == len(FEATURE_NAMES) for row in rows)


def test_an_empty_note_has_no_codes(model: LearnedModel) -> None:
    assert not predict(model, "")
    assert not predict(model, "...")


def test_the_order_of_the_notes_does_not_matter(
    corpus: list[CodedNote],
    annotate: Callable[[CodedNote], Annotated],
    learned: Learned,
) -> None:
    from cac.learn.training import learn

    notes = [annotate(note) for note in reversed(corpus)]
    finder = learned.finder
    again = learn(notes, finder.official, finder.dictionary, "es", n_trees=15)
    assert again.scorers.mentions.to_json() == learned.scorers.mentions.to_json()
    assert again.scorers.calibration == learned.scorers.calibration


def test_held_out_answers_cover_both_systems(learned: Learned) -> None:
    assert set(learned.held_out) == {CodeSystem.ICD10CM, CodeSystem.ICD10PCS}
    chances, truth = learned.held_out[CodeSystem.ICD10CM]
    assert chances[truth].mean() > chances[~truth].mean()


def test_another_reader_is_refused(learned: Learned) -> None:
    model = LearnedModel(manifest("other"), learned.finder, learned.scorers)
    with pytest.raises(BundleError, match="Learn it again"):
        predict(model, "neumonía")
