"""An approved request, AWS in memory, and workers that carry its rollout out."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User

from governance.access.actors import user_actor
from governance.changes.models import ChangeRequest, Rollout
from governance.changes.rollout import dispatch, services
from governance.changes.rollout.executor import Progress, rollout_advance
from governance.changes.rollout.worker import Worker
from inventory.models import Connection
from tests.factories.connections import ConnectionFactory
from tests.factories.people import UserFactory, person
from tests.factories.rollouts import approved_request, ring, staged_copy
from tests.governance.changes.rollout.aws import (
    AwsInMemory,
    Clock,
    WorkerDied,
    organization_of,
    text_of,
)

A, B = "200000000000", "200000000001"
NEW = text_of("new")


@dataclass
class Scene:
    """One organization with its AWS and its people; `worker` numbers the workers that came."""

    connection: Connection
    author: User
    approver: User
    clock: Clock
    aws: AwsInMemory
    worker: int = field(default=0)

    def request(self, plan: Any, **fields: Any) -> ChangeRequest:
        return approved_request(
            self.connection,
            plan,
            **{
                "author": self.author,
                "approver": self.approver,
                "now": self.clock.now,
                **fields,
            },
        )

    def start(self, request: ChangeRequest) -> Rollout:
        return services.rollout_start(
            actor=user_actor(self.author), change_request_id=request.pk, now=self.clock.now
        )

    def advance(self, rollout: Rollout, **instead: Any) -> Progress:
        """Have a worker carry the rollout on once."""
        self.worker += 1
        worker = Worker(
            **{
                "holder": f"worker-{self.worker}",
                "clock": self.clock,
                "sleep": self.clock.sleep,
                "api_of": lambda _rollout, _calls: self.aws,
                **instead,
            }
        )
        return rollout_advance(rollout_id=rollout.pk, worker=worker)

    def carry_on(self, rollout: Rollout, *, turns: int = 40) -> None:
        """Have workers carry the rollout on, over waits and deaths, until only a person helps."""
        for _ in range(turns):
            try:
                progress = self.advance(rollout)
            except WorkerDied:
                progress = Progress.LOST
            rollout.refresh_from_db()
            request = ChangeRequest.objects.get(pk=rollout.change_request_id)
            if progress in (Progress.ENDED, Progress.STOPPED) or rollout.ended_at:
                return
            if request.state == "waiting_for_go" or rollout.position == len(rollout.plan["steps"]):
                return
            later = [each for each in (rollout.not_before, rollout.lease_until) if each]
            self.clock.now = max([self.clock.now, *later])
        raise AssertionError("the rollout does not come to an end")


@pytest.fixture
def scene(db, monkeypatch):
    monkeypatch.setattr(dispatch, "send_rollout", lambda _rollout_id: None)
    monkeypatch.setattr(services, "send_rollout", lambda _rollout_id: None)
    clock = Clock()
    return Scene(
        connection=ConnectionFactory.create(
            apply_role_arn="arn:aws:iam::111111111111:role/OrgwardenApply"
        ),
        author=UserFactory.create(username="ada"),
        approver=person("security", username="grace"),
        clock=clock,
        aws=AwsInMemory(organization_of(), clock),
    )


def fresh(made: Any) -> Any:
    """Return a row as the database has it."""
    return type(made).objects.get(pk=made.pk)


@pytest.fixture
def ringed(scene: Scene, settings: Any) -> ChangeRequest:
    """A request of two rings: the first soaks an hour, then waits for release."""
    settings.CHANGES_PROPAGATION_SECONDS = 0
    plan = staged_copy([[A], [B]], text=NEW)
    rings = [ring(1, [A], soak=60), ring(2, [B], gate="automatic")]
    return scene.request(plan, rings=rings)


def act(scene: Scene, service: Any, request: ChangeRequest, **more: Any) -> Any:
    """Have the approver do something with a request now."""
    return service(
        actor=user_actor(scene.approver),
        change_request_id=request.pk,
        now=scene.clock.now,
        **more,
    )
