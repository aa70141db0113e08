"""What the inventory tells whoever wants to know, inside of the transaction in which it happens.

A receiver that raises undoes what it was told of; so receivers write a row and do no more.
"""

from django.dispatch import Signal

# A run has ended, however. Sent by `InventoryRun` with `run` and `now`.
run_ended = Signal()

# What the organization is made of was read and stored; its accounts are still to be read. Sent by
# `InventoryRun` with `run` and `now`.
organization_stored = Signal()

# Log files of an organization were read and their usage stored. Sent by `LogSource`, once for each
# batch of files, with `organization_id` (a connection's primary key), `days` (of the events, in
# order) and `event_ids` (of the events that were stored whole, see `LoggedEvent`).
logs_were_read = Signal()
