"""Stage 1: a raw corpus to coded notes for training, tuning and measuring, split by patient.

``python -m training.prepare configs/NAME.yaml [--output FOLDER] [--limit N]``
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from cac.coding import CodedNote
from cac.corpus import (
    data_folder,
    licence_of,
    load_corpus,
    refuse_test_ids,
    require_learnable,
    require_no_leak,
    require_tunable,
    split_by_patient,
    stream_corpus,
    write_coded_notes,
)
from cac.corpus.patients import group_of
from cac.corpus.projection import project_evidence
from cac.errors import CorpusError
from cac.learn.corpora import digest_of
from training.command import Report, run_stage, stage_parser
from training.config import CorpusConfig, RunConfig, read_config
from training.prepared import Prepared, SplitSummary, notes_path

Splits = Mapping[str, Sequence[CodedNote]]


def prepare(
    config: RunConfig, output: Path, *, limit: int | None = None, report: Report
) -> Prepared:
    """Write the three splits of a run's corpus; the same corpus and seed give the same bytes.

    Args:
        config: which corpus, and which of its splits plays which part.
        output: the folder to write.
        limit: only so many notes of each split, for a trial.
        report: told what is being done.

    Raises:
        SettingsError: a split may not be learnt from or tuned on, or holds notes kept for tests.
        CorpusError: files are missing, no note has a code, or a patient stands in two splits.
    """
    report(f"reading {config.corpus.name}")
    splits = _divided(config, _loaded(config.corpus, report))
    splits = {role: list(notes)[:limit] for role, notes in splits.items()}
    _require_usable(config.corpus, splits)
    output.mkdir(parents=True, exist_ok=True)
    for role, notes in splits.items():
        report(f"writing {len(notes)} notes for {role}")
        write_coded_notes(notes_path(output, role), notes)
    prepared = Prepared(
        folder=output,
        corpus=config.corpus.name,
        language=config.corpus.language,
        seed=config.seed,
        limit=limit,
        licence=licence_of(config.corpus.name),
        names=names_of(config.corpus),
        splits={role: _summary(notes) for role, notes in splits.items()},
    )
    prepared.write()
    return prepared


def _loaded(corpus: CorpusConfig, report: Report) -> dict[str, list[CodedNote]]:
    """Return the notes by role, as the corpus divides them."""
    names = names_of(corpus)
    require_learnable(corpus.name, names["train"])
    if "dev" in names:
        require_tunable(corpus.name, names["dev"])
    found = {
        role: list(stream_corpus(corpus.name, name, corpus.language, report=report))
        for role, name in names.items()
    }
    return _with_projected_evidence(corpus, found)


def _with_projected_evidence(
    corpus: CorpusConfig, splits: dict[str, list[CodedNote]]
) -> dict[str, list[CodedNote]]:
    """Carry the training evidence over from the other language, by word alignment."""
    source = corpus.project_evidence_from
    if source is None:
        return splits
    folder, train = data_folder(), corpus.splits.train
    extra = {
        name: [c.note for c in load_corpus(corpus.name, "background", name, folder)]
        for name in (source, corpus.language)
    }
    notes = load_corpus(corpus.name, train, source, folder)
    carried = project_evidence(notes, splits["train"], extra[source], extra[corpus.language])
    return {**splits, "train": list(carried)}


def _divided(config: RunConfig, splits: dict[str, list[CodedNote]]) -> Splits:
    """Set apart dev notes from the training patients where the corpus names none."""
    if "dev" in splits:
        return splits
    share = config.corpus.splits.dev_share
    halves = split_by_patient(splits["train"], {"train": 1 - share, "dev": share}, seed=config.seed)
    return {"train": halves["train"], "dev": halves["dev"], "test": splits["test"]}


def _require_usable(corpus: CorpusConfig, splits: Splits) -> None:
    refuse_test_ids([*splits["train"], *splits["dev"]])
    require_no_leak(splits)
    for role in ("train", "test"):
        if not any(coded.codes for coded in splits[role]):
            raise CorpusError(
                f"{len(splits[role])} notes for {role} of {corpus.name}, none with a code. "
                "Name a split with codes in corpus.splits."
            )
    other = {c.note.language for notes in splits.values() for c in notes} - {corpus.language}
    if other:
        raise CorpusError(
            f"Notes in {', '.join(sorted(other))} found; corpus.language is {corpus.language!r}. "
            "Prepare one language at a time."
        )


def names_of(corpus: CorpusConfig) -> dict[str, str]:
    """Return the corpus's own name of the split that plays each part."""
    names = {"train": corpus.splits.train, "test": corpus.splits.test}
    return names | ({"dev": corpus.splits.dev} if corpus.splits.dev else {})


def _summary(notes: Sequence[CodedNote]) -> SplitSummary:
    return SplitSummary(
        digest=digest_of(notes),
        n_notes=len(notes),
        n_patients=len({group_of(coded.note) for coded in notes}),
        n_codes=sum(len(coded.codes) for coded in notes),
        n_distinct_codes=len({code for coded in notes for code in coded.codes}),
        n_evidence_spans=sum(len(e.spans) for coded in notes for e in coded.evidence),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Prepare the corpus of a run."""
    parser = stage_parser("prepare", __doc__)
    parser.add_argument("--output", type=Path, help="none: out/runs/NAME/data")
    parser.add_argument("--limit", type=int, help="only so many notes of each split")

    def stage(report: Report) -> None:
        args = parser.parse_args(argv)
        config = read_config(args.config)
        output = args.output or config.folder / "data"
        prepared = prepare(config, output, limit=args.limit, report=report)
        for role, split in prepared.splits.items():
            report(f"{role}: {split.n_notes} notes, {split.n_distinct_codes} distinct codes")

    return run_stage(stage)


if __name__ == "__main__":
    sys.exit(main())
