"""Weigh the children of a code by the words that their titles add."""

from __future__ import annotations

from dataclasses import dataclass

from cac.find.context import Context

_DEFAULTS = frozenset(
    """primary essential closed initial encounter region nondisplaced uncomplicated acquired
    traumatic organism episode single stated mellitus body site part female male manifest mention
    trimester eye ear side limb vessel native without""".split()
)


@dataclass(frozen=True, slots=True)
class Child:
    """A child of a code: the words and sides that its title adds to its parent's.

    ``either`` are pairs of sites of which one suffices.
    """

    value: str
    added: frozenset[str]
    sides: frozenset[str]
    either: tuple[frozenset[str], ...]
    unspecified: bool
    residual: bool


def is_supported(child: Child, context: Context) -> bool:
    """Tell whether the text holds every word that the child adds."""
    spared = frozenset().union(*(pair for pair in child.either if pair & context.words))
    lacking = child.added - context.words - _DEFAULTS - spared
    return all(word.startswith("no:") for word in lacking)


def score_child(child: Child, context: Context, *, joined: bool = False) -> tuple[float, int]:
    """Return the order of a child, and how many of its added words the text supports.

    ``joined`` tells that a sibling is for both sides at once.
    """
    near = context.words
    supported = len((child.added & near) - context.known)
    spared = frozenset().union(*(pair for pair in child.either if pair & near))
    lacking = child.added - near - _DEFAULTS - spared - context.known
    unsupported = sum(not word.startswith("no:") for word in lacking)
    score = supported - 1.1 * unsupported
    if child.sides:
        either = context.both_sides and not joined
        score += 1.5 if child.sides & context.sides else 1.2 if either else -1.5
    if child.unspecified:
        score += 0.3
    if child.residual:
        score -= 0.6
    said = supported - unsupported + (1 if child.sides and score > 0 else 0)
    return score, said


def choose_child(children: tuple[Child, ...], context: Context) -> list[Child]:
    """Return the best child; both sides where both are named and no child joins them."""
    if not children:
        return []
    joined = any("bilateral" in child.sides for child in children)
    ranked = sorted(
        children,
        key=lambda c: (-score_child(c, context, joined=joined)[0], not c.unspecified, c.value),
    )
    best = ranked[0]
    if context.both_sides and best.sides and not joined:
        other = [
            c for c in ranked[1:] if c.added == best.added and c.sides and c.sides != best.sides
        ]
        return sorted([best, *other[:1]], key=lambda c: c.value)
    return [best]
