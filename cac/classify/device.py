"""Where trained models answer: ``CAC_DEVICE``."""

from __future__ import annotations

import os

import torch

from cac.errors import SettingsError

VARIABLE = "CAC_DEVICE"


def inference_device() -> torch.device:
    """Return the device that ``CAC_DEVICE`` names; without it a GPU where torch sees one.

    Raises:
        SettingsError: it is no device of torch, or not on this machine.
    """
    named = os.environ.get(VARIABLE, "").strip()
    if not named:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(named)
        torch.zeros(1, device=device).cpu()
    except (RuntimeError, AssertionError):
        raise SettingsError(
            f"{VARIABLE} names no device that torch {torch.__version__} can use here. Allowed: "
            "cpu, cuda, cuda:N; unset: a GPU where there is one."
        ) from None
    return device
