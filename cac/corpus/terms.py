"""Open terminologies: terms of diseases with the code or the topic that they belong to."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cac.coding import Code, CodeSystem
from cac.corpus.canonical import canonical_code
from cac.corpus.files import existing, read_text, read_tsv
from cac.errors import CorpusError

DISEASE_ONTOLOGY_DOWNLOAD = (
    "Download DOreports/ICD10inDO.tsv of "
    "https://github.com/DiseaseOntology/HumanDiseaseOntology into disease_ontology/, with the "
    "label and synonym rows of src/translations/doid-es-*.tsv as synonyms_en_es.tsv."
)
MEDQUAD_DOWNLOAD = (
    "Download https://github.com/abachaa/MedQuAD and convert its XML to medquad/medquad.jsonl: "
    "one topic a line with id, focus, category, cuis, semantic_types and synonyms."
)
_XREF = re.compile(r"ICD10CM:([A-Z0-9.]+)(?![-\w.])")


@dataclass(frozen=True, slots=True)
class CodedTerm:
    """A term and the code that an ontology maps it to, often a category (E11, not E11.9)."""

    term: str
    language: str
    code: Code
    concept_id: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class TopicTerm:
    """A term and the topic that it names; topics have UMLS identifiers and no codes."""

    term: str
    topic: str
    topic_id: str
    cuis: tuple[str, ...]
    semantic_types: tuple[str, ...]


def load_disease_ontology(folder: Path) -> Iterator[CodedTerm]:
    """Yield the labels and synonyms, English and Spanish, of the diseases that have one code.

    Raises:
        CorpusError: a file is missing or of another layout.
    """
    codes = _ontology_codes(folder)
    for concept_id, (label, code) in codes.items():
        yield CodedTerm(label, "en", code, concept_id, preferred=True)
    path = existing(folder / "disease_ontology" / "synonyms_en_es.tsv", DISEASE_ONTOLOGY_DOWNLOAD)
    rows = csv.reader(io.StringIO(read_text(path), newline=""), delimiter="\t")
    for row in list(rows)[1:]:
        concept_id, predicate, english, spanish = (field.strip() for field in row)
        if concept_id not in codes:
            continue
        label, code = codes[concept_id]
        preferred = predicate == "rdfs:label"
        if english and english != label:
            yield CodedTerm(english, "en", code, concept_id, preferred)
        if spanish:
            yield CodedTerm(spanish, "es", code, concept_id, preferred)


def _ontology_codes(folder: Path) -> dict[str, tuple[str, Code]]:
    path = existing(folder / "disease_ontology" / "ICD10inDO.tsv", DISEASE_ONTOLOGY_DOWNLOAD)
    codes = {}
    for row in list(read_tsv(path, 3))[1:]:
        concept_id, label, xrefs = (field.strip().strip('"') for field in row)
        values = _XREF.findall(xrefs)
        # Ranges (A00-A09) and diseases under several codes do not settle on one code.
        if len(values) == 1:
            codes[concept_id] = label, canonical_code(CodeSystem.ICD10CM, values[0])
    return codes


def load_medquad(folder: Path) -> Iterator[TopicTerm]:
    """Yield each topic's name and synonyms.

    Raises:
        CorpusError: the file is missing or a line is damaged.
    """
    path = existing(folder / "medquad" / "medquad.jsonl", MEDQUAD_DOWNLOAD)
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield from _topic_terms(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                raise CorpusError(
                    f"{path}, line {number} is no topic. {MEDQUAD_DOWNLOAD}"
                ) from error


def _topic_terms(topic: dict[str, object]) -> Iterator[TopicTerm]:
    synonyms = topic["synonyms"]
    if not isinstance(synonyms, list):
        raise TypeError
    for term in dict.fromkeys([topic["focus"], *synonyms]):
        yield TopicTerm(
            str(term),
            str(topic["focus"]),
            str(topic["id"]),
            _strings(topic["cuis"]),
            _strings(topic["semantic_types"]),
        )


def _strings(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
