"""What the inbox tells whoever wants to know, inside of the transaction in which it happens."""

from django.dispatch import Signal

# Items that are new, or were found again after they were resolved. Sent with `connection`,
# `source`, `items` and `now`.
items_found = Signal()
