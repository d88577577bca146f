"""A classifier ready to answer: calibrated probabilities, thresholds, bands and evidence."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from cac.bundles import json_bytes, read_file, require_libraries, require_writable, write_files
from cac.classify.manifest import DECISIONS, LABELS, MEND, ClassifierManifest, known_files
from cac.classify.scorer import Floats, Progress, Scorer, no_progress
from cac.classify.words import WeightedSpan, heaviest_spans
from cac.codes.label_space import LabelSpace
from cac.coding import Band, Code, CodedNote, CodeSystem
from cac.decide.calibration import Bools, Method
from cac.decide.decisions import Decision, apply_calibration, fit_decisions
from cac.errors import BundleError, SettingsError
from cac.note import Note

DEFAULT_SHARE = 0.5


class Predictor:
    """Scores the codes of a label space, and says which words speak for them.

    ``evidence_share`` is how much of the heaviest word's weight a word must have to be evidence;
    choose it on annotated dev notes with `cac.classify.evidence.fit_share`.
    """

    def __init__(
        self,
        scorer: Scorer,
        labels: LabelSpace,
        decisions: Mapping[CodeSystem, Decision] | None = None,
        *,
        evidence_share: float = DEFAULT_SHARE,
        manifest: ClassifierManifest | None = None,
    ) -> None:
        if scorer.n_labels != len(labels):
            raise SettingsError(
                f"The model scores {scorer.n_labels} labels, the label space has {len(labels)}. "
                "Both must be of one training."
            )
        self.scorer = scorer
        self.labels = labels
        self.decisions = dict(decisions or {})
        self.evidence_share = evidence_share
        self.manifest = manifest

    def scores(self, notes: Sequence[Note], progress: Progress = no_progress) -> Floats:
        """Return probabilities, calibrated where that was fitted; shape (n_notes, n_labels)."""
        raw = self.scorer.scores([note.text for note in notes], progress)
        return apply_calibration(raw, self.labels.codes, self.decisions)

    def truth(self, notes: Sequence[CodedNote]) -> Bools:
        """Return which labels are gold; shape (n_notes, n_labels)."""
        gold = np.zeros((len(notes), len(self.labels)), dtype=bool)
        for row, coded in enumerate(notes):
            gold[row, list(self.labels.indices(coded.codes))] = True
        return gold

    def fit_decisions(
        self,
        dev: Sequence[CodedNote],
        progress: Progress = no_progress,
        *,
        method: Method = "platt",
    ) -> None:
        """Set calibration, thresholds and bands on notes that the model was not trained on."""
        raw = self.scorer.scores([coded.note.text for coded in dev], progress)
        self.decisions = fit_decisions(raw, self.truth(dev), self.labels.codes, method=method)

    def threshold(self, system: CodeSystem) -> float:
        """Return the probability from which codes of a system are suggested."""
        decision = self.decisions.get(system)
        return decision.calibration.threshold if decision else 0.5

    def band(self, code: Code, probability: float) -> Band | None:
        """Return the band of a calibrated probability; None where nothing was decided on dev."""
        decision = self.decisions.get(code.system)
        return decision.bands.of(probability) if decision else None

    def evidence(self, note: Note, codes: Sequence[Code]) -> dict[Code, tuple[WeightedSpan, ...]]:
        """Return the spans that speak for each code, in order of the text.

        Raises:
            SettingsError: a code is no label.
        """
        columns = [self.labels.index(code) for code in codes]
        words, weights = self.scorer.word_weights(note.text, columns)
        spans = partial(heaviest_spans, note.text, words, share=self.evidence_share)
        return {code: spans(w) for code, w in zip(codes, weights, strict=True)}

    def save(self, folder: Path, manifest: ClassifierManifest) -> ClassifierManifest:
        """Write a bundle into a folder that is new, empty or an older bundle.

        Raises:
            BundleError: the folder holds something else.
        """
        require_writable(folder, known_files())
        for name in known_files():
            (folder / name).unlink(missing_ok=True)
        decisions = {s.value: d.to_json() for s, d in sorted(self.decisions.items())}
        state = {"decisions": decisions, "evidence_share": self.evidence_share}
        contents = {
            LABELS: json_bytes(self.labels.to_json()),
            DECISIONS: json_bytes(state),
            **self.scorer.contents(),
        }
        named = replace(manifest, kind=self.scorer.kind, labels_digest=self.labels.digest)
        write_files(folder, named.to_json(), contents)
        self.manifest = ClassifierManifest.read(folder)
        return self.manifest

    @classmethod
    def load(cls, folder: Path | str) -> Predictor:
        """Load a bundle.

        Raises:
            BundleError: it is damaged, older, of another kind, or needs what is not installed.
        """
        path = Path(folder)
        manifest = ClassifierManifest.read(path)
        read = partial(_read, path, manifest)
        try:
            labels = LabelSpace.from_json(json.loads(read(LABELS)))
            state = json.loads(read(DECISIONS))
            decisions = {
                CodeSystem.parse(s): Decision.from_json(d) for s, d in state["decisions"].items()
            }
            share = float(state["evidence_share"])
        except (KeyError, TypeError, ValueError, AttributeError, SettingsError):
            raise BundleError(f"{path.name}: labels or calibration are damaged. {MEND}") from None
        if labels.digest != manifest.labels_digest:
            raise BundleError(f"{path.name} has other labels than its manifest says. {MEND}")
        scorer = _restore(manifest.kind, path.name)(read, len(labels))
        return cls(scorer, labels, decisions, evidence_share=share, manifest=manifest)


def _restore(kind: str, name: str) -> Callable[[Callable[[str], bytes], int], Scorer]:
    """Return what rebuilds the scorer; only its own libraries are imported."""
    if kind == "linear":
        from cac.classify.linear import LinearScorer

        return LinearScorer.restore
    require_libraries(name)
    from cac.classify.neural import NeuralScorer

    return NeuralScorer.restore


def _read(folder: Path, manifest: ClassifierManifest, name: str) -> bytes:
    return read_file(folder, manifest.files, name, MEND)
