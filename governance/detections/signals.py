"""What detections tell whoever wants to know, inside of the transaction in which it happens."""

from django.dispatch import Signal

# Detections were found or grew. Sent with `connection`.
detections_changed = Signal()
