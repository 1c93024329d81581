"""Hypothesis for a shared machine: no deadlines, and the same examples in every run."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "portal",
    deadline=None,
    derandomize=True,
    print_blob=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("portal")
