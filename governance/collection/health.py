"""What is wrong with beat, workers and queue, for pages and probes."""

from inventory.runs.health import CollectionHealth, collection_health

__all__ = ["CollectionHealth", "collection_health"]
