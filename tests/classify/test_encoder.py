import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from cac.classify.config import EncoderConfig
from cac.classify.encoder import WindowEncoder
from cac.classify.encoder_files import find_encoder
from cac.errors import BundleError, SettingsError


def test_an_encoder_is_found_by_folder_by_name_and_by_the_end_of_its_hub_id(
    encoder_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_encoder(EncoderConfig(str(encoder_folder))) == encoder_folder
    monkeypatch.setenv("CAC_ENCODERS", str(encoder_folder.parent))
    assert find_encoder(EncoderConfig("tiny-bert")) == encoder_folder
    assert find_encoder(EncoderConfig("somebody/tiny-bert")) == encoder_folder


def test_an_encoder_that_is_nowhere_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAC_ENCODERS", raising=False)
    with pytest.raises(SettingsError, match="CAC_ENCODERS"):
        find_encoder(EncoderConfig("no/such/encoder"))


@pytest.fixture
def copied(encoder_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(encoder_folder, tmp_path / "copy"))


def test_a_folder_of_pickles_is_refused(copied: Path) -> None:
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(BundleError, match=r"holds pytorch_model\.bin, a pickle"):
        find_encoder(EncoderConfig(str(copied)))
    (copied / "pytorch_model.bin").unlink()
    with pytest.raises(BundleError, match="has none"):
        find_encoder(EncoderConfig(str(copied)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [("{", "can be read"), ('{"model_type": "t5"}', "family 't5'"), ("[]", "can be read")],
)
def test_another_family_and_a_damaged_config_are_refused(
    copied: Path, content: str, reason: str
) -> None:
    (copied / "config.json").write_text(content)
    with pytest.raises(BundleError, match=reason):
        find_encoder(EncoderConfig(str(copied)))


def test_weights_of_another_architecture_are_refused(copied: Path) -> None:
    settings = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps({**settings, "num_hidden_layers": 3}))
    with pytest.raises(BundleError, match="do not belong together"):
        WindowEncoder.load(copied, EncoderConfig(str(copied), max_length=12, stride=3))


def test_windows_longer_than_the_positions_are_refused(encoder_folder: Path) -> None:
    with pytest.raises(SettingsError, match="has 40 positions"):
        WindowEncoder.load(
            encoder_folder, EncoderConfig(str(encoder_folder), max_length=41, stride=3)
        )


@pytest.mark.parametrize("family", ["bert", "roberta", "modernbert"])
def test_embeddings_give_the_states_that_ids_give(family: str, tmp_path: Path) -> None:
    from transformers import AutoConfig, AutoModel

    small = {"vocab_size": 20, "hidden_size": 16, "num_hidden_layers": 2, "intermediate_size": 32}
    special = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "cls_token_id": 0}
    settings = AutoConfig.for_model(
        family, **small, **special, num_attention_heads=2, max_position_embeddings=34,
        sep_token_id=2,
    )  # fmt: skip
    torch.manual_seed(0)
    AutoModel.from_config(settings).save_pretrained(tmp_path)
    config = EncoderConfig(str(tmp_path), max_length=32, stride=4)
    encoder = WindowEncoder.load(find_encoder(config), config).eval()
    ids = torch.tensor([[0, 7, 8, 2, 1, 1], [0, 9, 9, 5, 6, 2]])
    mask = ids != 1
    states = encoder(ids, mask)
    assert torch.allclose(encoder(ids, mask, encoder.embed(ids))[mask], states[mask], atol=1e-5)
    assert torch.allclose(encoder(ids[:1, :4], None)[0], states[0, :4], atol=1e-5)
    assert states.shape == (2, 6, encoder.width)


def test_recomputing_changes_no_gradient(encoder_folder: Path) -> None:
    config = EncoderConfig(str(encoder_folder), max_length=12, stride=3)
    gradients = []
    for chosen in (config, replace(config, gradient_checkpointing=True)):
        encoder = WindowEncoder.load(encoder_folder, chosen).train()
        for module in encoder.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        encoder(torch.tensor([[2, 5, 6, 3]]), None).pow(2).sum().backward()
        gradients.append(encoder.transformer.get_input_embeddings().weight.grad)
    assert torch.allclose(*gradients, atol=1e-5)


def test_the_lowest_layers_can_stand_alone(encoder_folder: Path) -> None:
    whole = WindowEncoder.load(
        encoder_folder, EncoderConfig(str(encoder_folder), max_length=12, stride=2)
    )
    one = WindowEncoder.load(
        encoder_folder, EncoderConfig(str(encoder_folder), max_length=12, stride=2, n_layers=1)
    )
    ids = torch.tensor([[2, 5, 6, 7, 3]])
    below = whole.transformer(ids, output_hidden_states=True).hidden_states[1]
    assert torch.allclose(one(ids, None), below, atol=1e-5)
    with pytest.raises(SettingsError, match="Allowed: 1 to 2"):
        WindowEncoder.load(encoder_folder, EncoderConfig(str(encoder_folder), n_layers=3))
