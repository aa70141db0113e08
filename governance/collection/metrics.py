"""How collecting goes on, as Prometheus reads it: its text format 0.0.4.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from inventory.runs.health import CollectionHealth, collection_health
from inventory.runs.metrics import RunMetrics, run_metrics

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
PARTS: Final = ("beat", "queue", "workers")


def metrics_text(*, now: datetime) -> bytes:
    """Write what `/readyz` judges by, and how runs stand, of all organizations.

    What is not known has no sample: it is never written as 0.

    :raises DatabaseError, RedisError, OSError: the database or Valkey does not answer.
    """
    registry = CollectorRegistry()
    registry.register(_Measured(collection_health(now=now), run_metrics(now=now)))
    return generate_latest(registry)


class _Measured(Collector):
    def __init__(self, health: CollectionHealth, runs: RunMetrics) -> None:
        self._health = health
        self._runs = runs

    def collect(self) -> Iterator[Metric]:
        """Yield every metric."""
        well = GaugeMetricFamily(
            "orgwarden_collection_ok",
            "1: this part is well, as /readyz says; 0: not",
            labels=["part"],
        )
        for part in PARTS:
            well.add_metric([part], 0 if part in self._health.problems else 1)
        yield well

        beat = GaugeMetricFamily(
            "orgwarden_beat_heard_timestamp_seconds",
            "When beat was last heard through a worker of the queue upkeep",
        )
        if self._health.resumed_at is not None:
            beat.add_metric([], self._health.resumed_at.timestamp())
        yield beat

        worker = GaugeMetricFamily(
            "orgwarden_worker_heard_timestamp_seconds",
            "When a worker of the queue was last heard",
            labels=["queue"],
        )
        if self._health.worker_at is not None:
            worker.add_metric(["inventory"], self._health.worker_at.timestamp())
        yield worker

        queued = GaugeMetricFamily(
            "orgwarden_queue_messages", "Messages that no worker has taken yet", labels=["queue"]
        )
        if self._health.messages is not None:
            queued.add_metric(["inventory"], self._health.messages)
        yield queued

        yield GaugeMetricFamily(
            "orgwarden_collection_tasks_held",
            "Tasks that workers hold by a lease, so read, now",
            value=self._runs.tasks_held,
        )

        runs = GaugeMetricFamily(
            "orgwarden_inventory_runs", "Inventory runs by state", labels=["connection", "state"]
        )
        for (slug, state), number in self._runs.runs.items():
            runs.add_metric([slug, state], number)
        yield runs

        finished = GaugeMetricFamily(
            "orgwarden_inventory_run_finished_timestamp_seconds",
            "When the newest run of the whole organization that ended so did",
            labels=["connection", "state"],
        )
        for (slug, state), at in sorted(self._runs.finished_at.items()):
            finished.add_metric([slug, state], at.timestamp())
        yield finished
