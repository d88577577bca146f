"""Weights as safetensors, whole or with their matrices in int8."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from safetensors.torch import load, save
from torch import Tensor

_INT8, _SCALE = ".int8", ".scale"
_LEAST_SIZE = 4096
_MOST = 127


def pack_weights(tensors: Mapping[str, Tensor], *, int8: bool = False) -> bytes:
    """Return tensors as safetensors.

    With ``int8`` each row of a matrix is kept as whole numbers from -127 to 127 with one factor
    (symmetric, by the row's largest weight), which errs by at most 1/254 of that; vectors and
    small matrices stay whole.
    """
    kept: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        whole = tensor.detach().cpu().contiguous()
        if not int8 or whole.ndim != 2 or whole.numel() < _LEAST_SIZE:
            kept[name] = whole
            continue
        scale = (whole.abs().amax(dim=1, keepdim=True) / _MOST).clamp_min(1e-12)
        kept[name + _INT8] = torch.round(whole / scale).to(torch.int8)
        kept[name + _SCALE] = scale.squeeze(1)
    return save(kept)


def unpack_weights(content: bytes) -> dict[str, Tensor]:
    """Return the tensors of `pack_weights`, matrices as float32.

    Raises:
        safetensors.SafetensorError: these are no safetensors.
        KeyError: a matrix lacks its factors.
    """
    kept = load(content)
    found = {k: v for k, v in kept.items() if not k.endswith((_INT8, _SCALE))}
    for name, numbers in kept.items():
        if name.endswith(_INT8):
            bare = name.removesuffix(_INT8)
            found[bare] = numbers.float() * kept[bare + _SCALE][:, None]
    return found
