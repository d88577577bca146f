"""Evidence of mentions in pieces: which pieces belong together, and which stand alone."""

from cac.coding import Evidence, Mention
from cac.note import Assertion, Note, Span
from cac.rank.evidence import gather_evidence, pieces_of

TEXT = "Ulcer of the left heel, stage 3; ulcer of the right heel."
ULCER, HEEL, STAGE = Span(0, 5), Span(13, 22), Span(24, 31)
OTHER = Span(33, 56)


def gathered(*mentions: tuple[Span, ...]) -> list[Evidence]:
    found = [Mention(spans, (), "assessment", (Assertion.PRESENT,)) for spans in mentions]
    pieces = [p for m in found for p in pieces_of(m, Assertion.PRESENT, 1.0)]
    return sorted(gather_evidence(Note("a", TEXT), pieces), key=lambda e: e.span)


def test_pieces_of_a_mention_have_one_number() -> None:
    ulcer, heel, other = gathered((ULCER, HEEL), (OTHER,))
    assert ulcer.mention == heel.mention is not None
    assert other.mention is None


def test_mentions_that_share_a_piece_are_one() -> None:
    # "Ulcer ... stage 3" overlaps "Ulcer of" of the other mention.
    ulcer, heel, stage = gathered((Span(0, 8), HEEL), (ULCER, STAGE))
    assert ulcer.span == Span(0, 8)
    assert ulcer.mention == heel.mention == stage.mention is not None


def test_mentions_that_share_nothing_keep_their_numbers() -> None:
    first, second, third, fourth = gathered((ULCER, STAGE), (Span(33, 38), Span(46, 56)))
    assert first.mention == second.mention != third.mention == fourth.mention


def test_pieces_that_run_into_one_stand_alone() -> None:
    (merged,) = gathered((Span(0, 12), Span(10, 22)))
    assert (merged.span, merged.mention) == (Span(0, 22), None)
