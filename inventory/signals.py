"""What the inventory tells whoever wants to know, inside of the transaction in which it happens.

A receiver that raises undoes what it was told of; so receivers write a row and do no more.
"""

from django.dispatch import Signal

# A run has ended, however. Sent by `InventoryRun` with `run` and `now`.
run_ended = Signal()
