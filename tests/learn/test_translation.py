from cac.learn.similar import SimilarStems
from cac.learn.translation import Dictionary, Translation, learn_dictionary


def test_a_dictionary_is_learnt_from_sentence_pairs() -> None:
    pairs = [
        (["dolor", "renal"], ["pain", "kidney"]),
        (["fiebr", "renal"], ["fever", "kidney"]),
        (["dolor", "fiebr"], ["pain", "fever"]),
    ] * 4
    learnt = learn_dictionary(pairs)
    assert {stem: learnt.of(stem)[0].stem for stem in ("dolor", "renal", "fiebr")} == {
        "dolor": "pain",
        "renal": "kidney",
        "fiebr": "fever",
    }
    assert Dictionary.from_json(learnt.to_json()).entries == learnt.entries


def test_no_pairs_give_an_empty_dictionary() -> None:
    assert not learn_dictionary([]).entries
    assert not learn_dictionary([([], [])]).entries


def test_stems_translated_alike_are_similar(dictionary: Dictionary) -> None:
    similar = SimilarStems(["rinon", "renal", "fiebr"], dictionary)
    assert set(similar.of("rinon")) == {"renal"}
    assert similar.of("rinon")["renal"].pivot > 0


def test_misspelt_and_derived_stems_are_similar_and_short_ones_are_not() -> None:
    similar = SimilarStems(["metastasi", "orquiectomi", "tac"], Dictionary())
    assert set(similar.of("metastasic")) == {"metastasi"}
    assert set(similar.of("orquidectomi")) == {"orquiectomi"}
    assert not similar.of("tos")


def test_pivots_leave_the_stem_itself_out() -> None:
    dictionary = Dictionary(
        {"a": (Translation("x", 1.0, 1.0),), "b": (Translation("x", 1.0, 0.5),)}
    )
    assert dictionary.pivots("a") == {"b": 0.5}
