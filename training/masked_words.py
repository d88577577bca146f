"""Masked language modelling by transformers' own trainer, on blocks of word pieces."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import Dataset
from transformers import (
    AutoModelForMaskedLM,
    AutoTokenizer,
    DataCollatorForLanguageModeling,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from transformers.trainer_utils import get_last_checkpoint, set_seed

from cac.classify.tokens import NoteTokenizer
from cac.errors import SettingsError
from training.adaptation import AdaptationConfig
from training.command import Report


def adapt_encoder(
    source: Path,
    output: Path,
    plan: AdaptationConfig,
    texts: Sequence[str],
    held_out: Sequence[str],
    *,
    report: Report,
) -> list[float]:
    """Write the adapted encoder into ``output``; return the loss held out, epoch by epoch.

    The loss is the mean cross-entropy of the masked pieces, in nats. Checkpoints stand beside
    ``output`` until the adaptation is done.
    """
    checkpoints = output.with_name(f"{output.name}.checkpoint")
    tokenizer = NoteTokenizer.load(source)
    set_seed(plan.seed)  # A head over the pieces is new where the encoder comes without one.
    model = AutoModelForMaskedLM.from_pretrained(
        str(source), use_safetensors=True, local_files_only=True, dtype=torch.float32
    )
    trainer = Trainer(
        model=model,
        args=_arguments(checkpoints, plan),
        data_collator=_masking(source, model.config.vocab_size, plan),
        train_dataset=Blocks(tokenizer, texts, plan.block_tokens),
        eval_dataset=Blocks(tokenizer, held_out, plan.block_tokens),
        callbacks=[_Tell(report)],
    )
    last = get_last_checkpoint(str(checkpoints)) if checkpoints.is_dir() else None
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=last)
    output.mkdir(parents=True, exist_ok=True)
    model.base_model.save_pretrained(str(output))
    (output / "tokenizer.json").write_bytes(tokenizer.to_bytes())
    shutil.rmtree(checkpoints)
    return [entry["eval_loss"] for entry in trainer.state.log_history if "eval_loss" in entry]


class Masking(DataCollatorForLanguageModeling):
    """Masks a batch by a seed of its own.

    Accelerate makes a batch before the one in front of it is learnt from, so that masks drawn
    from the training's random state would be others after an interruption. As batches are
    shuffled anew each epoch, so are their masks.
    """

    seed_of_all = 0

    def torch_call(self, examples: Sequence[Any]) -> dict[str, Any]:
        """Join and mask the blocks of a batch."""
        numbers = [self.seed_of_all, *(example["number"] for example in examples)]
        pieces: list[Any] = [{"input_ids": example["input_ids"]} for example in examples]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(zlib.crc32(repr(numbers).encode()))
            masked: dict[str, Any] = super().torch_call(pieces)
            return masked


def _masking(source: Path, n_pieces: int, plan: AdaptationConfig) -> Masking:
    special = AutoTokenizer.from_pretrained(str(source), local_files_only=True)
    if special.mask_token is None or special.mask_token_id >= n_pieces:
        raise SettingsError(f"Encoder {source.name} has no mask token. Name one that has.")
    masking = Masking(special, mlm_probability=plan.mask_share)
    masking.seed_of_all = plan.seed
    return masking


class Blocks(Dataset[dict[str, Any]]):
    """The pieces of all texts, one after the other, in blocks with the special tokens around."""

    def __init__(self, tokenizer: NoteTokenizer, texts: Sequence[str], n_tokens: int) -> None:
        room = n_tokens - len(tokenizer.prefix) - len(tokenizer.suffix)
        self._blocks = [
            {"number": n, "input_ids": [*tokenizer.prefix, *pieces, *tokenizer.suffix]}
            for n, pieces in enumerate(_cut(tokenizer, texts, room))
        ]

    def __len__(self) -> int:
        return len(self._blocks)

    def __getitem__(self, position: int) -> dict[str, Any]:
        return self._blocks[position]


def _cut(tokenizer: NoteTokenizer, texts: Sequence[str], size: int) -> Iterator[list[int]]:
    for encoded in tokenizer.encode_many(texts):
        ids = encoded.input_ids.tolist()
        yield from (ids[start : start + size] for start in range(0, len(ids), size))


def _arguments(folder: Path, plan: AdaptationConfig) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=plan.epochs,
        per_device_train_batch_size=plan.batch_blocks,
        per_device_eval_batch_size=plan.batch_blocks,
        learning_rate=plan.learning_rate,
        warmup_steps=plan.warmup,
        weight_decay=plan.weight_decay,
        eval_strategy="epoch",
        save_strategy="steps",
        save_steps=plan.checkpoint_steps,
        save_total_limit=1,
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
        seed=plan.seed,
        data_seed=plan.seed,
        use_cpu=plan.cpu,
        remove_unused_columns=False,
    )


class _Tell(TrainerCallback):
    """Says how far the adaptation is."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def on_evaluate(
        self,
        args: TrainingArguments,  # noqa: ARG002 - transformers names what it gives.
        state: TrainerState,
        control: TrainerControl,  # noqa: ARG002
        **given: Any,
    ) -> None:
        """Tell the loss held out."""
        loss = given["metrics"]["eval_loss"]
        self._report(f"epoch {state.epoch or 0:.0f}: loss held out {loss:.4f}")
