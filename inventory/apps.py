"""The inventory as a Django application."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """What is there in AWS: connections, runs, coverage and versioned rows."""

    name = "inventory"
    verbose_name = "Inventory"
