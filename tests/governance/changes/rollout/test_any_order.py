"""A rollout under random hands: workers that die, AWS that fails, a console, people who intervene.

Approvals, audit entries, locks and signals are the real ones; AWS is the simulator's, in memory.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from demo.simulator.organizations.state import Policy
from governance.access.actors import user_actor
from governance.audit import actions
from governance.audit.models import AuditEntry
from governance.changes.life.transitions import CannotChangeRequest
from governance.changes.models import ChangeLock, ChangeRequest, JournalEntry, Rollout
from governance.changes.rollout import services
from governance.changes.rollout.executor import Progress
from governance.changes.rollout.journal import Phase as Line
from governance.changes.rollout.journal import record_of
from governance.changes.rollout.plans import steps_of
from governance.changes.states import CLOSED, ROLLING, TRANSITIONS, ChangeState
from tests.factories.connections import ConnectionFactory
from tests.factories.people import UserFactory, person, take_roles
from tests.factories.rollouts import ring, staged_copy
from tests.governance.changes.rollout.aws import (
    SCP,
    AwsInMemory,
    Clock,
    Fault,
    WorkerDied,
    organization_of,
    text_of,
)
from tests.governance.changes.rollout.conftest import Scene
from tests.governance.changes.rollout.plans import NEW, OLD, A, B

FAULTS = (
    *("", "", "", "throttle", "concurrent", "busy", "lose-before", "lose-after", "unavailable"),
    *("die-before", "die-after", "refuse"),
)
REACHED: set[str] = set()
STRANGE = text_of("strange")
FULL = organization_of().policies["p-FullAWSAccess"].content


def held(aws):
    """Return what stands at the two accounts: policies by their text, without the console's."""
    return {
        target: sorted(
            one.content
            for one in aws.organization.attached(target, SCP)
            if one.content not in (STRANGE, FULL)
        )
        for target in (A, B)
    }


class RolloutUnderRandomHands(RuleBasedStateMachine):
    """One approved request of two rings, its apply workers, people and somebody at the console."""

    def __init__(self):
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.clock = Clock()
        self.aws = AwsInMemory(organization_of(), self.clock)
        policies = self.aws.organization.policies
        policies["p-strange0"] = Policy("p-strange0", "strange", SCP, "", STRANGE)
        self.aws.enforcement.seconds = 290
        self.aws.watch = self.watch
        self.scene = Scene(
            connection=ConnectionFactory.create(
                apply_role_arn="arn:aws:iam::111111111111:role/OrgwardenApply"
            ),
            author=UserFactory.create(username="ada"),
            approver=person("security", username="grace"),
            clock=self.clock,
            aws=self.aws,
        )
        self.before = held(self.aws)
        self.edited, self.entitled = False, True
        # At most this many writes may stand in AWS: after a halt, or without an approval.
        self.most: int | None = None
        self.unguarded: list[str] = []
        guard = policies["p-guard00"]
        self.request_id = self.scene.request(
            staged_copy([[A], [B]], text=NEW),
            rings=[ring(1, [A]), ring(2, [B])],
            base={
                "policies": {
                    "p-guard00": {
                        "name": "guard",
                        "type": SCP,
                        "text": guard.content,
                        "attached_to": [A, B, "200000000002"],
                    }
                },
                "targets": {
                    one: {"name": one, "attached": {SCP: ["p-FullAWSAccess", "p-guard00"]}}
                    for one in (A, B)
                },
                "enabled_types": [SCP],
            },
        ).pk
        self.scene.start(self.request)

    def teardown(self):
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @property
    def request(self):
        return ChangeRequest.objects.get(pk=self.request_id)

    @property
    def rollout(self):
        return Rollout.objects.filter(change_request=self.request_id).latest("pk")

    def watch(self, aws):
        enforced = aws.enforcement.state_at(aws.organization, self.clock.now)
        for target in (A, B):
            attached = {one.content for one in aws.organization.attached(target, SCP)}
            in_force = {one.content for one in enforced.attached(target, SCP)}
            if not (attached & {OLD, NEW} and in_force & {OLD, NEW} and FULL in attached):
                self.unguarded.append(target)

    def act(self, service, **given):
        """Have a person do something, where it can be done now; return whether it was."""
        actor = user_actor(self.scene.approver)
        try:
            with transaction.atomic():
                service(actor=actor, change_request_id=self.request_id, now=self.clock.now, **given)
        except CannotChangeRequest:
            return False
        return True

    @initialize(edits=st.sampled_from([False, False, True]))
    def somebody_edits_before_the_first_call(self, edits):
        if edits:
            self.edited = True
            self.aws.console("AttachPolicy", PolicyId="p-strange0", TargetId=A)

    @rule(fault=st.sampled_from(FAULTS), ahead=st.integers(1, 3), turns=st.integers(2, 24))
    def workers_carry_on(self, fault, ahead, turns):
        self.aws.faults = [Fault(self.aws.attempts + ahead, fault)] if fault else []
        for _ in range(turns):
            row = self.rollout
            if row.ended_at is not None:
                return
            later = [one for one in (row.not_before, row.lease_until) if one]
            self.clock.now = max([self.clock.now, *later])
            try:
                progress = self.scene.advance(row)
            except WorkerDied:
                continue
            if progress in (Progress.ENDED, Progress.STOPPED):
                return

    @rule(minutes=st.integers(1, 20))
    def time_passes(self, minutes):
        self.clock.now += timedelta(minutes=minutes)

    @rule(number=st.integers(1, 2))
    def somebody_lets_a_ring_go(self, number):
        self.act(services.rollout_go, ring_number=number, reason="seen")

    @rule()
    def somebody_halts(self):
        if self.act(services.rollout_halt, reason="wait"):
            self.most = len(self.aws.writes)

    @rule()
    def somebody_resumes(self):
        if self.act(services.rollout_resume) and self.entitled:
            self.most = None

    @rule(turns=st.integers(0, 4))
    def somebody_rolls_back(self, turns):
        if self.act(services.rollout_roll_back):
            self.most = None
            self.workers_carry_on("", 1, turns)

    @rule(
        operation=st.sampled_from(["UpdatePolicy", "AttachPolicy"]), where=st.sampled_from([A, B])
    )
    def somebody_edits_at_the_console(self, operation, where):
        if self.edited:
            return
        self.edited = True
        if operation == "UpdatePolicy":
            self.aws.console(operation, PolicyId="p-guard00", Description="by hand")
        else:
            self.aws.console(operation, PolicyId="p-strange0", TargetId=where)

    @rule()
    def the_approver_loses_the_right(self):
        if self.entitled:
            self.entitled = False
            take_roles(self.scene.approver)
            if self.rollout.kind == Rollout.Kind.FORWARD:
                self.most = len(self.aws.writes)

    @invariant()
    def no_account_is_ever_without_its_policies(self):
        assert self.unguarded == []

    @invariant()
    def nothing_is_written_after_a_halt_or_without_an_approval(self):
        if self.most is not None:
            assert len(self.aws.writes) <= self.most

    @invariant()
    def nothing_is_written_without_a_line_of_the_journal_and_of_the_audit_log(self):
        intents = JournalEntry.objects.filter(
            rollout__change_request=self.request_id, phase=Line.INTENT
        ).select_related("audit_entry")
        calls = [one.call for one in intents]
        for call in {call for call, _ in self.aws.writes}:
            made = [one for one, _ in self.aws.writes].count(call)
            assert calls.count(call) >= made
        named = {one.audit_entry and one.audit_entry.action for one in intents}
        assert named <= {actions.CHANGE_WRITE}

    @invariant()
    def aws_holds_what_the_journal_says(self):
        rollout = self.rollout
        steps = steps_of(rollout)
        if rollout.kind != Rollout.Kind.FORWARD or rollout.base is None:
            return
        position = rollout.position
        open_call = position < len(steps) and record_of(rollout, steps[position]).unsettled
        assert held(self.aws) in [after(n) for n in {position, position + open_call}]

    @invariant()
    def the_request_is_where_its_rollout_is(self):
        request = self.request
        REACHED.add(request.state)
        rows = Rollout.objects.filter(change_request=self.request_id)
        under_way = rows.filter(ended_at__isnull=True).count()
        if request.state in ROLLING:
            assert under_way == 1
            return
        assert request.state in {*CLOSED, ChangeState.STALE}
        assert under_way == 0
        assert not ChangeLock.objects.filter(change_request=self.request_id).exists()
        if request.state == ChangeState.ROLLED_BACK:
            assert held(self.aws) == self.before
            assert "guard (change)" not in {
                one.name for one in self.aws.organization.policies.values()
            }
        if request.state == ChangeState.STALE:
            assert self.aws.writes == []

    @invariant()
    def no_state_follows_that_the_diagram_has_not(self):
        recorded = AuditEntry.objects.filter(
            connection_id=self.scene.connection.pk, before__has_key="state", after__has_key="state"
        ).values_list("before__state", "after__state")
        for was, became in recorded:
            assert became in TRANSITIONS[ChangeState(was)], f"{was} → {became}"


def after(position):
    """Return what stands at the accounts after so many steps of the plan."""
    found = {A: {"p-guard00"}, B: {"p-guard00"}}
    text = {"p-guard00": OLD, "copy-1": NEW}
    for step in staged_copy([[A], [B]], text=NEW)[:position]:
        policy_id = step.parameters.get("PolicyId", "")
        target = step.parameters.get("TargetId", "")
        match step.call:
            case "AttachPolicy":
                found[target].add(policy_id)
            case "DetachPolicy":
                found[target].discard(policy_id)
            case "UpdatePolicy":
                text[policy_id] = step.parameters["Content"]
    return {target: sorted(text[one] for one in ids) for target, ids in found.items()}


@pytest.mark.django_db
def test_left_alone_it_waits_between_its_rings():
    machine = RolloutUnderRandomHands()
    try:
        machine.workers_carry_on("", 1, 60)
        machine.the_request_is_where_its_rollout_is()
        machine.aws_holds_what_the_journal_says()
        assert machine.request.state == ChangeState.WAITING_FOR_GO
    finally:
        machine.teardown()


@pytest.mark.django_db
def test_whatever_happens_aws_the_journal_and_the_request_agree():
    run_state_machine_as_test(
        RolloutUnderRandomHands,
        settings=settings(
            max_examples=15,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            # To shrink a failure takes minutes; the steps that it prints tell as much.
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert ChangeState.HALTED in REACHED
    assert REACHED & {ChangeState.ROLLED_BACK, ChangeState.STALE}
