"""Statistics: pure functions on arrays that say how sure a number is. They know no run, file or model."""

from agentbench_sdk.statistics.agreement import (
    Agreement,
    cohen_kappa,
    effective_panel_size,
    fleiss_kappa,
    krippendorff_alpha,
)
from agentbench_sdk.statistics.attempts import estimate_pass, pass_at_k, pass_hat_k
from agentbench_sdk.statistics.bias import BiasTest, length_bias, position_bias, self_preference
from agentbench_sdk.statistics.bootstrap import bootstrap_interval, bootstrap_sums
from agentbench_sdk.statistics.bounded import bounded_interval, constant_interval
from agentbench_sdk.statistics.bounds import Bounds, bounds
from agentbench_sdk.statistics.bradley_terry import bradley_terry
from agentbench_sdk.statistics.clusters import ClusterError, cluster_codes, cluster_error
from agentbench_sdk.statistics.combined import Part, combined_mean, combined_p
from agentbench_sdk.statistics.comparison import (
    PairedDifference,
    differences_scale,
    holm,
    mcnemar_p,
    paired_difference,
    sign_flip_p,
)
from agentbench_sdk.statistics.corrected import Corrected, prediction_powered, rogan_gladen
from agentbench_sdk.statistics.estimate import Estimate, estimate_mean
from agentbench_sdk.statistics.interval import Interval, normal_interval, student_interval
from agentbench_sdk.statistics.power import (
    DifferenceVariance,
    detectable_effect,
    expected_power,
    measured_variance,
    paired_variance,
    samples_needed,
    unpaired_variance,
)
from agentbench_sdk.statistics.proportion import clopper_pearson_interval, wilson_interval
from agentbench_sdk.statistics.ranking import Difference, Effect, Ranking, Strength
from agentbench_sdk.statistics.repeats import VarianceParts, variance_parts

__all__ = [
    "Agreement",
    "BiasTest",
    "Bounds",
    "ClusterError",
    "Corrected",
    "Difference",
    "DifferenceVariance",
    "Effect",
    "Estimate",
    "Interval",
    "PairedDifference",
    "Part",
    "Ranking",
    "Strength",
    "VarianceParts",
    "bootstrap_interval",
    "bootstrap_sums",
    "bounded_interval",
    "bounds",
    "bradley_terry",
    "clopper_pearson_interval",
    "cluster_codes",
    "cluster_error",
    "cohen_kappa",
    "combined_mean",
    "combined_p",
    "constant_interval",
    "detectable_effect",
    "differences_scale",
    "effective_panel_size",
    "estimate_mean",
    "estimate_pass",
    "expected_power",
    "fleiss_kappa",
    "holm",
    "krippendorff_alpha",
    "length_bias",
    "mcnemar_p",
    "measured_variance",
    "normal_interval",
    "paired_difference",
    "paired_variance",
    "pass_at_k",
    "pass_hat_k",
    "position_bias",
    "prediction_powered",
    "rogan_gladen",
    "samples_needed",
    "self_preference",
    "sign_flip_p",
    "student_interval",
    "unpaired_variance",
    "variance_parts",
    "wilson_interval",
]
