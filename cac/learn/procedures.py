"""ICD-10-PCS codes put together from an act ("biopsy", "CT") and a site ("tongue") seen apart.

A code's first and third character say what was done, its second and fourth where; the rest is
left off or defaulted by the annotators' policy for the act, which is learnt as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from cac.coding import Code, CodeSystem
from cac.learn.matching import Key
from cac.learn.terms import TermTable

ACT = "act:"
PREFIX_LENGTH = 4
_LEAST_SHARE = 0.25
_LEAST_SITES = 3
_MOST_OF_ONE_SITE = 0.6
_LEAST_SUFFIX = 0.2
_MAX_SITE_WORDS = 4


def act_of(prefix: str) -> str:
    """Return the symbol of a code's section and operation (or imaging type)."""
    return ACT + prefix[0] + prefix[2]


@dataclass(slots=True)
class ProcedureGrammar:
    """What learnt procedure terms are made of.

    ``acts`` gives, by stem, the acts that it names with the chance of each; ``prefixes`` the
    first four characters by act and words of the site, with counts; ``suffixes`` the endings of
    an act's codes with their shares.
    """

    acts: dict[str, dict[str, float]] = field(default_factory=dict)
    prefixes: dict[Key, Counter[str]] = field(default_factory=dict)
    suffixes: dict[str, dict[str, float]] = field(default_factory=dict)

    @classmethod
    def learn(cls, table: TermTable, official: Mapping[Key, Iterable[str]]) -> ProcedureGrammar:
        """Take the procedure terms of a table apart, and add the official sites of known acts.

        ``official`` gives the first four characters of the codes of a body part; they count 0.
        """
        grammar = cls(_acts(table), {}, _suffixes(table))
        sections: dict[str, set[str]] = defaultdict(set)
        for act in grammar.suffixes:
            sections[act[len(ACT)]].add(act[-1])
        for rest, prefix, n in grammar._sites(table):
            for operation in sections[prefix[0]]:
                other = prefix[:2] + operation + prefix[3]
                key = (act_of(other), *rest)
                grammar.prefixes.setdefault(key, Counter())[other] += n
        known = {act for acts in grammar.acts.values() for act in acts}
        for site, prefixes in official.items():
            for prefix in prefixes:
                if act_of(prefix) in known:
                    grammar.prefixes.setdefault((act_of(prefix), *site), Counter())[prefix] += 0
        return grammar

    def codes(self, prefix: str) -> Iterator[tuple[Code, float]]:
        """Yield the codes that annotators make of four characters, with the share of each."""
        for suffix, share in self.suffixes.get(act_of(prefix), {}).items():
            yield Code(CodeSystem.ICD10PCS, prefix + suffix), share

    def _sites(self, table: TermTable) -> Iterator[tuple[Key, str, int]]:
        for key, prefix, n in _procedures(table):
            act = act_of(prefix)
            rest = tuple(stem for stem in key if act not in self.acts.get(stem, {}))
            if 0 < len(rest) <= _MAX_SITE_WORDS and len(rest) < len(key):
                yield rest, prefix, n


def _procedures(table: TermTable) -> Iterator[tuple[Key, str, int]]:
    for key, term in table.terms.items():
        for code, n in term.codes.items():
            if code.system is CodeSystem.ICD10PCS and len(code.value) >= PREFIX_LENGTH:
                yield key, code.value[:PREFIX_LENGTH], n


def _acts(table: TermTable) -> dict[str, dict[str, float]]:
    """Return the acts that a stem names: often the same one, at many sites.

    "biopsy" names one; "brain" does not, since its terms have one site, nor "right", since theirs
    have many acts.
    """
    counts: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for key, prefix, n in _procedures(table):
        for stem in set(key):
            counts[stem][act_of(prefix)][prefix] += n
    return {stem: kept for stem, of_stem in counts.items() if (kept := _likely(of_stem))}


def _likely(by_act: Mapping[str, Counter[str]]) -> dict[str, float]:
    total = sum(sum(prefixes.values()) for prefixes in by_act.values())
    kept = {}
    for act, prefixes in by_act.items():
        n = sum(prefixes.values())
        varied = len(prefixes) >= _LEAST_SITES and max(prefixes.values()) / n <= _MOST_OF_ONE_SITE
        if varied and n / total >= _LEAST_SHARE:
            kept[act] = n / total
    return kept


def _suffixes(table: TermTable) -> dict[str, dict[str, float]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for code, n in table.code_notes.items():
        if code.system is CodeSystem.ICD10PCS and len(code.value) >= PREFIX_LENGTH:
            counts[act_of(code.value)][code.value[PREFIX_LENGTH:]] += n
    return {
        act: {s: n / total for s, n in found.most_common() if n / total >= _LEAST_SUFFIX}
        for act, found in counts.items()
        if (total := sum(found.values()))
    }
