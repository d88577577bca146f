"""From a code that the words name to the most specific code that the text supports.

Children of a code are compared by the words that their titles add. A child is taken for the
words that stand near the mention; where nothing decides, the "unspecified" child is, and
what the text leaves open is named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cac.codes import Icd10cm
from cac.find.children import NOTHING, Child, choose_child, is_supported, score_child
from cac.find.context import Context
from cac.find.laterality import is_lateral
from cac.find.phrases import SIDES, either_sites, without_brackets
from cac.find.seventh import choose_seventh
from cac.find.stream import signed_words_of
from cac.find.wordlists import site_words

_MALIGNANT = frozenset(["malignant", "neoplasm"])  # said by "carcinoma" already
_TOLD_APART = "CDQ"  # a growth or a malformation of the other side may well be meant
_OF_EYE = re.compile(r"H[0-5]|E(?:08|09|1[0-3])\.3|S05")
_LISTS = re.compile(r",|\band\b|\bor\b")


@dataclass(frozen=True, slots=True)
class Refined:
    """A billable code, the words of the text that chose it, and what the text leaves open."""

    code: str
    support: int
    missing: tuple[str, ...]


class _Choice(NamedTuple):
    """The children chosen under a code; what the text says of them where there is but one."""

    children: tuple[Child, ...]
    n_said: int = 0
    supported: bool = False


class Refiner:
    """Chooses billable codes under a code, by the words around a mention."""

    def __init__(self, codes: Icd10cm) -> None:
        self._codes = codes
        self._children = lru_cache(maxsize=50_000)(self._read_children)
        self._deciding = lru_cache(maxsize=50_000)(self._read_deciding)
        self._choose = lru_cache(maxsize=100_000)(self._choose_anew)
        self._leaves_open = lru_cache(maxsize=100_000)(self._is_unspecified)
        self._sided = lru_cache(maxsize=50_000)(self._has_sides)
        self._is_billable = lru_cache(maxsize=100_000)(codes.is_billable)
        self._title = lru_cache(maxsize=100_000)(codes.title)
        self._sites = lru_cache(maxsize=50_000)(self._read_sites)
        self._parent = lru_cache(maxsize=100_000)(codes.parent)

    def refine(self, value: str, context: Context) -> list[Refined]:
        """Return the billable code (two where both sides are named and no code joins them)."""
        if not context.sides and _OF_EYE.match(value):
            context = context.of_eye()
        if context.sides or not context.sited or value[0] in _TOLD_APART:
            return self._refine(value, context)
        found = self._refine(value, context)
        sides = [r for r in found if "side" in r.missing]
        sited = context.beside(self._sites(sides[0].code)) if sides else context
        return self._refine(value, sited) if sited.sides else found

    def _refine(self, value: str, context: Context) -> list[Refined]:
        climbed = self._climb(value, context)
        if climbed:
            return climbed
        if not self._is_billable(value):
            return self._descend(value, context)
        return [Refined(value, 0, self._open_questions(value))]

    def _read_sites(self, value: str) -> frozenset[str]:
        """Return the sites in the titles of a code and of those above it."""
        titles = {self._title(value)} | {self._title(value[:3])}
        node = self._parent(value) if len(value) > 3 else None
        while node and "-" not in node:
            titles.add(self._title(node))
            node = self._parent(node) if len(node) > 3 else None
        words = frozenset(word for title in titles for word in signed_words_of(title))
        return words & site_words() - SIDES

    def _open_questions(self, value: str) -> tuple[str, ...]:
        if not self._leaves_open(value):
            return ()
        if any(self._sided(parent) for parent in (self._parent(value),) if parent):
            return ("side",)
        return ("type",)

    def _is_unspecified(self, value: str) -> bool:
        return "unspecified" in self._title(value).lower()

    def _has_sides(self, value: str) -> bool:
        return any(child.sides for child in self._children(value))

    def _climb(self, value: str, context: Context) -> list[Refined]:
        """Look for a better supported relative of an unspecified code within its category."""
        if not self._is_vague(value, context):
            return []
        known = self._affirmed(value)
        said = known & context.words
        if not said:
            return []
        context = context.knowing(known)
        best: list[Refined] = []
        node = self._parent(value)
        while node and len(node) >= 3 and "-" not in node:
            found = self._descend(node, context, strict=True)
            if (
                found
                and self._says(found[0].code, said)
                and found[0].support > (best[0].support if best else 0)
            ):
                best = found
            node = self._parent(node) if len(node) > 3 else None
        return best

    def _says(self, value: str, words: frozenset[str]) -> bool:
        """Tell whether a code's title still says the words for which the vaguer one was found.

        One of several words may stand in a title above it ("deep" of a popliteal vein).
        """
        affirmed = self._affirmed(value)
        lacking = words - affirmed
        if "carcinoma" in affirmed:
            lacking -= _MALIGNANT
        if len(lacking) > 1 or lacking == words:
            return not lacking
        return lacking <= self._said_above(value)

    def _said_above(self, value: str) -> frozenset[str]:
        words: frozenset[str] = frozenset()
        node = self._parent(value)
        while node and "-" not in node:
            words |= self._affirmed(node)
            node = self._parent(node) if len(node) > 3 else None
        return words

    def _affirmed(self, value: str) -> frozenset[str]:
        return _affirmed_in(self._title(value))

    def _is_vague(self, value: str, context: Context) -> bool:
        """Tell whether a sibling says what the code leaves open or denies: a type, or a side."""
        if self._leaves_open(value) or self._is_denied(value, context):
            return True
        parent = self._parent(value)
        if not context.sides or parent is None or "-" in parent or is_lateral(self._codes, value):
            return False
        return self._sided(parent)

    def _is_denied(self, value: str, context: Context) -> bool:
        """Tell whether the text affirms what the title denies ("not intractable")."""
        return not _denied_in(self._title(value)).isdisjoint(context.words)

    def _descend(self, value: str, context: Context, *, strict: bool = False) -> list[Refined]:
        support, node, missing = 0, value, []
        while not self._is_billable(node):
            children = self._children(node)
            if all(len(c.value) == 8 for c in children) and (seventh := self._seventh(node)):
                character, settled = choose_seventh(seventh, context)
                missing += [] if settled else ["encounter"]
                return [Refined(_with_seventh(character, children), support, tuple(missing))]
            chosen, said, supported = self._choice(node, context)
            if not chosen:
                return []
            if len(chosen) > 1:
                return [
                    r for c in chosen for r in self._descend_into(c.value, context, support + 1)
                ]
            child = chosen[0]
            if strict and not supported:
                return []
            if strict and said <= 0 and support <= 0 and not child.unspecified:
                return []
            support += max(said, 0)
            missing += self._left_open(child, children)
            node = child.value
        return [Refined(node, support, tuple(dict.fromkeys(missing)))]

    def _seventh(self, value: str) -> Mapping[str, str]:
        return self._codes.entry(value).seventh_characters

    def _choice(self, value: str, context: Context) -> _Choice:
        """Choose under a code by the words that can decide: most sentences hold few of them."""
        deciding = self._deciding(value)
        return self._choose(
            value,
            context.words & deciding or NOTHING,
            context.known & deciding or NOTHING,
            context.wider & deciding or NOTHING,
            context.sides or NOTHING,
        )

    def _choose_anew(
        self,
        value: str,
        words: frozenset[str],
        known: frozenset[str],
        wider: frozenset[str],
        sides: frozenset[str],
    ) -> _Choice:
        context = Context(words, sides, known=known, wider=wider)
        chosen = choose_child(self._children(value), context)
        if len(chosen) != 1:
            return _Choice(tuple(chosen))
        said = score_child(chosen[0], context)[1]
        return _Choice(tuple(chosen), said, is_supported(chosen[0], context))

    def _read_deciding(self, value: str) -> frozenset[str]:
        """Return every word by which the children of a code differ."""
        children = self._children(value)
        return frozenset().union(*(w for c in children for w in (c.added, c.telling, *c.either)))

    def _descend_into(self, value: str, context: Context, support: int) -> list[Refined]:
        if self._is_billable(value):
            return [Refined(value, support, ())]
        return [
            Refined(r.code, r.support + support, r.missing) for r in self._descend(value, context)
        ]

    def _left_open(self, child: Child, children: tuple[Child, ...]) -> list[str]:
        if not child.unspecified:
            return []
        title = self._title(child.value).lower()
        for name in ("trimester", "stage", "side"):
            if f"unspecified {name}" in title or f"{name} unspecified" in title:
                return [name]
        return ["side"] if any(c.sides for c in children) else ["type"]

    def _telling_words(self, value: str, children: Sequence[str]) -> set[str]:
        """Return the words of a title that only some children have.

        Those of a title that lists ("ankle, foot and toes") tell them apart.
        """
        title = self._title(value)
        own = set(signed_words_of(title)) - SIDES
        if not _LISTS.search(title):
            return set()
        of_all = own.intersection(*(signed_words_of(self._title(child)) for child in children))
        return own - of_all

    def _read_children(self, value: str) -> tuple[Child, ...]:
        children = self._codes.children(value)
        telling = self._telling_words(value, children)
        return tuple(self._read_child(child, value, telling) for child in children)

    def _read_child(self, child: str, parent: str, telling: set[str]) -> Child:
        title = self._title(child)
        lowered, above = title.lower(), self._title(parent)
        unspecified = lowered.count("unspecified") > above.lower().count("unspecified")
        unspecified = unspecified or "nos" in lowered.split()
        residual = lowered.startswith("other ") or "other specified" in lowered
        words = frozenset(signed_words_of(without_brackets(title)))
        added = words - set(signed_words_of(above))
        sides = added & SIDES if is_lateral(self._codes, child) else NOTHING
        return Child(
            child,
            added - sides or NOTHING,
            NOTHING if residual else words & telling or NOTHING,
            sides or NOTHING,
            either_sites(title),
            unspecified,
            residual,
        )


@lru_cache(maxsize=1 << 16)
def _affirmed_in(title: str) -> frozenset[str]:
    """Return the words of a title, but those that it denies ("not intractable")."""
    words = (word for word in signed_words_of(title) if not word.startswith("no:"))
    return frozenset(words) or NOTHING


@lru_cache(maxsize=1 << 16)
def _denied_in(title: str) -> frozenset[str]:
    words = (word[3:] for word in signed_words_of(title) if word.startswith("no:"))
    return frozenset(words) or NOTHING


def _with_seventh(seventh: str, children: tuple[Child, ...]) -> str:
    values = {child.value[-1]: child.value for child in children}
    return values.get(seventh) or children[0].value
