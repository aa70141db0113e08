"""What the baseline tells the layers above it, inside its transaction."""

from django.dispatch import Signal

# There is a new version. Sent by `BaselineVersion` with `connection`, `version` and `now`.
baseline_moved = Signal()
