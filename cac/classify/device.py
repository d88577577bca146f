"""Where trained models answer: ``CAC_DEVICE``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cac.errors import SettingsError

if TYPE_CHECKING:
    import torch

VARIABLE = "CAC_DEVICE"


def inference_device() -> torch.device:
    """Return the device that ``CAC_DEVICE`` names; without it a GPU where torch sees one.

    Raises:
        SettingsError: it is no device of torch, or not on this machine.
    """
    import torch

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


def require_device() -> None:
    """Refuse a wrong name before the first note; torch is imported only where there is a name.

    Raises:
        SettingsError: as `inference_device`.
    """
    if os.environ.get(VARIABLE):
        inference_device()
