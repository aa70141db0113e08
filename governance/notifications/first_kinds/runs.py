"""An inventory run that failed, or that could not read any more what was read before."""

from datetime import datetime
from typing import Any, Final

from django.urls import reverse

from governance.access import rights
from governance.notifications.kinds import EventKind, Wording, register_kind
from governance.notifications.models import NotificationWay, OutboxEvent
from governance.notifications.outbox import event_publish
from inventory.models import InventoryRun
from inventory.selectors.coverage_losses import CoverageLoss, coverage_losses
from inventory.selectors.runs import runs
from inventory.signals import run_ended
from inventory.viewing import Viewer, visible_connections

RUN_FAILED: Final = "run.failed"
RUN_LOST_COVERAGE: Final = "run.lost_coverage"
GROUP: Final = "Inventory runs"


def run_of(event: OutboxEvent, viewer: Viewer) -> InventoryRun | None:
    """Return the run that an event is about, None where there is none that the viewer may see."""
    known = visible_connections(viewer).filter(pk=event.connection_id or 0)
    connection = known.first()
    if connection is None:
        return None
    return (
        runs(viewer, connection=connection)
        .select_related("connection")
        .filter(pk=event.subject["run_id"])
        .first()
    )


def _path(run: InventoryRun) -> str:
    return reverse("inventory-run", kwargs={"slug": run.connection.slug, "run_id": run.pk})


def _failed(event: OutboxEvent, viewer: Viewer) -> Wording | None:
    run = run_of(event, viewer)
    if run is None:
        return None
    return Wording(
        title=f"Inventory run {run.pk} of {run.connection.name} failed",
        lines=(run.error,) if run.error else (),
        path=_path(run),
        facts={"run_id": run.pk, "trigger": run.trigger, "error": run.error},
    )


def _lost_coverage(event: OutboxEvent, viewer: Viewer) -> Wording | None:
    run = run_of(event, viewer)
    losses = coverage_losses(viewer, run=run) if run is not None else []
    if run is None or not losses:
        return None
    accounts = len({loss.account_id for loss in losses if loss.account_id})
    of = [f"{accounts:,} account{'' if accounts == 1 else 's'}"] if accounts else []
    if any(not loss.account_id for loss in losses):
        of.insert(0, "the organization itself")
    return Wording(
        title=f"Inventory run {run.pk} of {run.connection.name} lost coverage of "
        f"{' and '.join(of)}",
        lines=tuple(_loss_words(loss) for loss in losses),
        path=_path(run),
        facts={
            "run_id": run.pk,
            "accounts": accounts,
            "losses": [
                {
                    "account_id": loss.account_id or None,
                    "collector_group": loss.group,
                    "complete_before": loss.before,
                    "complete": loss.complete,
                    "collectors": loss.total,
                    "denied": loss.denied,
                }
                for loss in losses
            ],
        },
    )


def _loss_words(loss: CoverageLoss) -> str:
    if loss.account_id:
        named = f"{loss.name} ({loss.account_id})" if loss.name else loss.account_id
    else:
        named = "Organization"
    denied = f", {loss.denied} denied" if loss.denied else ""
    return (
        f"{named}: {loss.complete} of {loss.total} {loss.group} collectors complete{denied}; "
        f"{loss.before} before"
    )


def publish_run_ended(*, run: InventoryRun, now: datetime, **_: Any) -> None:
    """Publish what the end of a run amounts to, in the transaction that ends it."""
    subject = {"run_id": run.pk}
    if run.state == InventoryRun.State.FAILED:
        event_publish(kind=RUN_FAILED, connection_id=run.connection_id, subject=subject, now=now)
    if run.started_at is not None:
        event_publish(
            kind=RUN_LOST_COVERAGE, connection_id=run.connection_id, subject=subject, now=now
        )


def register() -> None:
    """Declare both kinds, and publish them when a run ends."""
    register_kind(
        EventKind(
            name=RUN_FAILED,
            label="Inventory run failed",
            help="A run read nothing that could be stored.",
            group=GROUP,
            audience=rights.VIEW_INVENTORY,
            words=_failed,
            default=frozenset({NotificationWay.INBOX}),
        )
    )
    register_kind(
        EventKind(
            name=RUN_LOST_COVERAGE,
            label="Coverage lost",
            help="A run could not read what the run before it had read.",
            group=GROUP,
            audience=rights.VIEW_INVENTORY,
            words=_lost_coverage,
            default=frozenset({NotificationWay.INBOX}),
        )
    )
    run_ended.connect(publish_run_ended, dispatch_uid="notifications.run_ended")
