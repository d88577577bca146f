"""Whether the evidence shown is what the model went by (DeYoung et al. 2020, Edin et al. 2024)."""

from __future__ import annotations

import numpy as np

from cac.errors import SettingsError
from cac.metrics.matrices import Floats, mean_of_defined


def comprehensiveness(probabilities: Floats, without_top: Floats) -> float:
    """Return the mean relative drop when the heaviest tokens are masked; higher is better.

    Args:
        probabilities: of each explained code on the whole note, shape (n,); above 0.
        without_top: with the top-k tokens masked, shape (n, n_steps) over growing k.
    """
    return mean_of_defined(_relative_drop(probabilities, without_top).mean(axis=1))


def sufficiency(probabilities: Floats, only_top: Floats) -> float:
    """Return the mean relative drop when only the heaviest tokens are kept; lower is better.

    A probability that rises counts as no drop.

    Args:
        probabilities: of each explained code on the whole note, shape (n,); above 0.
        only_top: with all but the top-k tokens masked, shape (n, n_steps) over growing k.
    """
    return mean_of_defined(np.maximum(_relative_drop(probabilities, only_top), 0).mean(axis=1))


def _relative_drop(probabilities: Floats, perturbed: Floats) -> Floats:
    """Return the drop relative to the whole note's probability; shape (n, n_steps)."""
    whole = np.asarray(probabilities, dtype=np.float64)
    steps = np.asarray(perturbed, dtype=np.float64)
    if steps.ndim != 2 or not steps.shape[1] or steps.shape[:1] != whole.shape:
        raise SettingsError(
            f"Shapes {whole.shape} and {steps.shape}; (n,) and (n, n_steps) wanted."
        )
    if whole.size and whole.min() <= 0:
        raise SettingsError("A probability of 0 cannot drop. Explain predicted codes only.")
    return (whole[:, None] - steps) / whole[:, None]
