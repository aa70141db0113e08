"""What the life of a change request tells the packages above it, inside its transaction.

A receiver that raises undoes what it was told of; so receivers write rows, or lead the request on,
and do nothing that takes long.
"""

from django.dispatch import Signal

# A request came from one state into another. Sent by `ChangeRequest` with `change_request`, whose
# row is locked, `was` and `to` (ChangeState), `actor` and `now`.
state_changed = Signal()
