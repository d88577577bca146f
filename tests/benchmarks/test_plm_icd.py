"""The model that speed is measured against pads as its authors' does, and agrees with ours."""

from pathlib import Path

import torch
from transformers import BertConfig, BertModel

from benchmarks._plm_icd import PlmIcd, chunked
from cac.classify.batch import BatchBuilder
from cac.classify.config import EncoderConfig, HeadConfig
from cac.classify.encoder import WindowEncoder
from cac.classify.model import DocumentClassifier
from cac.classify.tokens import EncodedNote, NoteTokenizer


def tokenizer() -> NoteTokenizer:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    pieces = {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, **{f"w{i}": 4 + i for i in range(9)}}
    made = Tokenizer(models.WordLevel(pieces, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return NoteTokenizer(made)


def model(tmp_path: Path) -> tuple[PlmIcd, DocumentClassifier, EncoderConfig]:
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    settings = BertConfig(vocab_size=13, intermediate_size=32, max_position_embeddings=128, **size)
    BertModel(settings, add_pooling_layer=False).save_pretrained(tmp_path)
    config = EncoderConfig(str(tmp_path), max_length=128, stride=0)
    encoder = WindowEncoder.load(tmp_path, config)
    published = PlmIcd(encoder, 3)
    head = HeadConfig(kind="label_attention", dropout=0.0)
    ours = DocumentClassifier(encoder, 3, head)
    ours.head.to_key.weight = published.first_linear.weight
    ours.head.labels.queries = published.second_linear.weight
    ours.head.labels.outputs = published.third_linear.weight
    ours.head.labels.bias = published.third_linear.bias
    return published.eval(), ours.eval(), config


@torch.no_grad()
def test_on_a_full_chunk_both_read_alike_but_for_special_tokens(tmp_path: Path) -> None:
    published, ours, config = model(tmp_path)
    made = tokenizer()
    note = made.encode(" ".join(f"w{i % 9}" for i in range(126)))
    ids, mask = chunked([note], made, 0)
    assert ids.shape == (1, 1, 128)
    assert mask.all()
    logits = ours(BatchBuilder(made, config, 0).build([note]))
    assert torch.allclose(published(ids, mask), logits, atol=0.05)


def test_a_batch_is_padded_to_whole_chunks_of_its_longest_note() -> None:
    made = tokenizer()
    notes: list[EncodedNote] = [made.encode("w1 " * n) for n in (126, 127, 3)]
    ids, mask = chunked(notes, made, 0)
    assert ids.shape == (3, 2, 128)
    assert mask.sum(dim=(1, 2)).tolist() == [128, 129, 5]
    assert (ids[~mask] == 0).all()
