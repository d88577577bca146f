"""A tiny random BERT with a word-piece tokenizer, built in memory; nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from cac.classify.batch import BatchBuilder
from cac.classify.config import EncoderConfig, HeadConfig
from cac.classify.encoder import WindowEncoder
from cac.classify.model import DocumentClassifier
from cac.classify.tokens import NoteTokenizer

WORDS = (
    "no fever cough pneumonia diabetes type two with kidney disease stage patient denies chest "
    "pain history of heart failure acute chronic the and in left right fracture"
).split()
PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, "##s", "##ed", ".", ",", ":"]


def write_tokenizer(folder: Path) -> None:
    """Write a word-piece tokenizer whose file switches truncation on, as MiniLM's does."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {piece: i for i, piece in enumerate(PIECES)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding(length=8)
    tokenizer.save(str(folder / "tokenizer.json"))


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the hub would give it: config, safetensors, tokenizer."""
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("encoders") / "tiny-bert"
    settings = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
        initializer_range=0.5,
    )
    BertModel(settings, add_pooling_layer=False).save_pretrained(folder)
    write_tokenizer(folder)
    assert json.loads((folder / "config.json").read_text())["model_type"] == "bert"
    return folder


@pytest.fixture(scope="session")
def tokenizer(encoder_folder: Path) -> NoteTokenizer:
    return NoteTokenizer.load(encoder_folder)


@pytest.fixture
def config(encoder_folder: Path) -> EncoderConfig:
    return EncoderConfig(str(encoder_folder), max_length=12, stride=3, windows_per_pass=3)


@pytest.fixture
def builder(tokenizer: NoteTokenizer, config: EncoderConfig) -> BatchBuilder:
    return BatchBuilder(tokenizer, config, 0)


@pytest.fixture
def make_model(
    encoder_folder: Path, config: EncoderConfig
) -> Callable[[HeadConfig, int], DocumentClassifier]:
    """Return a maker of models with weights from one seed."""

    def make(head: HeadConfig, n_labels: int = 5) -> DocumentClassifier:
        torch.manual_seed(1)
        encoder = WindowEncoder.load(encoder_folder, config)
        return DocumentClassifier(encoder, n_labels, head).eval()

    return make
