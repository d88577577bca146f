"""Words as the lexicon knows them: one form for spelling, plural and derivation.

Terms and notes go through the same functions, so that "oedemas", "edema" and "edematous"
meet. Forms are never shown: evidence is always quoted from the note.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from sys import intern

_PREFIXES = (
    "pre|post|non|anti|sub|hyper|hypo|extra|intra|inter|micro|macro|multi|poly|neuro|cardio|gastro|peri|para|endo|mal"
    "|co|re|un|semi|infra|supra|retro|trans|bi|tri|uni|mono|pseudo|auto|auto|immuno|broncho|cerebro|thrombo|osteo|tubulo"
)
# Letters with slashes between are one word: "w/o" is no "o", and "s/p" no "p".
_SLASHED = r"(?<![^\W_])[^\W\d_](?:/[^\W\d_])+(?![^\W_])"
PLAIN_WORD = re.compile(rf"{_SLASHED}|[^\W_]+(?:['’][^\W_]+)*")
WORD = re.compile(
    rf"{_SLASHED}|(?:\b(?:{_PREFIXES})-(?=[^\W\d_]{{4}}))?[^\W_]+(?:['’][^\W_]+)*", re.IGNORECASE
)

STOP_WORDS = frozenset(
    """a an the of to in on at by for from as is are was were be been being has have had having this
    that these those his her their its he she they it him them we i my our your you who whom
    which with and or nor than then so such into onto per via also due related associated
    caused causing because patient pt other others unspecified specified nos nec type site
    sites elsewhere classified not otherwise part parts any some all both each either neither
    there here when while where very more most much s t d ll re ve m will would can could may
    y/o c/o might must shall should do does did done if but because during until within upon about
    against between through current currently presently present presents presented noted known
    likely""".split()
)

_SPELLING = (
    (re.compile(r"^oe(?=[dst])"), "e"),
    (re.compile(r"haem"), "hem"),
    (re.compile(r"aem(?=i[ac])"), "em"),
    (re.compile(r"(?<=[a-z])oed"), "ed"),
    (re.compile(r"rrhoe"), "rrhe"),
    (re.compile(r"pnoe"), "pne"),
    (re.compile(r"paed"), "ped"),
    (re.compile(r"gynae"), "gyne"),
    (re.compile(r"anaes"), "anes"),
    (re.compile(r"caec"), "cec"),
    (re.compile(r"faec"), "fec"),
    (re.compile(r"leuk?ae"), "leuke"),
    (re.compile(r"leuco"), "leuko"),
    (re.compile(r"foet"), "fet"),
    (re.compile(r"coeli"), "celi"),
    (re.compile(r"diarrhoe"), "diarrhe"),
    (re.compile(r"(?<=[bclmnrv])our(?=s$|$|ed$|ing$)"), "or"),
    (re.compile(r"isation"), "ization"),
    (re.compile(r"ised$"), "ized"),
    (re.compile(r"ysed$"), "yzed"),
    (re.compile(r"(?<=[tb])re$"), "er"),
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"ischaem"), "ischem"),
    (re.compile(r"oestr"), "estr"),
)
_ANY_SPELLING = re.compile("|".join(pattern.pattern for pattern, _ in _SPELLING))
_KEEP = frozenset(
    """diabetes herpes pus axis pelvis epidermis dermis penis testis fetus virus status abscess
    stress loss illness weakness process excess access gas pancreas biceps triceps forceps
    series caries rabies scabies species mumps measles shingles ascites feces yes this lens
    sepsis pubis iris epididymis us plus minus alias las dress""".split()
)
_IRREGULAR = {
    "metastases": "metastasis",
    "mets": "metastasis",
    "feet": "foot",
    "teeth": "tooth",
    "women": "female",
    "men": "male",
    "woman": "female",
    "man": "male",
    "children": "child",
    "vertebrae": "vertebra",
    "bursae": "bursa",
    "bronchi": "bronchus",
    "calculi": "calculus",
    "thrombi": "thrombus",
    "emboli": "embolus",
    "femora": "femur",
    "femoral": "femur",
    "humeral": "humerus",
    "radial": "radius",
    "tibial": "tibia",
    "ulnar": "ulna",
    "fibular": "fibula",
    "patellar": "patella",
    "clavicular": "clavicle",
    "scapular": "scapula",
    "calcaneal": "calcaneus",
    "acetabular": "acetabulum",
    "lice": "pediculosis",
    "indices": "index",
    "cortices": "cortex",
    "apices": "apex",
    "lives": "live",
    "criteria": "criterion",
    "diverticula": "diverticulum",
    "ova": "ovum",
    "ganglia": "ganglion",
    "septa": "septum",
    "varices": "varix",
    "crises": "crisis",
    "knives": "knife",
}


@lru_cache(maxsize=200_000)
def canonical(surface: str) -> str:
    """Return the one form under which the lexicon keeps ``surface``."""
    word = _fold(surface)
    if _ANY_SPELLING.search(word):
        for pattern, replacement in _SPELLING:
            word = pattern.sub(replacement, word)
    word = _IRREGULAR.get(word) or _singular(word)
    return intern(derivations().get(word, word))


def _fold(surface: str) -> str:
    word = surface.lower().replace("’", "'").replace("-", "")
    if not word.isascii():
        word = "".join(
            c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c)
        )
    return word[:-2] if word.endswith("'s") else word.replace("'", "")


def _singular(word: str) -> str:
    if len(word) < 4 or word in _KEEP or not word.endswith("s"):
        return word
    if word.endswith(("ss", "itis", "osis", "asis", "esis", "ysis", "us", "is")):
        return word
    if word.endswith(("oses", "ases", "eses", "yses")) and len(word) > 6:
        return word[:-2] + "is"
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1]


@cache
def derivations() -> dict[str, str]:
    """Return the map from derived words to their head word (fractured to fracture)."""
    path = files("cac.find") / "rules" / "derivations.json"
    if not path.is_file():
        return {}
    groups: list[list[str]] = json.loads(path.read_text(encoding="utf-8"))["groups"]
    return {word: group[0] for group in groups for word in group}
