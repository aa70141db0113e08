"""A rollout to 500 targets at AWS's rates: what it takes beyond a bare loop of the same calls.

Both make the same writes and reads, at the pace that Organizations' limits ask for, against an
organization in memory. Waits for tokens pass at once on a clock that they move; the work of the
process between them takes the time that it takes, in a PostgreSQL of its own. So the two times are
those of an AWS that answers at once and limits calls, which is where a rollout's own work shows
most.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import django

from benchmarks.new_database import run_in_new_database
from benchmarks.tables import Figure, print_figures

if TYPE_CHECKING:
    from governance.changes.planning.steps import AwsCall
    from inventory.aws.pace import Pace
    from tests.governance.changes.rollout.aws import AwsInMemory

_TARGETS: Final = 500
_MOST_PERCENT: Final = 10.0


def run() -> None:
    """Measure in a process of its own."""
    run_in_new_database("benchmarks.rollout")


@dataclass
class MovedClock:
    """The time that passes, and what was slept on top of it. Seconds."""

    slept: float = 0.0

    def monotonic(self) -> float:
        """Return a time that goes on while a process works, and jumps while it sleeps."""
        return time.perf_counter() + self.slept

    def sleep(self, seconds: float) -> None:
        """Pass seconds at once."""
        self.slept += seconds


@dataclass
class PacedAws:
    """AWS in memory, called no faster than its limits allow; it notes every call."""

    aws: AwsInMemory
    pace: Pace
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def write(self, call: AwsCall, parameters: Mapping[str, Any]) -> Any:
        """Make one call."""
        self._wait(call.value, parameters)
        return self.aws.write(call, parameters)

    def read(self, operation: str, **parameters: Any) -> Any:
        """Read one page."""
        self._wait(operation, parameters)
        return self.aws.read(operation, **parameters)

    def read_all(self, operation: str, member: str, **parameters: Any) -> list[Any]:
        """Read all pages."""
        found: list[Any] = []
        given = dict(parameters)
        while True:
            page = self.read(operation, **given)
            found += page[member]
            if "NextToken" not in page:
                return found
            given["NextToken"] = page["NextToken"]

    def _wait(self, operation: str, parameters: Mapping[str, Any]) -> None:
        self.pace.wait(f"organizations:{operation}")
        self.pace.succeeded(f"organizations:{operation}")
        self.calls.append((operation, dict(parameters)))


def main() -> None:
    """Roll a policy out to its targets, then make the same calls without anything else."""
    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from governance.access.actors import user_actor
    from governance.changes.planning.steps import AwsCall
    from governance.changes.rollout import services
    from governance.changes.rollout.executor import Progress, rollout_advance
    from governance.changes.rollout.worker import Worker
    from inventory.aws.pace import Pace, Rate
    from tests.factories.connections import ConnectionFactory
    from tests.factories.people import UserFactory, person
    from tests.factories.rollouts import approved_request, steps
    from tests.governance.changes.rollout.aws import (
        SCP,
        AwsInMemory,
        Clock,
        organization_of,
        text_of,
    )

    settings.CHANGES_PROPAGATION_SECONDS = 0
    settings.CELERY_BROKER_URL = "memory://"

    def paced(clock: MovedClock) -> PacedAws:
        return PacedAws(
            AwsInMemory(organization_of(_TARGETS), Clock()),
            Pace(
                rates={},
                otherwise=Rate(*settings.AWS_ORGANIZATIONS_RATE),
                monotonic=clock.monotonic,
                sleep=clock.sleep,
            ),
        )

    new = {
        "PolicyId": "new-1",
        "Name": "more",
        "Type": SCP,
        "Description": "",
        "Content": text_of("new"),
    }
    plan = steps(
        (0, "CreatePolicy", new),
        *(
            (1, "AttachPolicy", {"PolicyId": "new-1", "TargetId": str(200000000000 + number)})
            for number in range(_TARGETS)
        ),
    )
    request = approved_request(
        ConnectionFactory.create(apply_role_arn="arn:aws:iam::111111111111:role/OrgwardenApply"),
        plan,
        author=UserFactory.create(),
        approver=person("security"),
        now=timezone.now(),
    )
    rollout = services.rollout_start(
        actor=user_actor(request.author), change_request_id=request.pk, now=timezone.now()
    )
    clock = MovedClock()
    aws = paced(clock)
    began, used = clock.monotonic(), time.process_time()
    worker = Worker(
        holder="bench", clock=timezone.now, sleep=clock.sleep, api_of=lambda _rollout, _calls: aws
    )
    progress = rollout_advance(rollout_id=rollout.pk, worker=worker)
    rolled, processor = clock.monotonic() - began, time.process_time() - used
    rollout.refresh_from_db()
    if progress is not Progress.WAITS or rollout.position != len(plan):
        raise RuntimeError(f"the rollout has come to step {rollout.position}: {progress}")

    clock = MovedClock()
    bare_aws = paced(clock)
    writes = {call.value for call in AwsCall}
    began = clock.monotonic()
    for operation, parameters in aws.calls:
        if operation in writes:
            bare_aws.write(AwsCall(operation), parameters)
        else:
            bare_aws.read(operation, **parameters)
    bare = clock.monotonic() - began
    percent = 100 * (rolled - bare) / bare
    print_figures(
        f"A rollout to {_TARGETS} targets, {len(aws.calls):,} calls at AWS's rates",
        [
            Figure("seconds of a bare loop of the same calls", round(bare, 1)),
            Figure("seconds of the rollout", round(rolled, 1)),
            Figure("of these, its own processor time", round(processor, 1)),
            Figure("percent more", round(percent, 1), _MOST_PERCENT),
        ],
    )


if __name__ == "__main__":
    main()
