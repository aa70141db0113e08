"""The kinds of events of the inventory and of access; others are registered by who causes them."""

from governance.notifications.first_kinds import break_glass, runs, tokens, webhooks


def register() -> None:
    """Make the kinds known and connect to the signals that make them happen."""
    break_glass.register()
    runs.register()
    tokens.register()
    webhooks.register()
