"""Inventory runs and principals as people use them."""

import json
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from inventory.models import CollectionTask, Coverage, InventoryRun
from tests.factories.policies import content, denying
from tests.factories.principals import (
    GroupPrincipalFactory,
    IamPolicyFactory,
    PrincipalActivityFactory,
    RoleFactory,
    UserCredentialFactory,
    UserPrincipalFactory,
)
from tests.factories.runs import (
    CoverageFactory,
    DeniedCoverageFactory,
    InventoryRunFactory,
    TaskFactory,
)
from tests.factories.snapshots import Snapshot
from tests.journeys.conftest import OpenPage
from tests.journeys.looking import seen


def run_going_on(snapshot: Snapshot) -> InventoryRun:
    """Store a run that has read two accounts, one of them without success, and is at others."""
    run = InventoryRunFactory.create(
        connection=snapshot.connection,
        state=InventoryRun.State.RUNNING,
        trigger=InventoryRun.Trigger.BUTTON,
        started_at=timezone.now() - timedelta(seconds=75),
    )
    CoverageFactory.create(run=run, account_id="", collector="organizations.accounts")
    states = CollectionTask.State
    for name, state in (
        ("payments", states.COMPLETE),
        ("log-archive", states.FAILED),
        ("website", states.RUNNING),
        ("payments-test", states.PENDING),
        ("retired", states.SKIPPED),
    ):
        TaskFactory.create(
            run=run,
            account_id=snapshot.accounts[name].account_id,
            state=state,
            attempts=1,
            finished_at=timezone.now() if state in CollectionTask.DONE_STATES else None,
        )
    CoverageFactory.create(run=run, account_id=snapshot.accounts["payments"].account_id)
    DeniedCoverageFactory.create(run=run, account_id=snapshot.accounts["log-archive"].account_id)
    CoverageFactory.create(
        run=run,
        account_id=snapshot.accounts["log-archive"].account_id,
        collector="iam.credential_report",
        state=Coverage.State.THROTTLED,
        message="AWS asked to slow down iam:GetCredentialReport: Rate exceeded",
        remedy="the next run tries again; see what else calls this account at the same time",
        calls={"iam:GetCredentialReport": 8},
        throttled=8,
        seconds=61.5,
    )
    return run


def principals_of(snapshot: Snapshot) -> dict[str, str]:
    """Store a role with a history, a user and a group; return their ARNs."""
    account_id = snapshot.accounts["payments"].account_id
    common = {"connection": snapshot.connection, "account_id": account_id}
    edge = IamPolicyFactory.create(**common, name="edge-of-workloads", text=denying("iam:*"))
    deploy = IamPolicyFactory.create(**common, name="deploy-anything")
    before = snapshot.run.started_at
    assert before is not None
    role = {**common, "name": "deploy-from-pipeline", "path": "/automation/"}
    trusting = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": "arn:aws:iam::222222222222:oidc-provider/ci.example"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringLike": {"ci.example:sub": "repo:payments/*"}},
            }
        ],
    }
    RoleFactory.create(
        **role, seen_from=before - timedelta(days=9), seen_until=before, unique_id="AROA1"
    )
    now = RoleFactory.create(
        **role,
        seen_from=before,
        unique_id="AROA1",
        trust_policy=content(json.dumps(trusting)),
        attached_policy_arns=[deploy.arn, "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"],
        inline_policies={"stop-instances": content(denying("ec2:RunInstances")).pk},
        boundary_arn=edge.arn,
        tags={"team": "payments", "cost-centre": "4711"},
    )
    PrincipalActivityFactory.create(
        connection=snapshot.connection, account_id=account_id, arn=now.arn
    )
    group = GroupPrincipalFactory.create(
        **common, name="operators", attached_policy_arns=[deploy.arn]
    )
    user = UserPrincipalFactory.create(**common, name="backup-user", groups=["operators"])
    UserCredentialFactory.create(
        **common,
        user_name=user.name,
        arn=user.arn,
        mfa_active=False,
        access_key_1_active=True,
        access_key_1_rotated_at=before - timedelta(days=700),
    )
    for number in range(60):
        RoleFactory.create(**common, name=f"AWSReservedSSO_ReadOnly_{number:016x}")
    return {"role": now.arn, "user": user.arn, "group": group.arn}


class TestARun:
    def test_is_started_and_watched_to_its_end(
        self, browser_page: OpenPage, snapshot: Snapshot, author: User
    ):
        page = browser_page(author)
        page.goto(reverse("inventory-runs", kwargs={"slug": snapshot.connection.slug}))
        page.get_by_role("button", name="Collect now").click()
        run = InventoryRun.objects.get(state=InventoryRun.State.QUEUED)
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Run {run.pk}")
        progress = page.get_by_role("list", name="Progress of the run")
        expect(progress.get_by_text("Queued")).to_be_visible()

        started = InventoryRun.objects.filter(pk=run.pk)
        started.update(state=InventoryRun.State.RUNNING, started_at=timezone.now())
        part = TaskFactory.create(
            run=run,
            account_id=snapshot.accounts["payments"].account_id,
            state=CollectionTask.State.RUNNING,
        )
        expect(progress.get_by_text("0 of 1")).to_be_visible()
        part.state = CollectionTask.State.COMPLETE
        part.save()
        started.update(state=InventoryRun.State.COMPLETE, finished_at=timezone.now())

        expect(page.get_by_role("link", name="payments", exact=True)).to_be_visible()
        expect(progress.get_by_text("1 of 1")).to_be_visible()

    def test_is_accessible_and_fits_in_both_themes_and_widths(
        self, browser_page: OpenPage, snapshot: Snapshot, author: User
    ):
        run = run_going_on(snapshot)
        arns = principals_of(snapshot)
        page = browser_page(author)
        pages: list[tuple[str, dict[str, Any]]] = [
            ("inventory-runs", {}),
            ("inventory-run", {"run_id": run.pk}),
            ("inventory-run-coverage", {"run_id": run.pk}),
            ("inventory-run-calls", {"run_id": run.pk}),
            ("principals", {}),
            *(("principal", {"arn": arn}) for arn in arns.values()),
            ("principal-history", {"arn": arns["role"]}),
        ]
        for name, more in pages:
            page.goto(reverse(name, kwargs={"slug": snapshot.connection.slug, **more}))
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            kept = more.get("arn", "").rpartition("/")[2]
            assert seen(page, f"{name}{'-' if kept else ''}{kept}") == []


class TestThePrincipals:
    def test_are_paged_filtered_and_opened(
        self, browser_page: OpenPage, snapshot: Snapshot, author: User
    ):
        principals_of(snapshot)
        page = browser_page(author)
        page.goto(reverse("principals", kwargs={"slug": snapshot.connection.slug}))
        page.get_by_role("link", name="Next").click()
        page.wait_for_url("**after_row=**")
        expect(page.get_by_role("link", name="operators")).to_be_visible()
        page.get_by_label("Name or ARN").fill("deploy-")
        page.wait_for_url("**q=deploy-**")
        assert "after_row" not in page.url
        page.get_by_role("link", name="deploy-from-pipeline").click()
        expect(page.get_by_text("repo:payments/*")).to_be_visible()
        expect(page.get_by_text("ec2:RunInstances")).to_be_hidden()
        page.locator("summary", has_text="stop-instances").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("ec2:RunInstances")).to_be_visible()
        page.wait_for_url("**unfolded=stop-instances**")
        page.reload()
        expect(page.get_by_text("ec2:RunInstances")).to_be_visible()
        page.get_by_role("link", name="History").click()
        expect(page.get_by_text("trust policy before → after")).to_be_visible()
