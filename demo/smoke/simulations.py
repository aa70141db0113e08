"""A draft of the simulator, and a simulation and a question that programs asked, to visit."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from governance.access.actors import user_actor
from governance.baseline.guardrails.models import MutationJob
from governance.edits.operations import Operation, OperationKind
from governance.posture.paths.models import PathJob
from governance.posture.who_can.models import WhoCanJob
from governance.reports.contents import report_contents
from governance.reports.models import SubtreeReport
from governance.simulations.models import Simulation, SimulationJob
from governance.simulations.services import simulation_create
from inventory.models import Connection, InventoryRun, Policy, Root
from inventory.viewing import Viewer


def kept_draft(connection: Connection, policy: Policy) -> Simulation:
    """Keep a draft in which a policy denies nothing more than it does."""
    edit = Operation(
        OperationKind.UPDATE_POLICY, policy_id=policy.policy_id, text=policy.content.text
    )
    return simulation_create(
        actor=user_actor(User.objects.get(username="staff")),
        connection=connection,
        name="Smoke",
        operations=[edit] if policy.type.endswith("CONTROL_POLICY") else [],
        as_of=None,
        now=timezone.now(),
    )


def kept_job(connection: Connection) -> SimulationJob:
    """Keep a simulation, and questions of the same id, that wait for their worker."""
    now = timezone.now()
    common = {
        "connection": connection,
        "requested_by": User.objects.get(username="administrator"),
        "requested_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    job = SimulationJob.objects.create(operations=[], **common)
    WhoCanJob.objects.create(pk=job.pk, asked={"action": "s3:GetObject"}, **common)
    PathJob.objects.create(pk=job.pk, asked={"start": "outside"}, **common)
    MutationJob.objects.create(pk=job.pk, **common)
    root = Root.objects.as_of(None).get(connection=connection)
    SubtreeReport.objects.create(
        pk=job.pk,
        target_id=root.target_id,
        state=SubtreeReport.State.COMPLETE,
        result=report_contents(
            Viewer(sees_inventory=True),
            connection=connection,
            target_id=root.target_id,
            made_by="administrator",
            now=now,
        ),
        **common,
    )
    return job


def kept_effect(run: InventoryRun) -> SimulationJob:
    """Keep the effect of a comparison that waits for its worker."""
    now = timezone.now()
    return SimulationJob.objects.create(
        kind=SimulationJob.Kind.COMPARISON,
        connection=run.connection,
        requested_by=User.objects.get(username="administrator"),
        as_of=run.started_at,
        until=now,
        requested_at=now,
        expires_at=now + timedelta(hours=1),
    )


def kept_replay(connection: Connection) -> SimulationJob:
    """Keep a replay of usage that waits for its worker."""
    now = timezone.now()
    return SimulationJob.objects.create(
        kind=SimulationJob.Kind.REPLAY,
        connection=connection,
        requested_by=User.objects.get(username="administrator"),
        days=90,
        requested_at=now,
        expires_at=now + timedelta(hours=1),
    )
