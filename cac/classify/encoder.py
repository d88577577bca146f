"""The transformer that reads windows of tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from cac.classify.batch import Batch
from cac.classify.config import EncoderConfig, to_json
from cac.classify.encoder_files import encoder_settings
from cac.errors import BundleError, SettingsError

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_ROBERTA = ("roberta", "xlm-roberta", "camembert")
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


class WindowEncoder(nn.Module):
    """Turns windows of token ids into states; windows that are full need no mask."""

    def __init__(self, transformer: PreTrainedModel, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.transformer = transformer
        self.pad_token_id = int(transformer.config.pad_token_id or 0)
        longest = _n_positions(transformer.config)
        if config.max_length > longest:
            raise SettingsError(
                f"max_length {config.max_length}: the encoder has {longest} positions. "
                f"Allowed: 8 to {longest}."
            )
        if config.gradient_checkpointing:
            transformer.activation_checkpointing_enable({"use_reentrant": False})

    @classmethod
    def load(cls, folder: Path, config: EncoderConfig) -> WindowEncoder:
        """Read architecture and weights of an encoder's folder.

        Raises:
            BundleError: the weights do not belong to the architecture.
        """
        from transformers import AutoModel

        family = encoder_settings(folder)["model_type"]
        try:
            with quiet():
                transformer, found = AutoModel.from_pretrained(
                    str(folder),
                    use_safetensors=True,
                    local_files_only=True,
                    attn_implementation="sdpa",
                    dtype=torch.float32,
                    output_loading_info=True,
                    **_without_pooler(family),
                    **_lowest_layers(folder, config),
                )
        except (OSError, ValueError, RuntimeError) as error:
            raise _mismatched(folder, type(error).__name__) from None
        if found["missing_keys"]:
            raise _mismatched(folder, f"{len(found['missing_keys'])} tensors are missing")
        return cls(transformer, config)

    @classmethod
    def empty(cls, folder: Path, config: EncoderConfig) -> WindowEncoder:
        """Build the architecture alone, for weights that a bundle brings.

        Raises:
            BundleError: ``config.json`` is damaged or of an unknown family.
        """
        from transformers import AutoConfig, AutoModel

        family = encoder_settings(folder).get("model_type", "")
        try:
            settings = AutoConfig.from_pretrained(str(folder), local_files_only=True)
            settings._attn_implementation = "sdpa"
            transformer = AutoModel.from_config(settings, **_without_pooler(family))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BundleError(
                f"{folder.name} has a config.json that makes no encoder ({type(error).__name__})."
            ) from None
        return cls(transformer, config)

    @property
    def width(self) -> int:
        """The length of a token's state."""
        return int(self.transformer.config.hidden_size)

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return next(self.transformer.parameters()).device

    @property
    def compute_dtype(self) -> torch.dtype:
        """What matrix products are computed in."""
        return _DTYPES[self.config.dtype]

    def embed(self, input_ids: Tensor) -> Tensor:
        """Return the word embeddings, before positions are added.

        Shape: (n_windows, length) -> (n_windows, length, width)
        """
        embedded: Tensor = self.transformer.get_input_embeddings()(input_ids)
        return embedded

    def forward(
        self, input_ids: Tensor, mask: Tensor | None, embedded: Tensor | None = None
    ) -> Tensor:
        """Return the states of windows of one length.

        Shape: (n_windows, length) -> (n_windows, length, width)

        Args:
            input_ids: with special tokens, padded to one length.
            mask: False where a position is padding; None where none is, which is faster.
            embedded: word embeddings to read in place of those of the ids, for attribution.
        """
        words: dict[str, Any] = (
            {"input_ids": input_ids} if embedded is None else {"inputs_embeds": embedded}
        )
        if embedded is not None:
            words |= self._positions(input_ids)
        states: Tensor = self.transformer(attention_mask=mask, **words).last_hidden_state
        return states

    def states(self, batch: Batch) -> Tensor:
        """Return the state of each token from the window that owns it.

        Shape: -> (n_tokens, width), the notes one after the other
        """
        flat = [self(p.input_ids, p.mask).flatten(0, 1) for p in batch.passes]
        if not flat:
            return torch.zeros(0, self.width, device=self.device)
        return torch.cat(flat)[batch.gather]

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Compute in the encoder's dtype, unless the caller already chose one."""
        kind = self.device.type
        if self.compute_dtype is torch.float32 or torch.is_autocast_enabled(kind):
            yield
            return
        with torch.autocast(kind, dtype=self.compute_dtype):
            yield

    def _positions(self, input_ids: Tensor) -> dict[str, Tensor]:
        """RoBERTa counts positions by the ids, and would count padding too without them."""
        if self.transformer.config.model_type not in _ROBERTA:
            return {}
        real = (input_ids != self.pad_token_id).long()
        return {"position_ids": real.cumsum(1) * real + self.pad_token_id}


def portable(config: EncoderConfig) -> dict[str, Any]:
    """Return a config as a bundle keeps it: a folder's path is of one machine, a hub id is not."""
    kept = to_json(config)
    if Path(config.name).is_dir():
        kept["name"] = Path(config.name).name
    return kept


def architecture(encoder: WindowEncoder) -> bytes:
    """Return what ``config.json`` holds, without the path that the encoder came from."""
    settings = encoder.transformer.config.to_diff_dict()
    settings.pop("_name_or_path", None)
    return (json.dumps(settings, indent=2, sort_keys=True) + "\n").encode()


def _mismatched(folder: Path, reason: str) -> BundleError:
    return BundleError(
        f"Encoder {folder.name} cannot be loaded ({reason}): its weights and its config.json do not"
        " belong together. Fetch the encoder again."
    )


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back the report of tensors left aside, such as a pooler's, and the progress bar."""
    from transformers.utils import logging

    verbosity, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bar:
            logging.enable_progress_bar()


def _n_positions(settings: Any) -> int:
    n_kept = int(settings.pad_token_id) + 1 if settings.model_type in _ROBERTA else 0
    return int(settings.max_position_embeddings) - n_kept


def _lowest_layers(folder: Path, config: EncoderConfig) -> dict[str, int]:
    there = int(encoder_settings(folder).get("num_hidden_layers", 0))
    if config.n_layers is None:
        return {}
    if config.n_layers > there:
        raise SettingsError(
            f"n_layers {config.n_layers}: the encoder has {there}. Allowed: 1 to {there}."
        )
    return {"num_hidden_layers": config.n_layers}


def _without_pooler(family: str) -> dict[str, bool]:
    return {} if family == "modernbert" else {"add_pooling_layer": False}
