from pathlib import Path

import pytest

from cac.coding import Code, CodedNote, CodeEvidence, CodeSystem
from cac.errors import BundleError
from cac.find.learned import LearnedFinder
from cac.learn.bundle import Manifest, write_bundle
from cac.learn.finder import TermFinder
from cac.learn.official import OfficialTerms
from cac.learn.terms import Annotated
from cac.learn.training import Scorers
from cac.learn.translation import Dictionary
from cac.learn.trees import Trees
from cac.note import AnnotatedNote, Assertion, Modifier, Note, Section, Span

SENTENCE = "Refiere dolor abdominal y tos."
PAIN, ABDOMINAL_PAIN = (Code(CodeSystem.ICD10CM, value) for value in ("R52", "R10.9"))


def read(text: str, *modifiers: Modifier) -> AnnotatedNote:
    whole = Span(0, len(text))
    section = Section("plan", Span(0, 0), whole)
    return AnnotatedNote(Note("1", text, language="es"), (section,), (whole,), (), modifiers)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    evidence = (
        CodeEvidence(ABDOMINAL_PAIN, (Span(8, 23),)),
        CodeEvidence(PAIN, (Span(8, 13),)),
    )
    read_note = read(SENTENCE)
    note = Annotated.of(CodedNote(read_note.note, (ABDOMINAL_PAIN, PAIN), evidence), read_note)
    finder = TermFinder.learn([note], OfficialTerms(), Dictionary(), "es")
    none = Trees.from_json(
        {key: [] for key in ("feature", "threshold", "left", "right", "value", "roots")}
        | {"names": [], "base": 0.0, "depth": 0}
    )
    folder = tmp_path_factory.mktemp("learned") / "bundle"
    manifest = Manifest("codiesp", "es", "tiny", "train", "0", 1, "", "0")
    write_bundle(folder, manifest, finder, Scorers(none, none, {}))
    return folder


def test_nested_terms_are_found_apart_with_exact_spans(bundle: Path) -> None:
    text = "Sin dolor abdominal."
    mentions = LearnedFinder.load(bundle).find(read(text))
    found = {text[m.spans[0].start : m.spans[0].end]: m.candidates[0] for m in mentions}
    assert {words: c.code for words, c in found.items()} == {
        "dolor": PAIN,
        "dolor abdominal": ABDOMINAL_PAIN,
    }
    assert all(c.source == "learned" and 0 < c.weight <= 1 for c in found.values())


def test_scattered_words_have_a_span_each(bundle: Path) -> None:
    text = "El dolor, muy intenso, abdominal."
    mentions = LearnedFinder.load(bundle).find(read(text))
    wanted = next(m for m in mentions if m.candidates[0].code == ABDOMINAL_PAIN)
    assert [text[s.start : s.end] for s in wanted.spans] == ["dolor", "abdominal"]


def test_what_the_note_says_of_the_mention_is_kept(bundle: Path) -> None:
    text = "Sin dolor."
    cue = Modifier(Assertion.NEGATED, Span(0, 3), Span(4, 9), "sin")
    (mention,) = LearnedFinder.load(bundle).find(read(text, cue))
    assert mention.assertions == (Assertion.NEGATED,)
    assert mention.cues == (Span(0, 3),)
    assert mention.section == "plan"


def test_a_folder_without_a_bundle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle"):
        LearnedFinder.load(tmp_path)
