"""The kinds of events of the inventory and of access; others are registered by who causes them."""

from governance.notifications.first_kinds import runs, tokens, webhooks


def register() -> None:
    """Make the kinds known and connect to the signals that make them happen."""
    runs.register()
    tokens.register()
    webhooks.register()
