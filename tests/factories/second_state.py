"""A second state of the small organization: one change of every sort since the first run."""

from dataclasses import dataclass
from datetime import datetime

from inventory.models import InventoryRun
from tests.factories.organization import (
    AccountFactory,
    DelegatedAdministratorFactory,
    OrganizationalUnitFactory,
    OrganizationResourcePolicyFactory,
    TrustedServiceFactory,
)
from tests.factories.policies import (
    PolicyAttachmentFactory,
    PolicyFactory,
    content,
    denying,
)
from tests.factories.runs import CoverageFactory, InventoryRunFactory, store_coverage
from tests.factories.snapshots import ORGANIZATION_COLLECTORS, Snapshot
from tests.factories.times import SECOND_RUN_AT
from tests.factories.versions import changed, ended


@dataclass(frozen=True)
class SecondState:
    """What the second run saw. `run`: that run."""

    run: InventoryRun
    added_account_id: str
    added_unit_id: str


def second_run(
    snapshot: Snapshot,
    *,
    at: datetime = SECOND_RUN_AT,
    states: dict[str, str] | None = None,
) -> InventoryRun:
    """Store a run that saw the organization again. `states`: collector → what came of it."""
    run = InventoryRunFactory.create(connection=snapshot.connection, started_at=at)
    rows = []
    for collector in ORGANIZATION_COLLECTORS:
        state = (states or {}).get(collector, "complete")
        more = {} if state == "complete" else {"last_complete_at": snapshot.run.started_at}
        rows.append(
            CoverageFactory.build(
                run=run,
                account_id="",
                collector=collector,
                state=state,
                message="AWS refused",
                **more,
            )
        )
    store_coverage(rows)
    return run


def second_state(snapshot: Snapshot, *, at: datetime = SECOND_RUN_AT) -> SecondState:
    """Store the state below as seen by a run that started at `at`.

    Accounts: `website` moved from Prod to Test, `payments` renamed to payments-live, `log-archive`
    tagged, `payments-test` suspended, `retired` removed, `data` added to Security. OUs: Suspended
    deleted, Security renamed to Protection, Sandbox added. Policies: deny-regions denies more,
    `unattached` deleted, `deny-users` created and attached to Test, deny-instances renamed;
    FullAWSAccess detached from Security. Tag policies disabled, a delegated administrator, a
    trusted service and a resource policy new.
    """
    run = second_run(snapshot, at=at)
    common = {"connection": snapshot.connection, "seen_from": at}
    units, accounts, policies = snapshot.units, snapshot.accounts, snapshot.policies
    test = units["Test"]
    changed(accounts["website"], at=at, parent_id=test.target_id, path=test.path)
    changed(accounts["payments"], at=at, name="payments-live")
    changed(accounts["log-archive"], at=at, tags={"owner": "security", "tier": "core"})
    changed(accounts["payments-test"], at=at, state="SUSPENDED")
    ended(accounts["retired"], at=at)
    ended(units["Suspended"], at=at)
    changed(units["Security"], at=at, name="Protection")
    sandbox = OrganizationalUnitFactory.create(
        name="Sandbox", target_id="ou-ab12-sand0001", **common
    )
    data = AccountFactory.create(
        name="data", account_id="333333333332", parent=units["Security"], **common
    )
    changed(
        policies["deny-regions"], at=at, content=content(denying("ec2:*", "rds:*", "dynamodb:*"))
    )
    ended(policies["unattached"], at=at)
    changed(policies["deny-instances"], at=at, name="deny-large-instances")
    created = PolicyFactory.create(
        policy_id="p-users001", name="deny-users", text=denying("iam:CreateUser"), **common
    )
    for policy_id, target_id in (
        (created.policy_id, test.target_id),
        ("p-FullAWSAccess", sandbox.target_id),
        ("p-FullAWSAccess", data.account_id),
    ):
        PolicyAttachmentFactory.create(policy_id=policy_id, target_id=target_id, **common)
    gone = {
        ("p-FullAWSAccess", target_id)
        for target_id in (
            units["Security"].target_id,
            units["Suspended"].target_id,
            accounts["retired"].account_id,
        )
    }
    for attachment in snapshot.attachments:
        if (attachment.policy_id, attachment.target_id) in gone:
            ended(attachment, at=at)
    changed(snapshot.root, at=at, policy_types={"SERVICE_CONTROL_POLICY": "ENABLED"})
    DelegatedAdministratorFactory.create(account_id="333333333331", **common)
    TrustedServiceFactory.create(service_principal="guardduty.amazonaws.com", **common)
    OrganizationResourcePolicyFactory.create(**common)
    return SecondState(run, data.account_id, sandbox.target_id)
