from cac.find.expand import Expander
from cac.find.lexicon import Lexicon, Term
from cac.find.match import match_sentence
from cac.find.stream import read_words
from cac.note import AnnotatedNote, Note, Section, Span

TERMS = {
    "C50": {"breast", "~malignant"},
    "C22": {"liver", "~malignant"},
    "C78.7": {"liver", "~secondary"},
    "C79.51": {"bone", "~secondary"},
    "C79.81": {"breast", "~secondary"},
    "I50.9": {"heart", "failure"},
    "I50.2": {"heart", "failure", "systolic"},
    "S52.5": {"fracture", "radius"},
}


def lexicon() -> Lexicon:
    return Lexicon.build(
        Term(frozenset(words), frozenset(), code, "title", " ".join(sorted(words)), 0.9)
        for code, words in TERMS.items()
    )


def found(text: str) -> set[str]:
    built = lexicon()
    whole = Span(0, len(text))
    annotated = AnnotatedNote(
        Note("n", text), (Section("other", Span(0, 0), whole),), (whole,), (), ()
    )
    stream = read_words(text, whole)
    Expander(built.words).expand(stream, annotated, whole)
    return {match.terms()[0].code for match in match_sentence(stream, built)}


def test_words_match_in_any_order() -> None:
    assert found("fracture of the left distal radius") == {"S52.5"}
    assert found("left radius, fracture") == {"S52.5"}


def test_the_longer_term_takes_the_words_of_the_shorter() -> None:
    assert found("systolic heart failure") == {"I50.2"}


def test_words_too_far_apart_are_no_term() -> None:
    assert found("fracture seen long ago by somebody in another town near the radius") == set()


def test_the_last_word_of_a_list_goes_with_each_member() -> None:
    assert found("breast, liver and bone metastases") == {"C79.81", "C78.7", "C79.51"}


def test_a_word_goes_with_its_nearer_neighbour() -> None:
    assert found("breast cancer with liver metastases") == {"C50", "C78.7"}


def test_a_lexicon_survives_being_written() -> None:
    built = lexicon()
    words = {"heart", "failure", "systolic"}
    entries = {entry.required for entry in built.entries_within(words)}
    assert entries == {frozenset({"heart", "failure"}), frozenset(words)}


def test_entries_come_in_the_order_of_the_words_whatever_their_hashes() -> None:
    words = [f"word{number}" for number in range(40)]
    built = Lexicon.build(
        Term(frozenset([word]), frozenset(), "I10", "title", word, 0.9) for word in words
    )
    assert [entry.words for entry in built.entries_within(words)] == [(word,) for word in words]
