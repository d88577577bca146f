import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cac.classify.bucketing import batches_by_length
from cac.classify.words import by_word, heaviest_spans, words_of

TEXT = "Patient denies chest pain.\nNo follow-up of T2DM, HbA1c 7.5."


def weights_of(**by_text: float) -> np.ndarray:
    words = [TEXT[start:end] for start, end in words_of(TEXT)]
    return np.array([by_text.get(word.replace("-", "_"), 0.0) for word in words])


def spans(share: float = 0.5, **by_text: float) -> list[tuple[str, float]]:
    found = heaviest_spans(TEXT, words_of(TEXT), weights_of(**by_text), share=share)
    return [(TEXT[s.span.start : s.span.end], s.weight) for s in found]


def test_words_keep_their_hyphens_and_points() -> None:
    words = [TEXT[start:end] for start, end in words_of(TEXT)]
    assert words == "Patient denies chest pain No follow-up of T2DM HbA1c 7.5".split()


def test_neighbours_become_one_span_with_the_weight_of_the_heaviest() -> None:
    assert spans(chest=1.0, pain=2.0) == [("chest pain", 1.0)]
    assert spans(chest=1.0, T2DM=4.0) == [("T2DM", 1.0)]
    assert spans(0.2, chest=1.0, T2DM=4.0) == [("chest", 0.25), ("T2DM", 1.0)]
    assert spans(T2DM=1.0, HbA1c=1.0) == [("T2DM, HbA1c", 1.0)]


def test_no_span_crosses_the_end_of_a_sentence() -> None:
    assert [text for text, _ in spans(pain=1.0, No=1.0)] == ["pain", "No"]


def test_no_weight_gives_no_span() -> None:
    assert spans() == []
    assert heaviest_spans("", words_of(""), np.zeros(0), share=0.5) == ()


def test_the_heaviest_spans_are_kept_in_order_of_the_text() -> None:
    weights = weights_of(Patient=3.0, chest=2.0, follow_up=4.0)
    found = heaviest_spans(TEXT, words_of(TEXT), weights, share=0.1, limit=2)
    assert [TEXT[s.span.start : s.span.end] for s in found] == ["Patient", "follow-up"]


def test_tokens_add_up_to_their_word_and_marks_belong_to_none() -> None:
    words = words_of("up-to, 😀 date")
    offsets = np.array([[0, 2], [2, 3], [3, 5], [5, 6], [7, 8], [9, 11], [11, 13], [9, 9]])
    weights = np.array([[1, 2, 4, 8, 16, 32, 64, 128.0]])
    assert by_word(words, offsets, weights).tolist() == [[7.0, 96.0]]
    assert by_word(words[:0], offsets, weights).shape == (1, 0)


@given(st.text(max_size=60), st.data())
def test_spans_are_exact_and_never_empty(text: str, data: st.DataObject) -> None:
    words = words_of(text)
    weights = data.draw(st.lists(st.floats(0, 1), min_size=len(words), max_size=len(words)))
    found = heaviest_spans(text, words, np.array(weights), share=0.5)
    assert bool(found) == (max(weights, default=0) > 0)
    for one in found:
        piece = text[one.span.start : one.span.end]
        assert piece.strip() == piece != ""
        assert 0.5 <= one.weight <= 1


@given(st.lists(st.integers(0, 500), max_size=80), st.integers(1, 9), st.none() | st.integers(0, 9))
def test_every_note_is_in_one_batch_within_the_limits(
    lengths: list[int], max_notes: int, seed: int | None
) -> None:
    batches = batches_by_length(lengths, max_notes=max_notes, max_tokens=600, seed=seed)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) <= max_notes
        assert len(batch) == 1 or sum(lengths[i] for i in batch) <= 600


def test_batches_hold_notes_of_like_length_in_an_order_that_the_seed_decides() -> None:
    lengths = np.random.default_rng(0).integers(1, 5000, 400).tolist()
    first, again, other = (batches_by_length(lengths, max_notes=4, seed=s) for s in (1, 1, 2))
    assert first == again != other
    spread = np.mean([max(lengths[i] for i in b) - min(lengths[i] for i in b) for b in first])
    assert spread < 200
    assert len(batches_by_length(lengths, max_notes=4)[0]) == 4
    assert max(lengths) == lengths[batches_by_length(lengths, max_notes=4)[0][0]]


def test_the_smallest_weight_there_is_counts_and_none_does_not() -> None:
    text = "no gout"
    [found] = heaviest_spans(text, words_of(text), np.array([0.0, 5e-324]), share=0.5)
    assert (found.span.start, found.span.end, found.weight) == (3, 7, 1.0)
