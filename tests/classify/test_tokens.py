from pathlib import Path

import pytest

from cac.classify.tokens import NoteTokenizer
from cac.errors import BundleError


def test_nothing_is_cut_or_padded_and_offsets_are_of_the_untouched_text(
    tokenizer: NoteTokenizer,
) -> None:
    text = "  😀 Fever,\n\tno COUGH. " * 40
    encoded = tokenizer.encode(text)
    assert len(encoded) == 6 * 40
    pieces = [text[start:end] for start, end in encoded.offsets[:6]]
    assert pieces == ["😀", "Fever", ",", "no", "COUGH", "."]
    assert tokenizer.prefix == (2,)
    assert tokenizer.suffix == (3,)
    assert tokenizer.encode_many([text, "fever"])[0].offsets.tolist() == encoded.offsets.tolist()


def test_a_lone_surrogate_shifts_nothing(tokenizer: NoteTokenizer) -> None:
    text = "no \ud800 fever\udfff"
    encoded = tokenizer.encode(text)
    pieces = [text[start:end] for start, end in encoded.offsets]
    assert (pieces[0], pieces[-1].rstrip("\udfff")) == ("no", "fever")


def test_an_empty_text_has_no_pieces(tokenizer: NoteTokenizer) -> None:
    assert tokenizer.encode(" \n").offsets.shape == (0, 2)


def test_byte_pieces_do_not_carry_the_blank_before_them(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    letters = {piece: i for i, piece in enumerate(["<s>", "</s>", "Ġ", "a", "b", "Ġa"])}
    pieces = Tokenizer(models.BPE(letters, [("Ġ", "a")]))
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False)
    pieces.post_processor = processors.RobertaProcessing(("</s>", 1), ("<s>", 0), False, False)
    pieces.save(str(tmp_path / "tokenizer.json"))
    loaded = NoteTokenizer.load(tmp_path)
    text = "b a b"
    found = [text[start:end] for start, end in loaded.encode(text).offsets]
    assert found == ["b", "a", "", "b"]
    assert (loaded.prefix, loaded.suffix) == ((0,), (1,))


def test_a_damaged_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(BundleError, match="no tokenizer"):
        NoteTokenizer.load(tmp_path)
