"""Every corpus has its card, and the card says what the code says."""

from pathlib import Path

import pytest

from cac.corpus import CORPORA, TERM_SOURCES

CARDS = Path(__file__).parents[2] / "data_cards"
FIELDS = {"names", "licence", "url", "use", "share_weights"}


def front_matter(path):
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return dict(line.split(": ", 1) for line in head.splitlines()), body


def corpus_cards():
    cards = {}
    for path in sorted(CARDS.glob("*.md")):
        if not path.read_text(encoding="utf-8").startswith("---\nnames: "):
            continue
        fields, body = front_matter(path)
        for name in fields["names"].split(", "):
            cards[name] = fields, body
    return cards


def test_each_corpus_and_terminology_has_one_card():
    assert set(corpus_cards()) == set(CORPORA) | set(TERM_SOURCES)


@pytest.mark.parametrize("name", [*CORPORA, *TERM_SOURCES])
def test_the_card_is_complete_and_agrees_with_the_registry(name):
    fields, body = corpus_cards()[name]
    source = CORPORA.get(name) or TERM_SOURCES[name]
    assert set(fields) == FIELDS
    assert fields["url"].startswith("https://")
    assert fields["licence"] == source.licence
    assert (fields["share_weights"] == "yes") is source.share_weights
    evaluation_only = name in CORPORA and CORPORA[name].evaluation_only
    assert fields["use"] == ("evaluation" if evaluation_only else "train")
    assert "## Download" in body
