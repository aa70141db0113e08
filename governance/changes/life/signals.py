"""What the life of a change request tells the packages above it, inside its transaction.

A receiver that raises undoes what it was told of; so receivers write rows, or lead the request on,
and do nothing that takes long.
"""

from django.dispatch import Signal

# A request came from one state into another. Sent by `ChangeRequest` with `change_request`, whose
# row is locked, `was` and `to` (ChangeState), `actor` and `now`.
state_changed = Signal()

# A request to apply in an emergency was checked, and nothing hard stands against it. Sent by
# `ChangeRequest` with `change_request`, whose row is locked, `actor` and `now`.
emergency_checked = Signal()

# Others than before are waited for, though the request stays where it is: somebody is away, or
# owners further up are asked by now. Sent by `ChangeRequest` with `change_request`, whose row is
# locked, `added` (keys of people), `escalated` (whether for want of an answer) and `now`.
people_asked = Signal()
