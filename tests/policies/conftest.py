"""Properties run without a deadline: a busy machine must not make them fail."""

from hypothesis import settings

settings.register_profile("policies", deadline=None)
settings.load_profile("policies")
