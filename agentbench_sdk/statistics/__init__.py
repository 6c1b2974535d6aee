"""Statistics: pure functions on arrays that say how sure a number is. They know no run, file or model."""

from agentbench_sdk.statistics.attempts import estimate_pass, pass_at_k, pass_hat_k
from agentbench_sdk.statistics.bootstrap import bootstrap_interval, bootstrap_sums
from agentbench_sdk.statistics.bounded import bounded_interval, constant_interval
from agentbench_sdk.statistics.bounds import Bounds, bounds
from agentbench_sdk.statistics.clusters import ClusterError, cluster_codes, cluster_error
from agentbench_sdk.statistics.estimate import Estimate, estimate_mean
from agentbench_sdk.statistics.interval import Interval, normal_interval, student_interval
from agentbench_sdk.statistics.proportion import clopper_pearson_interval, wilson_interval
from agentbench_sdk.statistics.repeats import VarianceParts, variance_parts

__all__ = [
    "Bounds",
    "ClusterError",
    "Estimate",
    "Interval",
    "VarianceParts",
    "bootstrap_interval",
    "bootstrap_sums",
    "bounded_interval",
    "bounds",
    "clopper_pearson_interval",
    "cluster_codes",
    "cluster_error",
    "constant_interval",
    "estimate_mean",
    "estimate_pass",
    "normal_interval",
    "pass_at_k",
    "pass_hat_k",
    "student_interval",
    "variance_parts",
    "wilson_interval",
]
