"""Parse official wording (titles, inclusion terms, index paths) into bags of words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from cac.find.numbering import LETTERED
from cac.find.stream import signed_words_of, words_of
from cac.find.wordlists import site_words
from cac.find.words import canonical

SIDES = frozenset(["left", "right", "bilateral", "unilateral"])
_WEAK = frozenset(
    [
        "mellitus",
        "region",
        "organism",
        "acquired",
        "uncomplicated",
        "structure",
        "nos",
        "nec",
        "episode",
    ]
)
_RESIDUAL = re.compile(
    r"^other\b|\bnot elsewhere classified\b|\bother specified\b|\bclassified elsewhere\b"
    r"|\bspecified (type|site|form|part)? ?nec\b|^specified\b|^specified nec\b"
    r"|\bother and unspecified\b|^unspecified site\b|^site unspecified\b|\bother (part|site)s?\b",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"[\[(]([^\])]*)[\])]")
_VAGUE = (
    "site|part|type|form|organism|cause|nature|severity|degree|place|location"
    "|intracranial artery|artery"
)
_UNSPECIFIED_TAIL = re.compile(
    rf", unspecified[^,]*(?=$|,)"
    rf"| (?:of|due to|in|from|by) (?:and )?unspecified (?:{_VAGUE})s?\b(?= of )?"
    rf"|\bunspecified (?:{_VAGUE})s? of |, nos\b|, not otherwise specified",
    re.IGNORECASE,
)
_NOT_CLASSIFIED = re.compile(
    r",? not elsewhere classified| in diseases classified elsewhere", re.IGNORECASE
)
_NOT_INTRACTABLE = re.compile(r",? not intractable|,? so stated", re.IGNORECASE)
_MAX_ALTERNATIVES = 8


@dataclass(frozen=True, slots=True)
class Bag:
    """The words that a term must have, and those that it may have."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


def is_residual(text: str) -> bool:
    """Tell whether wording names what is left over ("other", "specified NEC")."""
    return bool(_RESIDUAL.search(text))


def without_brackets(title: str) -> str:
    """Return a title without its nonessential words."""
    return _BRACKETS.sub(" ", title)


def bag_of_title(title: str) -> Bag | None:
    """Read a title or an inclusion term; None where it names a residual class."""
    if is_residual(title):
        return None
    optional: set[str] = set()
    for inner in _BRACKETS.findall(title):
        optional.update(words_of(inner))
    text = without_brackets(title)
    for pattern in (_NOT_CLASSIFIED, _NOT_INTRACTABLE, _UNSPECIFIED_TAIL):
        text = pattern.sub("", text)
    words = set(signed_words_of(text))
    absent = {word for word in words if word.startswith("no:")}
    return _bag(words - absent, optional | absent)


_AND = re.compile(r"\b(\w+)(?:,? and |\/)(\w+)\b")


@lru_cache(maxsize=1 << 16)
def either_sites(title: str) -> tuple[frozenset[str], ...]:
    """Return the pairs of sites of which one suffices: "and" means "and/or" (guideline I.A.14)."""
    pairs = (frozenset(canonical(word) for word in pair) for pair in _AND.findall(title))
    return tuple(pair for pair in pairs if len(pair) == 2 and pair <= site_words())


def bags_of_title(title: str) -> list[Bag]:
    """Read a title as ``bag_of_title`` does, once for each of two sites joined by "and"."""
    bag = bag_of_title(title)
    if bag is None:
        return []
    bags = [bag]
    for pair in either_sites(title):
        bags += [Bag(bag.required - {word}, bag.optional | {word}) for word in sorted(pair)]
    return bags


def _bag(words: set[str], optional: set[str]) -> Bag | None:
    weak = words & _WEAK
    required = frozenset(words - weak)
    return Bag(required, frozenset((optional | weak) - required)) if required else None


def bags_of_path(path: Iterable[str], nonessential: Iterable[Iterable[str]] = ()) -> Iterator[Bag]:
    """Read an index path, one bag for each way through its alternatives ("lobe, lobar")."""
    levels = [
        _alternatives(element, is_main=depth == 0) for depth, element in enumerate(lettered(path))
    ]
    optional = {word for level in nonessential for text in level for word in words_of(text)}
    ways = itertools.islice(itertools.product(*levels), _MAX_ALTERNATIVES)
    seen = set()
    for way in ways:
        bag = _bag(set().union(*way), optional)
        if bag and bag not in seen:
            seen.add(bag)
            yield bag


_LETTER = re.compile(r"[A-Z]\d{0,2}")
_NEVER = "~never"  # a word that no note carries
_CONNECTORS = frozenset(
    "with in due to by of from and or for on at as the an not associated secondary caused"
    " type".split()
)
_DEFAULTS = frozenset(["traumatic", "open", "acquired", "nontraumatic"])


def lettered(path: Iterable[str]) -> Iterator[str]:
    """Give a level that is a letter its main term ("Hepatitis, type, B": "hepatitis B")."""
    main = ""
    for depth, element in enumerate(path):
        main = main or element.split()[0].strip(",").lower()
        alone = depth > 0 and _LETTER.fullmatch(element)
        yield f"{main} {element}" if alone and main in LETTERED else element


@lru_cache(maxsize=1 << 16)
def _alternatives(element: str, *, is_main: bool) -> list[frozenset[str]]:
    """Return the word sets for which an index level stands.

    "lobe, lobar" is two forms of one word; "neonatal, transitory" is both at once;
    "neuritis or radiculopathy" is either.
    """
    text = re.sub(r"\b(NEC|NOS)\b", "", _BRACKETS.sub(" ", element))
    if "- or " in text or text.rstrip().endswith((" and", " or")) or _is_all_stop_words(text):
        return [frozenset([_NEVER])]
    ways: list[frozenset[str]] = []
    split = [text] if is_main and "," in text else text.split(" or ")
    for either in _with_shared_head(split):
        parts = [part.strip() for part in either.split(",") if part.strip()]
        if is_main and len(parts) > 1 and parts[-1] in _DEFAULTS:
            parts = parts[:-1]
        if len(parts) > 1 and _is_one_word(parts):
            ways += [frozenset(signed_words_of(part)) for part in parts]
        else:
            ways.append(frozenset(signed_words_of(" ".join(parts))))
    return list(dict.fromkeys(way for way in ways if way)) or [frozenset()]


def _is_all_stop_words(text: str) -> bool:
    """Tell whether a level ("S", "A", "May") leaves no word, though it is no connector."""
    words = text.lower().split()
    return bool(words) and not words_of(text) and not set(words) <= _CONNECTORS


def _with_shared_head(ways: list[str]) -> list[str]:
    """Give "Whitmore's disease or fever", and "thyroid cartilage or region", both their head."""
    first = ways[0].split()
    vague = any(way.strip() in _WEAK for way in ways[1:])
    if len(first) < 2 or not (vague or first[0][:1].isupper()):
        return ways
    return [way if way.split()[1:] else f"{' '.join(first[:-1])} {way}" for way in ways]


def _is_one_word(parts: list[str]) -> bool:
    stem = parts[0][:3].lower()
    return all(part[:3].lower() == stem and " " not in part for part in parts)
