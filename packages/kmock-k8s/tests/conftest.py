"""No test here may depend on the time that it takes; other profiles of Hypothesis are left as they are."""

from hypothesis import HealthCheck, settings

if settings.default is not None and settings.default.deadline is not None:
    unhurried = [HealthCheck.too_slow, HealthCheck.data_too_large]
    settings.register_profile('kmock', settings(deadline=None, suppress_health_check=unhurried))
    settings.load_profile('kmock')
