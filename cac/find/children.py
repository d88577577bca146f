"""Weigh the children of a code by the words that their titles add."""

from __future__ import annotations

from dataclasses import dataclass, field

from cac.find.context import Context
from cac.find.wordlists import site_words

_DEFAULTS = frozenset(
    """primary essential closed initial encounter region displaced uncomplicated acquired
    traumatic organism episode single stated mellitus body site part female male manifest mention
    trimester eye ear side limb vessel native without""".split()
)

_WIDER = 0.4  # for a word that includes what is said: the trunk, of a back
_AGAIN = 0.5  # for a word that the vaguer code said too
# Python makes a new empty set each time; thousands of them are kept, and searched for rubbish.
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Child:
    """A child of a code: the words and sides that its title adds to its parent's.

    ``telling`` are words of the parent's title that not every child has; ``either`` are
    pairs of sites of which one suffices; ``owed`` are the added words that a
    text must hold before it means the child.
    """

    value: str
    added: frozenset[str]
    telling: frozenset[str]
    sides: frozenset[str]
    either: tuple[frozenset[str], ...]
    unspecified: bool
    residual: bool
    owed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        owed = (w for w in self.added - _DEFAULTS if not w.startswith("no:"))
        object.__setattr__(self, "owed", frozenset(owed) or NOTHING)

    def lacking(self, words: frozenset[str]) -> frozenset[str]:
        """Return the words owed that are not among some words."""
        lacking = self.owed - words
        for pair in self.either if lacking else ():
            if not pair.isdisjoint(words):
                lacking -= pair
        return lacking


def is_supported(child: Child, context: Context) -> bool:
    """Tell whether the text holds every word that the child adds."""
    return not child.lacking(context.words) - context.wider


def score_child(child: Child, context: Context, *, joined: bool = False) -> tuple[float, int]:
    """Return the order of a child, and how many of its added words the text supports.

    ``joined`` tells that a sibling is for both sides at once.
    """
    supported = len(((child.added | child.telling) & context.words) - context.known)
    unsupported = len(child.lacking(context.words) - context.wider - context.known)
    score = supported - 1.1 * unsupported
    if context.known:
        score += _AGAIN * len(child.added & context.known & context.words)
    n_wider = len(child.added & context.wider - context.words)
    score += _WIDER * n_wider
    if child.sides:
        either = context.both_sides and not joined
        score += 1.5 if child.sides & context.sides else 1.2 if either else -1.5
    if child.unspecified:
        score += 0.3
    if child.residual:
        score -= 0.6
    said = supported + n_wider - unsupported + (1 if child.sides and score > 0 else 0)
    return score, said


def choose_child(children: tuple[Child, ...], context: Context) -> list[Child]:
    """Return the best child; both sides where both are named and no child joins them."""
    if not children:
        return []
    joined = any("bilateral" in child.sides for child in children)

    def order(child: Child) -> tuple[float, bool, str]:
        score = score_child(child, context, joined=joined)[0]
        return -score, not child.unspecified, child.value

    best = min(children, key=order)
    if context.both_sides and best.sides and not joined:
        other = [c for c in children if c.added == best.added and c.sides and c.sides != best.sides]
        return sorted([best, *sorted(other, key=order)[:1]], key=lambda c: c.value)
    twins = [c for c in children if order(c)[0] == order(best)[0] and _names_site(c, context)]
    return twins if len(twins) > 1 and best in twins else [best]


def _names_site(child: Child, context: Context) -> bool:
    """Tell whether a child is chosen by its site alone ("femoral and popliteal DVT" has two)."""
    owed = child.owed
    return bool(owed) and owed <= site_words() and owed <= context.words - context.known
