"""The compiled lexicon: which bags of words name which codes.

Terms are kept under their rarest word, so that one pass over the words of a sentence meets
each term that could be there, whatever the order in which its words are written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from sys import intern

_NONE: frozenset[str] = frozenset()
_FIELD, _TERM, _ENTRY, _SECOND = "\x1f", "\x1e", "\x1d", "\x1c"


@dataclass(frozen=True, slots=True)
class Term:
    """A bag of words that names a code.

    ``weight`` (0..1) is how surely the words alone mean the code; ``text`` is the official
    or open wording, shown to the coder as the reason.
    """

    required: frozenset[str]
    optional: frozenset[str]
    code: str
    source: str
    text: str
    weight: float


@dataclass(slots=True)
class Entry:
    """All terms of one bag of required words; ``words`` are these in order.

    ``kind`` sets causes and drug effects apart from conditions, beside which they stand;
    ``denies`` tells that the terms want a word absent.
    """

    required: frozenset[str]
    words: tuple[str, ...]
    terms: list[Term]
    kind: str
    denies: bool


class Lexicon:
    """Entries by anchor word, unpacked when their words are first met.

    ``words`` are all that stand in a term.
    """

    def __init__(self, text: str) -> None:
        words, _, body = text.partition("\n")
        self.words = frozenset(words.split(" "))
        self._packed = dict(line.split("\t", 1) for line in body.split("\n") if line)
        self._anchored: dict[str, _Anchored] = {}
        self._entries: dict[str, Entry] = {}

    @classmethod
    def build(cls, terms: Iterable[Term]) -> Lexicon:
        """Make a lexicon of terms."""
        return cls(compile_terms(terms))

    def entries_within(self, words: Collection[str]) -> Iterator[Entry]:
        """Yield each entry all of whose words are among ``words``, in their order."""
        among = set(words)
        for word in words:
            if word in self._packed:
                anchored = self._anchored.get(word) or self._read(word)
                if anchored.seconds.isdisjoint(among):
                    continue
                for packed in anchored.within(among):
                    yield self._entries.get(packed) or self._unpack(packed)

    def _read(self, word: str) -> _Anchored:
        return self._anchored.setdefault(word, _Anchored(self._packed[word]))

    def _unpack(self, packed: str) -> Entry:
        return self._entries.setdefault(packed, _unpack(packed))


class _Anchored:
    """The packed entries of one anchor word, under another word of theirs each.

    Texts and their tuples are no burden to Python's cycle collector, as entries would be.
    """

    __slots__ = ("_by_second", "_met", "_parts", "seconds")

    def __init__(self, packed: str) -> None:
        self._parts = packed.split(_ENTRY)
        by_second: dict[str, list[int]] = defaultdict(list)
        for number, part in enumerate(self._parts):
            by_second[part[: part.index(_SECOND)]].append(number)
        self._by_second = {word: tuple(numbers) for word, numbers in by_second.items()}
        self._met: dict[int, tuple[tuple[str, ...], str]] = {}
        self.seconds = frozenset(by_second)

    def within(self, among: set[str]) -> list[str]:
        """Return the packed entries all of whose words are among some words."""
        numbers = [n for word in self.seconds & among for n in self._by_second[word]]
        parts = (self._met.get(number) or self._read(number) for number in sorted(numbers))
        return [packed for words, packed in parts if among.issuperset(words)]

    def _read(self, number: int) -> tuple[tuple[str, ...], str]:
        packed = self._parts[number].partition(_SECOND)[2]
        return self._met.setdefault(number, (_words(packed), packed))


def compile_terms(terms: Iterable[Term]) -> str:
    """Return the text of a lexicon: its words, then one line an anchor word.

    Terms are grouped by their bags, and the bags by their rarest words.
    """
    bags: dict[frozenset[str], list[Term]] = defaultdict(list)
    for term in terms:
        bags[term.required].append(term)
    frequency = Counter(word for bag in bags for word in bag)
    lines: dict[str, list[str]] = defaultdict(list)
    for bag, found in bags.items():
        anchor = min(bag, key=lambda word: (frequency[word], word))
        lines[anchor].append(_pack(bag, _best_first(found)))
    packed = (f"{anchor}\t{_pack_line(sorted(lines[anchor]))}" for anchor in sorted(lines))
    return "\n".join([" ".join(sorted(frequency)), *packed])


def _pack_line(entries: list[str]) -> str:
    """Join the entries of one anchor, each behind the word of its own that fewest others have."""
    bags = list(map(_words, entries))
    frequency = Counter(word for words in bags for word in words)
    seconds = (min(words, key=lambda word: frequency[word]) for words in bags)
    return _ENTRY.join(
        f"{second}{_SECOND}{entry}" for second, entry in zip(seconds, entries, strict=True)
    )


def _best_first(terms: list[Term]) -> list[Term]:
    best: dict[str, Term] = {}
    for term in terms:
        kept = best.get(term.code)
        if kept is None or term.weight > kept.weight:
            best[term.code] = term
    return sorted(best.values(), key=lambda term: (-term.weight, term.code))


def _pack(bag: frozenset[str], terms: list[Term]) -> str:
    fields = [" ".join(sorted(bag))]
    for t in terms:
        optional = " ".join(sorted(t.optional))
        fields.append(_FIELD.join([t.code, t.source, f"{t.weight:.3f}", optional, t.text]))
    return _TERM.join(fields)


def _words(packed: str) -> tuple[str, ...]:
    """Return the required words of an entry, each the one object that all its uses share."""
    return tuple(map(intern, packed[: packed.index(_TERM)].split(" ")))


def _unpack(packed: str) -> Entry:
    _, *rows = packed.split(_TERM)
    words = _words(packed)
    required = frozenset(words)
    terms = []
    for row in rows:
        code, source, weight, optional, text = row.split(_FIELD)
        also = frozenset(map(intern, optional.split())) if optional else _NONE
        terms.append(Term(required, also, code, source, text, float(weight)))
    denies = any(word.startswith("no:") for word in words)
    return Entry(required, words, terms, _kind(terms[0]), denies)


def _kind(term: Term) -> str:
    return "cause" if term.code[0] in "VWXY" else "drug" if term.source == "drug" else ""
