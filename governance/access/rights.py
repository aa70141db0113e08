"""The rights by name, and which group holds them.

A right is a Django permission, written `application.codename`. Views and endpoints name the
right they need from here; groups are made from `GROUPS` after each migration.
"""

from typing import Final

VIEW_INVENTORY: Final = "inventory.view_connection"
START_RUN: Final = "inventory.start_inventoryrun"
CANCEL_RUN: Final = "inventory.cancel_inventoryrun"
CONFIRM_DELETION: Final = "inventory.confirm_suspecteddeletion"
MANAGE_CONNECTIONS: Final = "inventory.change_connection"
TEST_CONNECTION: Final = "inventory.test_connection"
SIMULATE: Final = "simulations.add_simulation"
MANAGE_OWN_TOKENS: Final = "access.add_apitoken"
MANAGE_ALL_TOKENS: Final = "access.delete_apitoken"

# What a token may be given. A list of what it may, so that a right made later (to approve, say) is
# kept from tokens until somebody adds it here; no token may ever make or end tokens.
TOKEN_SCOPES: Final = (
    *(VIEW_INVENTORY, START_RUN, CANCEL_RUN, CONFIRM_DELETION, TEST_CONNECTION, SIMULATE),
)

# An endpoint that everybody signed in may call names this in place of a right.
SIGNED_IN: Final = "signed in"

# A simulation changes nothing but what its owner keeps of it.
_READ: Final = (VIEW_INVENTORY, SIMULATE, MANAGE_OWN_TOKENS)

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "viewer": _READ,
    "author": (*_READ, START_RUN, CANCEL_RUN),
    "approver": _READ,
    "security": (*_READ, START_RUN, CANCEL_RUN, CONFIRM_DELETION, TEST_CONNECTION),
    "administrator": (
        *_READ,
        START_RUN,
        CANCEL_RUN,
        CONFIRM_DELETION,
        TEST_CONNECTION,
        MANAGE_CONNECTIONS,
        MANAGE_ALL_TOKENS,
    ),
}
