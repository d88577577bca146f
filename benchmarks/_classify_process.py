"""One measurement in a process of its own, so that its peak memory is its own.

``python -m benchmarks._classify_process MODEL MODE N_LABELS`` prints tokens a second, seconds a
note, and the peak memory above that of the imported libraries, in MiB, as JSON; of "evidence" the
seconds of scoring and of evidence.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks._plm_icd import CHUNK, PlmIcd, chunked
from cac.classify.bucketing import batches_by_length
from cac.classify.config import EncoderConfig, HeadConfig
from cac.classify.encoder_files import find_encoder
from cac.classify.neural import NeuralScorer
from cac.classify.tokens import EncodedNote
from cac.demo import load_demo_note

ENCODER = "all-MiniLM-L6-v2"
N_NOTES, N_IN_BATCH, N_THREADS = 8, 4, 1
N_CODES, WINDOW = 15, 512
Step = Callable[[Sequence[EncodedNote]], Tensor]


def main(model: str, mode: str, n_labels: int) -> dict[str, float]:
    """Measure one model ("ours" or "plm_icd") in "inference", "training" or "evidence"."""
    torch.set_num_threads(N_THREADS)
    torch.manual_seed(0)
    find_encoder(EncoderConfig(ENCODER))
    before = _peak_mebibytes()
    config = EncoderConfig(
        ENCODER,
        max_length=WINDOW if mode == "evidence" else CHUNK,
        stride=0,
        dtype="bfloat16" if model == "ours" else "float32",
        gradient_checkpointing=model == "ours" and mode == "training",
    )
    scorer = NeuralScorer.new(config, HeadConfig(), n_labels if model == "ours" else 1)
    if mode == "evidence":
        return _evidence(scorer, n_labels)
    notes = scorer.tokenizer.encode_many(_texts())
    step, module = _ours(scorer) if model == "ours" else _published(scorer, n_labels)
    batches = _batches(notes, bucketed=model == "ours")
    run = _train(module, step, n_labels) if mode == "training" else _infer(module, step)
    run(notes[:2])
    start = time.process_time()
    for batch in batches:
        run(batch)
    seconds = time.process_time() - start
    return {
        "tokens_per_second": sum(map(len, notes)) / seconds,
        "seconds_per_note": seconds / len(notes),
        "mebibytes": _peak_mebibytes() - before,
    }


def _evidence(scorer: NeuralScorer, n_labels: int) -> dict[str, float]:
    """Score each note by itself, then ask for the words that speak for some codes (AttInGrad)."""
    codes = list(range(0, n_labels, n_labels // N_CODES))[:N_CODES]
    texts = _texts()
    scorer.scores(texts[:1])
    scorer.word_weights(texts[0], codes)
    seconds = {"scoring": 0.0, "evidence": 0.0}
    for text in texts:
        start = time.process_time()
        scorer.scores([text])
        between = time.process_time()
        scorer.word_weights(text, codes)
        seconds["scoring"] += between - start
        seconds["evidence"] += time.process_time() - between
    return seconds


def _texts() -> list[str]:
    """Return notes of 200 to 4,000 words, as lengths of discharge summaries are spread."""
    words = load_demo_note("discharge_summary").text.split()
    rng = np.random.default_rng(0)
    lengths = np.clip(rng.lognormal(7.0, 0.6, N_NOTES), 200, 4000).astype(int)
    return [" ".join((words * (n // len(words) + 1))[:n]) for n in lengths]


def _batches(notes: list[EncodedNote], *, bucketed: bool) -> list[list[EncodedNote]]:
    if bucketed:
        order = batches_by_length([len(n) for n in notes], max_notes=N_IN_BATCH, seed=0)
    else:
        shuffled = np.random.default_rng(0).permutation(len(notes)).tolist()
        order = [shuffled[i : i + N_IN_BATCH] for i in range(0, len(notes), N_IN_BATCH)]
    return [[notes[i] for i in batch] for batch in order]


def _ours(scorer: NeuralScorer) -> tuple[Step, nn.Module]:
    return lambda batch: scorer.model(scorer.builder.build(batch)), scorer.model


def _published(scorer: NeuralScorer, n_labels: int) -> tuple[Step, nn.Module]:
    encoder = scorer.model.encoder
    model = PlmIcd(encoder, n_labels)
    pad = encoder.pad_token_id
    return lambda batch: model(*chunked(batch, scorer.tokenizer, pad)), model


def _infer(module: nn.Module, step: Step) -> Callable[[Sequence[EncodedNote]], None]:
    module.eval()

    def run(batch: Sequence[EncodedNote]) -> None:
        with torch.no_grad():
            torch.sigmoid(step(batch))

    return run


def _train(module: nn.Module, step: Step, n_labels: int) -> Callable[[Sequence[EncodedNote]], None]:
    module.train()
    optimiser = torch.optim.AdamW(module.parameters(), lr=5e-5)
    rng = torch.Generator().manual_seed(0)

    def run(batch: Sequence[EncodedNote]) -> None:
        gold = (torch.rand(len(batch), n_labels, generator=rng) < 12 / n_labels).float()
        loss = nn.functional.binary_cross_entropy_with_logits(step(batch), gold)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()

    return run


def _peak_mebibytes() -> float:
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
