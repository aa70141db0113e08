"""AWS Organizations in this process: the simulator's rules, a clock of the test's, faults in order.

No HTTP and no IAM: what a rollout is refused by its role the tests over the simulator show.
"""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.simulator.calls import Caller
from demo.simulator.errors import AwsError
from demo.simulator.organizations.enforcement import Enforcement
from demo.simulator.organizations.operations import OPERATIONS
from demo.simulator.organizations.request import Request
from demo.simulator.organizations.state import Account, Organization, Policy, Unit
from governance.changes.aws_writer import (
    AwsReply,
    AwsWriteError,
    RefusalKind,
    refusal_kind,
)
from governance.changes.planning.steps import AwsCall

MANAGEMENT = "111111111111"
SCP = "SERVICE_CONTROL_POLICY"
START = datetime(2026, 11, 29, 9, tzinfo=UTC)


class WorkerDied(BaseException):
    """The process is gone: nothing of it runs on, not even what tidies up."""


@dataclass
class Clock:
    """The time of a test. `sleep` passes it at once."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Fault:
    """One fault. `at`: the number of the write that it hits, from 1. `kind`: see `AwsInMemory`."""

    at: int
    kind: str
    act: Callable[["AwsInMemory"], None] | None = None


@dataclass
class AwsInMemory:
    """An organization and all that was written to it.

    Faults: `die-before`, `die-after` (the worker, before or after the call), `lose-before`,
    `lose-after` (no answer; nothing done, or done), `throttle`, `concurrent`, `busy` (AWS refuses
    for now), `console` (somebody edits by `act`, then the call is made), `unavailable` (5xx, done),
    `refuse` (ConstraintViolationException).
    """

    organization: Organization
    clock: Clock
    faults: list[Fault] = field(default_factory=list)
    enforcement: Enforcement = field(default_factory=Enforcement)
    writes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    watch: Callable[["AwsInMemory"], None] | None = None
    attempts: int = 0

    def write(self, call: AwsCall, parameters: Mapping[str, Any]) -> AwsReply:
        self.attempts += 1
        kinds = [each for each in self.faults if each.at == self.attempts]
        for fault in kinds:
            self._before(fault, call)
        reply = self._do(call, parameters)
        for fault in kinds:
            match fault.kind:
                case "die-after":
                    raise WorkerDied
                case "lose-after":
                    raise AwsWriteError(RefusalKind.LOST, "ReadTimeoutError", "no answer")
                case "unavailable":
                    raise AwsWriteError(RefusalKind.LOST, "ServiceException", "internal error")
        return reply

    def _before(self, fault: Fault, call: AwsCall) -> None:
        passing = {
            "throttle": "TooManyRequestsException",
            "concurrent": "ConcurrentModificationException",
            "busy": "PolicyChangesInProgressException",
        }
        if fault.kind in passing:
            raise AwsWriteError(RefusalKind.PASSES, passing[fault.kind], "not now")
        match fault.kind:
            case "die-before":
                raise WorkerDied
            case "lose-before":
                raise AwsWriteError(RefusalKind.LOST, "ConnectionClosedError", "no answer")
            case "refuse":
                raise AwsWriteError(
                    RefusalKind.REFUSED, "ConstraintViolationException", "refused", reason="QUOTA"
                )
            case "console" if fault.act is not None:
                fault.act(self)

    def _do(self, call: AwsCall, parameters: Mapping[str, Any]) -> AwsReply:
        self.enforcement.note(self.organization, self.clock.now)
        try:
            answered = self._ask(call.value, dict(parameters))
        except AwsError as error:
            kind = refusal_kind(error.code, error.status, call)
            raise AwsWriteError(
                kind, error.code, error.message, reason=error.members.get("Reason", "")
            ) from error
        self.writes.append((call.value, dict(parameters)))
        if self.watch is not None:
            self.watch(self)
        return AwsReply(answered, f"request-{len(self.writes)}")

    def read(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        try:
            return self._ask(operation, parameters)
        except AwsError as error:
            kind = refusal_kind(error.code, error.status)
            raise AwsWriteError(kind, error.code, error.message) from error

    def read_all(self, operation: str, member: str, **parameters: Any) -> list[Any]:
        found: list[Any] = []
        given = dict(parameters)
        while True:
            page = self.read(operation, **given)
            found += page[member]
            if "NextToken" not in page:
                return found
            given["NextToken"] = page["NextToken"]

    def console(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        """Change something as a person at the console would."""
        self.enforcement.note(self.organization, self.clock.now)
        return self._ask(operation, parameters)

    def _ask(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        caller = Caller(MANAGEMENT, "", "", "User", "", "", "")
        request = Request(self.organization, operation, given, caller, self.clock.now)
        return OPERATIONS[operation](request)

    def policy_named(self, name: str) -> Policy | None:
        """Return the policy of that name."""
        found = self.organization.policies.values()
        return next((each for each in found if each.name == name), None)

    def attached(self, target_id: str) -> set[str]:
        """Return the names of the SCPs at a target."""
        return {each.name for each in self.organization.attached(target_id, SCP)}

    def enforced(self, target_id: str) -> set[str]:
        """Return the texts of the SCPs that AWS enforces at a target at this moment."""
        state = self.enforcement.state_at(self.organization, self.clock.now)
        return {each.content for each in state.attached(target_id, SCP)}


def organization_of(accounts: int = 3) -> Organization:
    """Return an organization of one OU with accounts `200000000000`, … and one SCP at each.

    The SCP is `p-guard`; FullAWSAccess is everywhere.
    """
    made = Organization("o-exampleorg1", MANAGEMENT, "r-ab12")
    made.enable_type(SCP)
    made.add_unit(Unit("ou-ab12-workload", "Workloads", "r-ab12"))
    made.add_account(Account(MANAGEMENT, "management", "management@example.com", "r-ab12", START))
    made.policies["p-guard00"] = Policy("p-guard00", "guard", SCP, "Guards.", text_of("old"))
    for number in range(accounts):
        account_id = str(200000000000 + number)
        made.add_account(
            Account(account_id, f"app-{number}", "a@example.com", "ou-ab12-workload", START)
        )
        made.attach("p-guard00", account_id)
    made.attach("p-FullAWSAccess", "r-ab12")
    return made


def copied(organization: Organization) -> Organization:
    """Return an organization of its own with the same content."""
    return copy.deepcopy(organization)


def text_of(sid: str) -> str:
    """Return an SCP that denies one thing, under this Sid."""
    statement = {"Sid": sid, "Effect": "Deny", "Action": f"ec2:{sid}", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
