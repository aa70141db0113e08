"""What drift tells the layers above it, inside its transaction."""

from django.dispatch import Signal

# Items changed. Sent by `DriftItem` with `connection`, `appeared` (items that were opened, came
# back, or differ otherwise now), `changed` (primary keys of all that were written) and `now`.
drift_changed = Signal()
