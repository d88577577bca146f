"""A learnt model as a folder of JSON files, each under its checksum; the manifest comes last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cac import bundles
from cac.bundles import MANIFEST, BundleManifest
from cac.classify.manifest import CONTEXT_FILES
from cac.coding import CodeSystem
from cac.decide.bands import Bands
from cac.decide.calibration import Calibration
from cac.errors import BundleError, SettingsError
from cac.learn.codes import code_feature_names
from cac.learn.context import CONTEXT, Context
from cac.learn.features import FEATURE_NAMES
from cac.learn.finder import TermFinder
from cac.learn.official import OfficialTerms
from cac.learn.terms import TermTable
from cac.learn.training import Scorers
from cac.learn.translation import Dictionary
from cac.learn.trees import SplitTrees

SCHEMA = "cac.learned/2"
TERMS, WORDS, OFFICIAL, DICTIONARY = (
    "terms.jsonl",
    "words.json",
    "official.jsonl",
    "dictionary.json",
)
MENTION_TREES, CODE_TREES = "mention_trees.json", "code_trees.json"
_FILES = (TERMS, WORDS, OFFICIAL, DICTIONARY, MENTION_TREES, CODE_TREES)
_RELEARN = "Learn it again with `cac learn`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest(BundleManifest):
    """Also how its scores are read.

    ``translation`` is the checksum of the texts that the dictionary was learnt from, ``measured``
    holds cross-validation figures by code system. ``finder`` is the version of the shipped finder
    whose mentions were candidates too; empty where they were not.
    """

    translation: str = ""
    finder: str = ""
    measured: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    calibration: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bands: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    schema: str = SCHEMA

    @property
    def context_digest(self) -> str:
        """The checksum of the transformer that reads context; empty where there is none."""
        return self.files.get(CONTEXT_FILES[0], "")


def write_bundle(
    folder: Path, manifest: Manifest, finder: TermFinder, scorers: Scorers
) -> Manifest:
    """Write a bundle into a folder that is new, empty or an older bundle; return its manifest.

    Raises:
        BundleError: the folder holds something else.
    """
    require_writable(folder)
    contents = {
        TERMS: _lines(finder.table.to_json()),
        WORDS: _line(
            {
                **finder.table.words_to_json(),
                "symbols": finder.symbol_notes,
                "classes": finder.official.classes,
                "sites": {" ".join(k): v for k, v in sorted(finder.official.sites.items())},
            }
        ),
        OFFICIAL: _lines(finder.official.to_json()),
        DICTIONARY: _dictionary_text(finder.dictionary, manifest.translation),
        MENTION_TREES: _line(scorers.mentions.to_json()),
        CODE_TREES: _line(scorers.codes.to_json()),
    }
    context = scorers.context.contents() if scorers.context else {}
    for name in CONTEXT_FILES:
        (folder / name).unlink(missing_ok=True)
    data = manifest.to_json()
    data["calibration"] = {s.value: c.to_json() for s, c in scorers.calibration.items()}
    data["bands"] = {s.value: b.to_json() for s, b in scorers.bands.items()}
    encoded = {name: text.encode() for name, text in contents.items()}
    bundles.write_files(folder, data, {**encoded, **context})
    return read_manifest(folder)


def write_dictionary(folder: Path, dictionary: Dictionary, texts: str) -> None:
    """Keep a dictionary with the checksum of the texts, before the rest of the bundle is made."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    (folder / DICTIONARY).write_text(_dictionary_text(dictionary, texts), encoding="utf-8")


def read_dictionary(folder: Path, texts: str) -> Dictionary | None:
    """Return the dictionary that was learnt from these texts, if the folder holds it whole."""
    try:
        data = json.loads((folder / DICTIONARY).read_text(encoding="utf-8"))
        return Dictionary.from_json(data["entries"]) if data["texts"] == texts else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _dictionary_text(dictionary: Dictionary, texts: str) -> str:
    return _line({"texts": texts, "entries": dictionary.to_json()})


def require_writable(folder: Path) -> None:
    """Refuse a folder that holds anything but a bundle of this kind.

    Raises:
        BundleError: naming what was found.
    """
    bundles.require_writable(folder, (*_FILES, *CONTEXT_FILES))


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest.

    Raises:
        BundleError: none is there, it is damaged, or of another schema.
    """
    return bundles.read_manifest_as(Manifest, folder, SCHEMA, _RELEARN)


def read_finder(folder: Path, manifest: Manifest) -> TermFinder:
    """Read the terms of a bundle.

    Raises:
        BundleError: a file is missing or altered.
    """
    words = _read(folder, manifest, WORDS)[0]
    return TermFinder(
        TermTable.from_json(_read(folder, manifest, TERMS), words),
        OfficialTerms.from_json(
            _read(folder, manifest, OFFICIAL), words["classes"], words["sites"]
        ),
        Dictionary.from_json(_read(folder, manifest, DICTIONARY)[0]["entries"]),
        manifest.language,
        words["symbols"],
    )


def read_scorers(folder: Path, manifest: Manifest) -> Scorers:
    """Read the scorers of a bundle.

    Raises:
        BundleError: a file is missing or altered, the features are not those of this version, or
            a transformer is needed and its libraries are not installed.
    """
    context = _read_context(folder, manifest)
    names = (*FEATURE_NAMES, CONTEXT) if context else FEATURE_NAMES
    mentions = SplitTrees.from_json(_read(folder, manifest, MENTION_TREES)[0])
    codes = SplitTrees.from_json(_read(folder, manifest, CODE_TREES)[0])
    if mentions.names != names or codes.names != code_feature_names(names):
        raise BundleError(f"{folder} was learnt with other features than these. {_RELEARN}")
    try:
        calibration = {
            CodeSystem.parse(name): Calibration.from_json(data)
            for name, data in manifest.calibration.items()
        }
        bands = {CodeSystem.parse(name): Bands.from_json(b) for name, b in manifest.bands.items()}
    except (KeyError, TypeError, ValueError, SettingsError):
        raise BundleError(f"{folder}: calibration or bands are damaged. {_RELEARN}") from None
    return Scorers(mentions, codes, calibration, bands, context)


def _read_context(folder: Path, manifest: Manifest) -> Context | None:
    if CONTEXT_FILES[0] not in manifest.files:
        return None
    bundles.require_libraries(folder.name)
    from cac.learn.neural_context import NeuralContext

    return NeuralContext.restore(
        lambda name: bundles.read_file(folder, manifest.files, name, _RELEARN)
    )


def _read(folder: Path, manifest: Manifest, name: str) -> list[Any]:
    content = bundles.read_file(folder, manifest.files, name, _RELEARN)
    return [json.loads(line) for line in content.decode().split("\n") if line]


def _line(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"


def _lines(records: Iterable[Any] | Iterator[Any]) -> str:
    return "".join(_line(record) for record in records)
