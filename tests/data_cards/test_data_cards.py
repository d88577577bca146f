"""Every corpus has its card, and the card says what the code says."""

from pathlib import Path

import pytest

from cac.corpus import CORPORA, TERM_SOURCES, Weights, licence_of, read_licence, weights_of
from cac.corpus.cards import front_matter
from cac.errors import CorpusError, SettingsError

CARDS = Path(__file__).parents[2] / "data_cards"
FIELDS = {"names", "licence", "url", "use", "weights"}


def corpus_cards():
    cards = {}
    for path in sorted(CARDS.glob("*.md")):
        for name in front_matter(path).get("names", "").split(", "):
            cards[name] = path
    return {name: path for name, path in cards.items() if name}


def test_each_corpus_and_terminology_has_one_card():
    assert set(corpus_cards()) == set(CORPORA) | set(TERM_SOURCES)


@pytest.mark.parametrize("name", [*CORPORA, *TERM_SOURCES])
def test_the_card_is_complete_and_agrees_with_the_registry(name):
    path = corpus_cards()[name]
    fields = front_matter(path)
    assert set(fields) == FIELDS
    assert fields["url"].startswith("https://")
    assert read_licence(path) == licence_of(name)
    evaluation_only = fields["weights"] == "evaluation-only"
    assert fields["use"] == ("evaluation" if evaluation_only else "train")
    assert evaluation_only is (name in CORPORA and not CORPORA[name].learn_splits)
    assert "## Download" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(CARDS.glob("*.md")), ids=lambda path: path.stem)
def test_every_card_says_what_becomes_of_weights(path):
    assert read_licence(path).weights in Weights


def test_several_sources_are_as_strict_as_the_strictest():
    assert weights_of([]) is Weights.SHAREABLE
    assert weights_of(["codiesp", "disease_ontology"]) is Weights.SHAREABLE
    assert weights_of(["codiesp", "mdace", "disease_ontology"]) is Weights.RESTRICTED
    assert weights_of(["mdace", "aci_bench"]) is Weights.EVALUATION_ONLY
    with pytest.raises(SettingsError, match="Unknown corpus 'codesp'"):
        weights_of(["codesp"])


@pytest.mark.parametrize(
    "text",
    [
        "# A card\n",
        "---\nlicence: MIT\n---\n",
        "---\nlicence:\nweights: shareable\n---\n",
        "---\nlicence: MIT\nweights: free\n---\n",
    ],
)
def test_a_card_without_its_lines_is_refused(tmp_path, text):
    path = tmp_path / "card.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=r"weights: shareable\|restricted\|evaluation-only"):
        read_licence(path)
    with pytest.raises(CorpusError, match="cannot be read"):
        read_licence(tmp_path / "none.md")
