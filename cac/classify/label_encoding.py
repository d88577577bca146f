"""Labels encoded from their terms by the encoder that reads the notes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from cac.classify.attention import by_note
from cac.classify.batch import BatchBuilder
from cac.classify.bucketing import batches_by_length
from cac.classify.encoder import WindowEncoder
from cac.classify.tokens import NoteTokenizer

_TITLE_SHARE = 0.5
_N_TERMS = 256


@torch.no_grad()
def encode_labels(
    encoder: WindowEncoder,
    tokenizer: NoteTokenizer,
    builder: BatchBuilder,
    terms: Sequence[Sequence[str]],
) -> Tensor:
    """Return one vector a label: half its title, half the mean of its other terms.

    Encode again whenever the encoder has changed (each epoch, and before thresholds are set), so
    that a code added later is encoded as the others were. A label without terms is all zeros.

    Shape: -> (n_labels, encoder_width)

    Args:
        encoder: reads the terms; left in the mode that it is in after.
        tokenizer: of the encoder.
        builder: of the encoder.
        terms: for each label, title first.
    """
    distinct = list(dict.fromkeys(term for of_label in terms for term in of_label))
    was_training = encoder.training
    encoder.eval()
    vectors = dict(zip(distinct, _means(encoder, tokenizer, builder, distinct), strict=True))
    encoder.train(was_training)
    return torch.stack([_joined([vectors[t] for t in of_label], encoder) for of_label in terms])


def _means(
    encoder: WindowEncoder, tokenizer: NoteTokenizer, builder: BatchBuilder, texts: Sequence[str]
) -> Tensor:
    """Return the mean state of each text's tokens; shape (n_texts, width)."""
    encoded = tokenizer.encode_many(texts)
    means = torch.zeros(len(texts), encoder.width, device=encoder.device)
    for batch in batches_by_length([len(e) for e in encoded], max_notes=_N_TERMS):
        built = builder.build([encoded[i] for i in batch]).to(encoder.device)
        with encoder.computing():
            states = by_note(encoder.states(built).float(), built.lengths)
        for i, of_text in zip(batch, states, strict=True):
            if len(of_text):
                means[i] = of_text.mean(dim=0)
    return means


def _joined(vectors: Sequence[Tensor], encoder: WindowEncoder) -> Tensor:
    if not vectors:
        return torch.zeros(encoder.width, device=encoder.device)
    if len(vectors) == 1:
        return vectors[0]
    others = torch.stack(list(vectors[1:])).mean(dim=0)
    return _TITLE_SHARE * vectors[0] + (1 - _TITLE_SHARE) * others
