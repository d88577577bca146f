"""The organism that a culture grew: "sputum cx grew Strep pneumo", "MRSA in the wound culture".

What was cultured and what grew may stand far from the infection; the codes of the two are joined
when they are ranked.
"""

from __future__ import annotations

from collections.abc import Iterator

from cac.find.read_off import Found, found_at
from cac.lower_case import compile_lowered, lowered

_ORGANISMS = {
    r"strep(?:tococcus)? pneumo(?:niae)?|s\.? pneumo(?:niae)?|pneumococc\w+": "B95.3",
    r"mrsa|methicillin[- ]resistant staph\w*(?: aureus)?": "B95.62",
    r"mssa|methicillin[- ]s\w+ staph\w*(?: aureus)?|staph\w* aureus|s\.? aureus": "B95.61",
    r"group b strep\w*|gbs|strep(?:tococcus)? agalactiae": "B95.1",
    r"group a strep\w*|strep(?:tococcus)? pyogenes": "B95.0",
    r"vre|enterococc\w+(?: f\w+)?|e\.? faecalis|e\.? faecium": "B95.2",
    r"e\.? ?coli|escherichia coli": "B96.20",
    r"klebsiella(?: \w+)?|k\.? pneumo(?:niae)?": "B96.1",
    r"pseudomonas(?: aeruginosa)?|p\.? aeruginosa": "B96.5",
    r"proteus(?: mirabilis)?": "B96.4",
    r"h\.? ?flu|h(?:aemophilus|\.)? influenzae": "B96.3",
    r"acinetobacter(?: \w+)?": "B96.83",
    r"bacteroides(?: fragilis)?|b\.? fragilis": "B96.6",
}
_SPECIMEN = (
    r"(?:[a-z]*cx|cultures?|cult|sputum|bal|lavage|aspirate|urine|ucx|bcx|blood|wound|swab|pus"
    r"|tissue)"
)
_BETWEEN = (
    r"(?:s?\s*(?:x\s?\d|\d\s?(?:/|of)\s?\d(?: bottles)?|final|prelim\w*|now|also|today|yesterday"
    r"|is|was|were|are|has|have|came back|returned|resulted))*"
)
_GREW = (
    r"\s*(?:grew|growing|grows|grown|growth of|w/|with|show\w*|yield\w*|isolat\w*"
    r"|\+(?:ve)?(?: for)?|pos(?:itive)?(?: for)?|:|=|-+>|→)\s*(?:out\s)?"
)
_MUCH = (
    r"(?:>?\s?\d[\d,.]*\s?k?\s*(?:cfu(?:/ml)?|col\w*)?\s*(?:of )?|heavy |moderate |few |many |rare "
    r"|light |abundant |pan-?sens\w* |pansens\w* |mdr |esbl |resistant )*"
)
_ANY = "|".join(_ORGANISMS)
_FORWARD = compile_lowered(rf"\b{_SPECIMEN}{_BETWEEN}{_GREW}{_MUCH}(?P<organism>{_ANY})\b")
_BACKWARD = compile_lowered(
    rf"\b(?P<organism>{_ANY})\s(?:in|on|from|growing in|grew from) (?:the |his |her |both |all )?"
    rf"(?:\w+ ){{0,2}}?{_SPECIMEN}\b"
)
# Both are looked for first: most notes have no culture, and patterns are slower to look for.
_CULTURED = ("cx", "cult", "sputum", "bal", "lavage", "urine", "wound", "swab", "aspirate", "blood")
_GROWING = (
    "pneumo", "mrsa", "mssa", "staph", "strep", "aureus", "gbs", "vre", "enterococ", "faecium",
    "faecalis", "coli", "klebsiella", "pseudomonas", "aeruginosa", "proteus", "influenzae", "h flu",
    "acinetobacter", "bacteroides", "fragilis",
)  # fmt: skip
_CODE_OF = {compile_lowered(pattern): code for pattern, code in _ORGANISMS.items()}


def read_cultures(text: str) -> Iterator[Found]:
    """Yield the organisms that cultures of the note grew, as causes of its infections."""
    lower = lowered(text)
    if not (any(w in lower for w in _GROWING) and any(w in lower for w in _CULTURED)):
        return
    for pattern in (_FORWARD, _BACKWARD):
        for match in pattern.finditer(lower):
            code = next(c for p, c in _CODE_OF.items() if p.fullmatch(match["organism"]))
            yield found_at(match, code, "Organism of a culture")
