"""A change from the draft to the way back, in the browser and with AWS in memory."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from demo.simulator.organizations.state import Account, Organization, Policy, Unit
from governance.access.actors import user_actor
from governance.access.owners.acting import ActingPerson
from governance.audit.models import AuditCheckpoint
from governance.audit.sealing import checkpoint_make
from governance.changes.bundle.exporting import bundle_zip, change_bundle
from governance.changes.life.checking import change_check
from governance.changes.life.content import ChangeContent
from governance.changes.life.drafting import change_create
from governance.changes.life.required import read_required
from governance.changes.life.reviewing import change_review
from governance.changes.life.submitting import change_submit
from governance.changes.models import ChangeRequest
from governance.changes.rollout.executor import rollout_advance
from governance.changes.rollout.worker import Worker
from governance.changes.states import ChangeState
from inventory.models import CollectionTask
from tests.factories.audit import signing_key_file
from tests.factories.edits import PROD, SECURITY, TEST
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person
from tests.factories.policies import attached_policy, denying
from tests.factories.snapshots import Snapshot
from tests.governance.changes.rollout.aws import SCP, AwsInMemory, Clock
from tests.journeys.conftest import OpenPage, sign_in
from tests.journeys.looking import ROOT, seen


def aws_of(snapshot: Snapshot, clock: Clock) -> AwsInMemory:
    """Return AWS as the snapshot's run has read it."""
    root = snapshot.root.target_id
    made = Organization("o-exampleorg1", "111111111111", root)
    made.enable_type(SCP)
    for unit in snapshot.units.values():
        made.add_unit(Unit(unit.target_id, unit.name, unit.parent_id))
    for account in snapshot.accounts.values():
        made.add_account(
            Account(account.account_id, account.name, account.email, account.parent_id, clock.now)
        )
    for policy in snapshot.policies.values():
        if policy.type == SCP and not policy.aws_managed:
            made.policies[policy.policy_id] = Policy(
                policy.policy_id, policy.name, SCP, policy.description, policy.content.text
            )
    read = {(one.policy_id, one.target_id) for one in snapshot.attachments}
    for policy_id, target_id in read:
        if policy_id in made.policies:
            made.attach(policy_id, target_id)
    # AWS attaches FullAWSAccess to whatever is new; at some it was detached since.
    for target_id in [*(one.target_id for one in snapshot.units.values()), root]:
        if ("p-FullAWSAccess", target_id) not in read:
            made.detach("p-FullAWSAccess", target_id)
    return AwsInMemory(made, clock)


class Applying:
    """The apply worker of a test: carries a request's newest rollout on when it is told to."""

    def __init__(self, aws: AwsInMemory, clock: Clock, request: ChangeRequest) -> None:
        self.aws, self.clock, self.request = aws, clock, request

    def carry_on(self) -> None:
        """Go on until a person is needed or the end has come."""
        worker = Worker("test", self.clock, self.clock.sleep, lambda _rollout, _calls: self.aws)
        for _ in range(12):
            rollout = self.request.rollouts.order_by("-pk")[0]
            rollout_advance(rollout_id=rollout.pk, worker=worker)
            rollout.refresh_from_db()
            self.request.refresh_from_db()
            if rollout.ended_at or self.request.state == ChangeState.WAITING_FOR_GO:
                return
            later = [one for one in (rollout.not_before, rollout.lease_until) if one]
            self.clock.now = max([self.clock.now, *later])


def asked_for(snapshot: Snapshot, author: User, *, submits: bool = True) -> ChangeRequest:
    """Have the author ask for a policy at three OUs, a ring each."""
    targets = (TEST, SECURITY, PROD)
    new = {"policy_type": SCP, "name": "no-games", "text": denying("gamelift:*")}
    operations: list[dict[str, object]] = [{"kind": "create_policy", "policy_id": "new-1", **new}]
    for target in targets:
        attaching = {"policy_id": "new-1", "target_id": target}
        operations.append({"kind": "attach_policy", **attaching})
    now = timezone.now()
    by = ActingPerson(author, user_actor(author))
    made = change_create(
        by=by,
        connection=snapshot.connection,
        content=ChangeContent(
            title="Deny game servers",
            reason="Nobody runs any.",
            operations=tuple(operations),
            rings=tuple(
                {"name": one, "targets": [one], "soak_minutes": 0, "gate": "manual"}
                for one in targets
            ),
        ),
        now=now,
    )
    if not submits:
        return made
    change_submit(by=by, change_request_id=made.pk, now=now)
    checked = change_check(change_request_id=made.pk, clock=timezone.now)
    assert checked is not None
    return checked


def agree(request: ChangeRequest, people: list[User]) -> None:
    """Have everybody approve whose word is asked for."""
    for somebody in people:
        required = read_required(request.required_approvals)
        if not any(somebody.pk in one.entitled | one.security for one in required):
            continue
        change_review(
            by=ActingPerson(somebody, replace(user_actor(somebody), session="0" * 16)),
            change_request_id=request.pk,
            verdict="approve",
            body="",
            plan_sha256=request.plan_sha256,
            stepped_up_at=timezone.now(),
            now=timezone.now(),
        )
        request.refresh_from_db()
        if request.state != ChangeState.IN_REVIEW:
            return


@pytest.fixture
def audit_key(tmp_path: Path) -> Iterator[None]:
    """A key that checkpoints of the audit log are signed with."""
    with override_settings(AUDIT_SIGNING_KEY_FILE=signing_key_file(tmp_path)):
        yield


class TestARollout:
    def test_goes_ring_by_ring_is_halted_and_taken_back(
        self,
        browser_page: OpenPage,
        snapshot: Snapshot,
        author: User,
        audit_key: None,
        tmp_path: Path,
    ):
        security, approver = person("security", username="sofia"), person("approver")
        connection = snapshot.connection
        connection.apply_role_arn = "arn:aws:iam::111111111111:role/OrgwardenApply"
        connection.save()
        OwnershipFactory.create(
            connection=connection,
            target_id=snapshot.root.target_id,
            user=approver,
            confirmed_at=LONG_AGO,
            confirmed_by=security,
        )
        request = asked_for(snapshot, author)
        agree(request, [approver, security])
        assert request.state == ChangeState.APPROVED
        clock = Clock(timezone.now())
        applying = Applying(aws_of(snapshot, clock), clock, request)
        page = browser_page()
        sign_in(page, security)
        address = reverse(
            "change-request-rollout", kwargs={"slug": connection.slug, "number": request.number}
        )

        page.goto(address)
        page.get_by_role("button", name="Start ring 1 for 1 account").click()
        expect(page.get_by_text("The rollout has started.")).to_be_visible()
        applying.carry_on()
        assert request.state == ChangeState.WAITING_FOR_GO, request.state_reason

        page.goto(address)
        go(page, "Start ring 2 for 1 account")
        expect(page.get_by_text("Ring 1 is released")).to_be_visible()
        applying.carry_on()

        page.goto(address)
        assert "\n".join(seen(page, "change-gate")) == ""
        page.get_by_role("button", name="Halt").click()
        expect(page.get_by_text("No further call is made.")).to_be_visible()
        page.get_by_role("button", name="Roll back 2 accounts").click()
        page.get_by_role("dialog").get_by_label("Reason").fill("It hurts.")
        page.get_by_role("dialog").get_by_role("button", name="Roll back 2 accounts").click()
        expect(page.get_by_text("Rollback has started.")).to_be_visible()
        applying.carry_on()

        request.refresh_from_db()
        assert request.state == ChangeState.ROLLED_BACK
        assert applying.aws.policy_named("no-games") is None
        page.goto(address)
        expect(page.get_by_text("Rolled back").first).to_be_visible()
        verifies_offline(request, tmp_path)


def verifies_offline(request: ChangeRequest, folder: Path) -> None:
    """Export the request as a bundle, and have docs/verify_audit.py check it by itself."""
    checkpoint_make(now=timezone.now())
    bundle = folder / "bundle.zip"
    bundle.write_bytes(bundle_zip(change_bundle(request)))
    key = AuditCheckpoint.objects.latest("number").public_key
    command = ["docs/verify_audit.py", "bundle", str(bundle), "--public-key", key]
    found = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert "is rolled_back" in found.stdout


def go(page: Page, button: str) -> None:
    """Let the ring go, with the reason that missing data need."""
    page.get_by_label("Reason to go on without this data").fill("Read by hand.")
    page.get_by_role("button", name=button).click()


def seen_by_a_run(applying: Applying, snapshot: Snapshot) -> None:
    """Let the run that the rollout asked for have read what AWS has of the new policy."""
    made = applying.aws.policy_named("no-games")
    assert made is not None
    organization = applying.aws.organization
    targets = [one for one in (TEST, SECURITY, PROD) if made in organization.attached(one, SCP)]
    attached_policy(
        snapshot.connection,
        made.content,
        *targets,
        name=made.name,
        policy_id=made.policy_id,
        description=made.description,
    )
    tasks = CollectionTask.objects.filter(connection=snapshot.connection, account_id="")
    tasks.filter(group="organizations").update(
        run_id=applying.request.rollouts.get().seen_run_id, state=CollectionTask.State.COMPLETE
    )


class TestAnEmergency:
    def test_is_applied_without_a_review_and_ratified_by_somebody_else(
        self, browser_page: OpenPage, snapshot: Snapshot, author: User
    ):
        applier, other = person("security", username="sofia"), person("security", username="sven")
        connection = snapshot.connection
        connection.apply_role_arn = "arn:aws:iam::111111111111:role/OrgwardenApply"
        connection.save()
        request = asked_for(snapshot, author, submits=False)
        clock = Clock(timezone.now())
        applying = Applying(aws_of(snapshot, clock), clock, request)
        address = reverse(
            "change-request-rollout", kwargs={"slug": connection.slug, "number": request.number}
        )
        page = browser_page()
        sign_in(page, applier)
        page.goto(address)
        page.get_by_text("Emergency", exact=True).click()
        page.get_by_label("Why it cannot wait").fill("Game servers mine coins.")
        page.get_by_role("button", name="Apply in an emergency").click()
        expect(page.get_by_text("Security is notified.").first).to_be_visible()
        change_check(change_request_id=request.pk, clock=timezone.now)
        applying.carry_on()

        assert applying.aws.policy_named("no-games") is not None
        assert request.rollouts.get().position == 4
        seen_by_a_run(applying, snapshot)
        applying.carry_on()
        assert request.state == ChangeState.APPLIED_PENDING_REVIEW, request.state_reason
        page.goto(address)
        expect(page.get_by_role("button", name="Ratify for 4 accounts")).to_have_count(0)
        theirs = browser_page()
        sign_in(theirs, other)
        theirs.goto(address)
        theirs.get_by_role("button", name="Ratify for 4 accounts").click()
        expect(theirs.get_by_text("Ratified. It stays applied.")).to_be_visible()
        request.refresh_from_db()
        assert request.state == ChangeState.RATIFIED
