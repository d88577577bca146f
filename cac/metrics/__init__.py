"""Code and evidence metrics, on arrays, sparse matrices and spans.

Figures that are not defined (precision of nothing, recall without gold codes) are NaN, never 0.
"""

from cac.metrics.areas import (
    auc_pr,
    auc_pr_macro,
    auc_pr_micro,
    auc_roc,
    auc_roc_macro,
    auc_roc_micro,
)
from cac.metrics.bootstrap import (
    Interval,
    bootstrap_interval,
    macro_f1_present_statistic,
    mean_statistic,
    micro_f1_statistic,
    ratio_statistic,
)
from cac.metrics.calibration import brier_score, expected_calibration_error
from cac.metrics.codiesp import codiesp_map, codiesp_x
from cac.metrics.comparing import Difference, differences
from cac.metrics.counts import (
    Counts,
    PrecisionRecallF1,
    counts_by_code,
    counts_by_note,
    micro,
    pooled,
    precision_recall_f1,
)
from cac.metrics.documents import (
    exact_match_by_note,
    exact_match_ratio,
    jaccard,
    jaccard_by_note,
    principal_accuracy,
)
from cac.metrics.evaluation import CodeRow, code_table, evaluate
from cac.metrics.evidence_spans import NoteEvidence, SpanMetrics, span_metrics
from cac.metrics.evidence_tokens import (
    Explanation,
    TokenMetrics,
    evidence_threshold,
    token_metrics,
)
from cac.metrics.faithfulness import comprehensiveness, sufficiency
from cac.metrics.figures import Figure
from cac.metrics.frequency import BUCKETS, micro_by_frequency
from cac.metrics.hierarchy import (
    category,
    category_counts_by_note,
    category_micro,
    hierarchical_counts_by_note,
    hierarchical_micro,
    prefix_ancestors,
)
from cac.metrics.macro import f1_by_code, macro_f1_caml, macro_f1_present
from cac.metrics.pairing import Pairing, pair
from cac.metrics.randomization import Comparison, compare_means, compare_micro_f1
from cac.metrics.ranking import (
    average_precision_by_note,
    mean_average_precision,
    precision_at_k,
    precision_at_k_by_note,
    r_precision,
    r_precision_by_note,
    recall_at_k,
    recall_at_k_by_note,
)
from cac.metrics.thresholds import Threshold, best_threshold

__all__ = [
    "BUCKETS",
    "CodeRow",
    "Comparison",
    "Counts",
    "Difference",
    "Explanation",
    "Figure",
    "Interval",
    "NoteEvidence",
    "Pairing",
    "PrecisionRecallF1",
    "SpanMetrics",
    "Threshold",
    "TokenMetrics",
    "auc_pr",
    "auc_pr_macro",
    "auc_pr_micro",
    "auc_roc",
    "auc_roc_macro",
    "auc_roc_micro",
    "average_precision_by_note",
    "best_threshold",
    "bootstrap_interval",
    "brier_score",
    "category",
    "category_counts_by_note",
    "category_micro",
    "code_table",
    "codiesp_map",
    "codiesp_x",
    "compare_means",
    "compare_micro_f1",
    "comprehensiveness",
    "counts_by_code",
    "counts_by_note",
    "differences",
    "evaluate",
    "evidence_threshold",
    "exact_match_by_note",
    "exact_match_ratio",
    "expected_calibration_error",
    "f1_by_code",
    "hierarchical_counts_by_note",
    "hierarchical_micro",
    "jaccard",
    "jaccard_by_note",
    "macro_f1_caml",
    "macro_f1_present",
    "macro_f1_present_statistic",
    "mean_average_precision",
    "mean_statistic",
    "micro",
    "micro_by_frequency",
    "micro_f1_statistic",
    "pair",
    "pooled",
    "precision_at_k",
    "precision_at_k_by_note",
    "precision_recall_f1",
    "prefix_ancestors",
    "principal_accuracy",
    "r_precision",
    "r_precision_by_note",
    "ratio_statistic",
    "recall_at_k",
    "recall_at_k_by_note",
    "span_metrics",
    "sufficiency",
    "token_metrics",
]
