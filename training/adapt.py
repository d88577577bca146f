"""Before stage 2: an encoder learns the language of notes by masked words (Gururangan et al. 2020).

``python -m training.adapt configs/adaptation/NAME.yaml [--output FOLDER] [--limit N]``
No label is read. The folder, ``out/encoders/NAME`` where none is named, is then a run's
``encoder.name``. An interrupted adaptation goes on from its last checkpoint.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cac.classify.config import EncoderConfig
from cac.classify.encoder import quiet
from cac.classify.encoder_files import find_encoder
from cac.corpus import licence_of, load_corpus, refuse_test_ids, require_learnable
from training.adaptation import AdaptationConfig, TextConfig, read_adaptation
from training.command import Report, run_stage, stage_parser
from training.licences import joined, licence_of_encoder, write_licence
from training.masked_words import adapt_encoder
from training.tracking import open_run


def adapt(
    config: AdaptationConfig, output: Path, *, limit: int | None = None, report: Report
) -> dict[str, float]:
    """Write the adapted encoder; return its loss and perplexity on the notes held out.

    Raises:
        SettingsError: a split may not be learnt from, or the encoder is not found.
    """
    texts = list(_texts(config.corpus))[:limit]
    n_held = max(1, round(len(texts) * config.held_out))
    every = max(1, len(texts) // n_held)
    held = texts[::every][:n_held]
    learnt = [text for i, text in enumerate(texts) if i % every or i // every >= n_held]
    report(f"{len(learnt)} notes to learn from, {len(held)} held out")
    folder = find_encoder(EncoderConfig(config.encoder.name, config.encoder.revision))
    licence = licence_of(config.corpus.name)
    with open_run(config.experiment, name=config.name) as run:
        run.parameters({k: str(v) for k, v in config.model_dump(mode="json").items()})
        run.tags({"licence": licence.name})
        with quiet():
            losses = adapt_encoder(folder, output, config, learnt, held, report=report)
        write_licence(output, joined(licence, licence_of_encoder(folder)))
        for epoch, loss in enumerate(losses):
            run.figures({"loss": loss, "perplexity": math.exp(loss)}, step=epoch)
    return {"loss": losses[-1], "perplexity": math.exp(losses[-1])}


def _texts(config: TextConfig) -> Iterator[str]:
    for split in config.splits:
        require_learnable(config.name, split)
        notes = load_corpus(config.name, split, config.language)
        refuse_test_ids(notes)
        yield from (coded.note.text for coded in notes)


def main(argv: Sequence[str] | None = None) -> int:
    """Adapt an encoder."""
    parser = stage_parser("adapt", __doc__)
    parser.add_argument("--output", type=Path, help="the encoder; none: out/encoders/NAME")
    parser.add_argument("--limit", type=int, help="only so many notes")

    def stage(report: Report) -> None:
        args = parser.parse_args(argv)
        config = read_adaptation(args.config)
        output = args.output or Path("out") / "encoders" / config.name
        figures = adapt(config, output, limit=args.limit, report=report)
        said = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
        report(f"{output} written; held out: {said}")

    return run_stage(stage)


if __name__ == "__main__":
    sys.exit(main())
