"""Whether the promise of the bands held on notes that did not set them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cac.coding import CodedNote
from cac.metrics import Figure, ratio_statistic
from cac.metrics.figures import Bootstrap
from training.report.answers import Answers

GROUP = "bands"


def band_figures(gold: Sequence[CodedNote], answers: Answers, bootstrap: Bootstrap) -> list[Figure]:
    """Return the precision of the band ``accept``, and its share of suggestions and of gold codes.

    Without any accepted code there are no figures: the bundle promises nothing, or has no bands.
    """
    rows = []
    for coded in gold:
        accepted = answers.accepted.get(coded.note.note_id, frozenset())
        suggested, wanted = answers.suggested[coded.note.note_id], set(coded.codes)
        rows.append((len(accepted & wanted), len(accepted), len(suggested), len(wanted)))
    n_right, n_accepted, n_suggested, n_gold = np.array(rows, dtype=np.float64).T
    if not n_accepted.any():
        return []
    return [
        bootstrap.figure(GROUP, "accept_precision", ratio_statistic(n_right, n_accepted)),
        bootstrap.figure(GROUP, "accept_share", ratio_statistic(n_accepted, n_suggested)),
        bootstrap.figure(GROUP, "accept_recall", ratio_statistic(n_right, n_gold)),
    ]
