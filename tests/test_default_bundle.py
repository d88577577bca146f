"""The bundle that ships: small, shareable, made for today's reader, and of use."""

from __future__ import annotations

from cac.bundle_places import DEFAULT, SHIPPED
from cac.bundles import read_manifest
from cac.mention_context import CARD, MentionContext
from cac.note import Note
from cac.read import read_note
from cac.suggester import Suggester

MOST = 25 * 1024 * 1024
TEXT = "She has asthma and migraine. Her brother works in the asthma clinic of the town."


def test_it_is_small_and_may_be_shared_and_its_card_says_so() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < MOST
    manifest = read_manifest(SHIPPED, "")
    assert manifest["restricted"] is False
    assert manifest["licence"] == "CC BY 4.0"
    card = (SHIPPED / CARD).read_text("utf-8")
    assert manifest["files"]["context.safetensors"][:12] in card
    assert "dev/micro_f1_int8" in card


def test_eight_bits_cost_less_than_a_hundredth() -> None:
    measured = MentionContext.open(SHIPPED).manifest.measured
    assert measured["dev/micro_f1_float32"] - measured["dev/micro_f1_int8"] < 0.01


def test_it_was_trained_beside_the_reader_of_today() -> None:
    """After a change of cac/read: `make bundle`."""
    MentionContext.open(SHIPPED).require_reader(read_note(Note("1", ".")).fingerprint)


def test_it_weighs_mentions_where_every_mention_is_coded() -> None:
    note = Note("1", TEXT)
    alone = Suggester.load(convention="all-mentions").suggest(note)
    weighed = Suggester.load(DEFAULT, convention="all-mentions").suggest(note)
    assert {s.code for s in weighed.suggestions} <= {s.code for s in alone.suggestions}
    chances = [{s.code.value: s.probability for s in r.suggestions} for r in (alone, weighed)]
    assert all(chances[0][code] != chance for code, chance in chances[1].items())
    assert "context.codiesp" in weighed.model_version
