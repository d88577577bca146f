"""What a data card states that programs ask: its names, its licence, what may become of weights.

A card is Markdown that begins with lines ``key: value`` between two ``---``. The registry states
the same of the corpora it knows, so that an installed package needs no card; a test holds the two
together. A corpus of the user's own has its card beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cac.errors import CorpusError

_FENCE = "---\n"


class Weights(StrEnum):
    """What a licence lets become of weights learnt from a corpus, the loosest first."""

    SHAREABLE = "shareable"
    RESTRICTED = "restricted"
    EVALUATION_ONLY = "evaluation-only"


@dataclass(frozen=True, slots=True)
class Licence:
    """The licence of a corpus as its card names it, and what may become of weights."""

    name: str
    weights: Weights


UNSTATED = Licence("not stated", Weights.RESTRICTED)
"""What holds of a corpus without a card."""


def strictest(weights: Iterable[Weights]) -> Weights:
    """Return what holds of weights learnt from several sources; shareable where there is none."""
    order = list(Weights)
    return max(weights, key=order.index, default=Weights.SHAREABLE)


def read_licence(path: Path) -> Licence:
    """Return the licence that a card states.

    Raises:
        CorpusError: the card cannot be read, or lacks ``licence`` or ``weights``.
    """
    fields = front_matter(path)
    allowed = [weights.value for weights in Weights]
    if not fields.get("licence") or fields.get("weights") not in allowed:
        raise CorpusError(
            f"{path} must begin with 'licence: NAME' and 'weights: {'|'.join(allowed)}' between "
            f"two lines '---'; found: {', '.join(fields) or 'no such lines'}."
        )
    return Licence(fields["licence"], Weights(fields["weights"]))


def front_matter(path: Path) -> Mapping[str, str]:
    """Return the keys and values at the head of a card, empty where it has none.

    Raises:
        CorpusError: the file cannot be read as UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"The card {path} cannot be read as UTF-8 text.") from error
    head = text.split(_FENCE)[1] if text.startswith(_FENCE) else ""
    pairs = (line.partition(":") for line in head.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, _, value in pairs}
