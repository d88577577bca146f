"""Write ``training/tiny/encoder``: a random BERT of two layers and a tokenizer of the tiny words.

It knows nothing and is trained in seconds. ``python -m training.tiny.encoder``
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel

from training.tiny.__main__ import tiny_notes

FOLDER = Path(__file__).parent / "encoder"
_WIDTH, _N_LAYERS, _N_HEADS, _N_POSITIONS, _N_PIECES, _SEED = 32, 2, 2, 64, 300, 7
_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def write_encoder(folder: Path) -> None:
    """Write config, weights and tokenizer as a hub would give them."""
    tokenizer = Tokenizer(models.WordPiece({}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=_N_PIECES, special_tokens=_SPECIAL, show_progress=False
    )
    tokenizer.train_from_iterator((coded.note.text for coded in tiny_notes()), trainer)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    torch.manual_seed(_SEED)
    settings = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=_WIDTH,
        num_hidden_layers=_N_LAYERS,
        num_attention_heads=_N_HEADS,
        intermediate_size=2 * _WIDTH,
        max_position_embeddings=_N_POSITIONS,
        initializer_range=0.08,
    )
    model = BertModel(settings, add_pooling_layer=False)
    with torch.no_grad():
        # Pretraining makes states tell words apart; a random encoder does so from its embeddings.
        model.get_input_embeddings().weight.mul_(10)
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config.pop("_name_or_path", None)
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    write_encoder(FOLDER)
    sys.stderr.write(f"{FOLDER.name} written\n")
