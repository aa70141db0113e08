"""No endpoint asks the database more the more rows there are."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.cache import cache
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from governance.access.models import Profile, RoleAssignment
from governance.access.owners.models import GrantProposal
from governance.access.rights import VIEW_INVENTORY, roles_with
from governance.access.sessions import store
from governance.access.viewers import viewer_of
from governance.api.parts.list_endpoint import ListEndpoint
from governance.approvals.models import Review, SettingVersion
from governance.baseline.guardrails.models import MutationJob
from governance.notifications.models import Notification, OutboxEvent, Webhook, WebhookDelivery
from governance.notifications.people import viewer_digest
from governance.posture.paths.models import PathJob
from governance.posture.trust.models import TrustReading
from governance.posture.who_can.models import WhoCanJob
from governance.reports.contents import report_contents
from governance.reports.models import SubtreeReport
from governance.simulations.models import SimulationJob
from inventory.viewing import Viewer
from tests.factories.accounts import IdentityProviderFactory
from tests.factories.audit import NOW, audit_entry, signed, signing_key_file
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.contracts import party_named, trust_contract
from tests.factories.detections import DetectionFactory
from tests.factories.drift import baseline_version, drift_item, ignore_rule
from tests.factories.exceptions import guardrail_exception
from tests.factories.findings import InboxItemFactory
from tests.factories.logs import (
    LogSourceFactory,
    denial_record,
    stored_denials,
    stored_usage,
    usage_record,
)
from tests.factories.organization import (
    AccountFactory,
    DelegatedAdministratorFactory,
    OrganizationalUnitFactory,
    TrustedServiceFactory,
)
from tests.factories.owners import LabelRuleFactory, OwnerRuleFactory, OwnershipFactory
from tests.factories.people import person, token_of
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content, denying
from tests.factories.principals import (
    GroupPrincipalFactory,
    IamPolicyFactory,
    PrincipalActivityFactory,
    RoleFactory,
    UserCredentialFactory,
)
from tests.factories.resources import BucketFactory
from tests.factories.runs import CoverageFactory, InventoryRunFactory, TaskFactory
from tests.factories.suspected import suspected
from tests.factories.times import FIRST_RUN_AT, SECOND_RUN_AT
from tests.factories.trust import TrustEdgeFactory, TrustFindingFactory
from tests.factories.versions import changed
from tests.governance.api.addresses import VALUES, by_route, endpoints, filled

# Queries of one request, session and person included, and the organization's rows where the
# engine has not read this state of it yet.
MOST_QUERIES = 20
# Two states are read for the differences between them, each table at most once. Who has to agree to
# a contract or an exception is worked out of rules, owners and rights as they stand.
MOST_QUERIES_OF = {
    "diff": 30,
    "contracts": 36,
    "exceptions": 34,
    # Core accounts, Control Tower, enforcement and logging, each from tables of its own.
    "landing-zone": 34,
    # A remedy is simulated, and the guardrail asked before and after it.
    "<str:guardrail_id>": 38,
    # Both sides, who owns the place, and how fresh every table is that drift may be of.
    "<int:drift_id>": 24,
    # Evidence that is outdated is made again, and approvals are held against who may give them.
    "verdict": 44,
}


def most_queries(route):
    """Return how many queries an address may ask: as its last part or the one above says."""
    above, last = route.split("/")[-2:]
    return MOST_QUERIES_OF.get(last, MOST_QUERIES_OF.get(above, MOST_QUERIES))


@pytest.fixture
def deployer(acme):
    """The principal that addresses name, beside the bucket and the edge that they name."""
    TrustEdgeFactory.create(key=VALUES["edge_key"], connection=acme.connection)
    TrustReading.objects.create(
        connection=acme.connection,
        account_id="222222222222",
        run_started_at=FIRST_RUN_AT,
        read_at=FIRST_RUN_AT,
    )
    BucketFactory.create(name="acme-data", connection=acme.connection)
    InboxItemFactory.create(pk=int(VALUES["item_id"]), connection=acme.connection)
    return RoleFactory.create(name="Deployer", connection=acme.connection)


# What an address must be asked with.
QUESTIONS = {
    "who-can": "?action=s3:GetObject",
    "verdict": f"?digest={'0' * 64}",
    "paths": "?from=arn:aws:iam::222222222222:role/Deployer",
}


@pytest.fixture
def job(acme):
    """The simulation, and the questions who can and about paths, that addresses name."""
    WhoCanJob.objects.create(
        pk=VALUES["job_id"],
        connection=acme.connection,
        requested_by=person("viewer"),
        asked={"action": "s3:GetObject"},
        requested_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    MutationJob.objects.create(
        pk=VALUES["job_id"],
        connection=acme.connection,
        requested_by=person("viewer"),
        requested_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    SubtreeReport.objects.create(
        pk=VALUES["job_id"],
        connection=acme.connection,
        requested_by=person("viewer"),
        target_id="r-ab12",
        state=SubtreeReport.State.COMPLETE,
        result=report_contents(
            Viewer(sees_inventory=True),
            connection=acme.connection,
            target_id="r-ab12",
            made_by="viewer",
            now=timezone.now(),
        ),
        requested_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    PathJob.objects.create(
        pk=VALUES["job_id"],
        connection=acme.connection,
        requested_by=person("viewer"),
        asked={"start": "outside"},
        requested_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    return SimulationJob.objects.create(
        pk=VALUES["job_id"],
        connection=acme.connection,
        requested_by=person("viewer"),
        operations=[],
        requested_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )


@pytest.fixture
def effect(acme):
    """The effect of a comparison that addresses name."""
    return SimulationJob.objects.create(
        pk=VALUES["effect_id"],
        kind=SimulationJob.Kind.COMPARISON,
        connection=acme.connection,
        requested_by=person("viewer"),
        as_of=FIRST_RUN_AT,
        until=SECOND_RUN_AT,
        requested_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )


@pytest.fixture
def replay(acme):
    """The replay of usage that addresses name."""
    return SimulationJob.objects.create(
        pk=VALUES["replay_id"],
        kind=SimulationJob.Kind.REPLAY,
        connection=acme.connection,
        requested_by=person("viewer"),
        days=90,
        requested_at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )


@pytest.fixture
def reader(db, role, monkeypatch):
    """A client of somebody who may ask the addresses."""
    # Once a minute a session notes its use, in three queries: these tests can take longer.
    monkeypatch.setattr(store, "_USE_IS_NOTED_EVERY_SECONDS", 3600)
    client = APIClient()
    client.force_login(person(role, username="reader"))
    return client


def asked_by(role):
    """Return the addresses to ask in a role, with their endpoints: a viewer's where one may."""
    return sorted(
        (
            (route, view)
            for route, view in endpoints()
            if "GET" in view.rights
            and "self" not in route
            and role
            == ("viewer" if "viewer" in roles_with(view.rights["GET"]) else "administrator")
        ),
        key=by_route,
    )


@pytest.fixture
def told(db, reader):
    """The webhook, its delivery, the notification and the entry that addresses name."""
    now = timezone.now()
    webhook = Webhook.objects.create(
        pk=VALUES["webhook_id"],
        name="siem",
        url="https://hooks.example.com/",
        created_at=now,
        changed_at=now,
    )
    WebhookDelivery.objects.create(
        pk=VALUES["delivery_id"],
        webhook=webhook,
        body="{}",
        due_at=now,
        created_at=now,
        most_attempts=1,
    )
    user = User.objects.get(username="reader")
    Notification.objects.create(
        pk=VALUES["notification_id"],
        user=user,
        event=OutboxEvent.objects.create(kind="run.failed", occurred_at=now, due_at=now),
        title="Run 4 failed",
        seen_as=viewer_digest(viewer_of(user)),
        occurred_at=now,
    )


@pytest.fixture
def settings_proposed(acme):
    """The version of each setting that addresses name."""
    sam, now = person("security"), timezone.now()
    SettingVersion.objects.bulk_create(
        SettingVersion(
            connection=acme.connection,
            kind=kind,
            version=int(VALUES["version"]),
            content={},
            proposed_by=sam,
            proposed_at=now,
        )
        for kind in SettingVersion.Kind
    )


@pytest.fixture
def recorded(db, settings, tmp_path):
    """An entry of the audit log that two checkpoints cover; addresses name it and the second."""
    settings.AUDIT_SIGNING_KEY_FILE = signing_key_file(tmp_path)
    entry = audit_entry()
    signed()
    audit_entry()
    number = str(signed(NOW + timedelta(hours=1)).number)
    return {"entry_id": str(entry.pk), "number": number, "checkpoint_number": number}


@pytest.fixture
def requested(acme, recorded):
    """The change request that addresses name, of an author whose work is not in it alone."""
    made = change_request(
        acme.connection,
        person("author"),
        number=int(recorded["number"]),
        operations=[],
        applied="elsewhere",
    )
    with_evidence(made)
    trust_contract(acme.connection, made.author)
    guardrail_exception(acme.connection, made.author)
    party_named(acme.connection, made.author)
    # As the address of its files asks for.
    made.state = "handed_out"
    made.save()
    return made


@pytest.fixture
def drifted(acme):
    """The id of the drift that addresses name; of the baseline there are the versions they name."""
    sam = person("security")
    for number in (1, 2):
        baseline_version(acme.connection, sam, number=number, reason=f"Version {number}.")
    ignore_rule(acme.connection, sam)
    return str(drift_item(acme.connection).pk)


def discuss(asked, number):
    """Have somebody more comment on a request, work on it and review it."""
    someone = person("author")
    asked.comments.create(author=someone, revision=1, body=f"{number}", created_at=NOW)
    asked.contributions.create(person=someone, kind="edit", revision=1, created_at=NOW)
    asked.waiting_for.append(someone.pk)
    asked.save()
    Review.objects.create(
        connection=asked.connection,
        subject_kind="change_request",
        subject_id=str(asked.pk),
        digest=asked.plan_sha256,
        reviewer=person("approver"),
        verdict="approve",
        created_at=NOW,
    )
    change_request(asked.connection, someone)


@pytest.fixture
def people_named(db, acme, reader):
    """The group, the person or service account, the token and the grant that addresses name."""
    user = User.objects.get(username="reader")
    token, _ = token_of(user, VIEW_INVENTORY)
    service_account = person(username="nightly")
    Profile.objects.update_or_create(
        user=service_account, defaults={"kind": Profile.Kind.SERVICE_ACCOUNT}
    )
    group = Group.objects.create(name="platform")
    owner = OwnershipFactory.create(connection=acme.connection, target_id="r-ab12", group=group)
    grant = GrantProposal.objects.create(
        kind=GrantProposal.Kind.OWNERSHIP,
        connection=acme.connection,
        target_id=owner.target_id,
        group=group,
        ownership=owner,
        proposed_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=7),
    )
    rule = OwnerRuleFactory.create(connection=acme.connection)
    named = {
        "owner_rule_id": rule,
        "label_rule_id": LabelRuleFactory.create(
            connection=acme.connection, kind="criticality", tag_key="tier"
        ),
        "user_id": user,
        "service_account_id": service_account,
        "group_id": group,
        "grant_id": grant,
        "token_id": token,
    }
    return {name: str(row.pk) for name, row in named.items()}


def denying_apart(number):
    """Return the text of an SCP with a number of statements."""
    statements = [
        {"Effect": "Deny", "Action": f"s3:Get{n}*", "Resource": "*"} for n in range(number)
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def grow(made, deployer, numbers):
    """Add rows of every kind, one of each a number."""
    common = {"connection": made.connection}
    member = {**common, "account_id": "222222222222"}
    for number in numbers:
        account = AccountFactory.create(parent=made.units["Prod"], **common)
        OrganizationalUnitFactory.create(parent=made.units["Workloads"], **common)
        policy = PolicyFactory.create(**common)
        PolicyAttachmentFactory.create(
            policy_id=policy.policy_id, target_id="ou-ab12-prod0001", **common
        )
        PolicyAttachmentFactory.create(
            policy_id="p-regio001", target_id=account.account_id, **common
        )
        PolicyAttachmentFactory.create(
            policy_id=policy.policy_id, target_id="222222222222", **common
        )
        role = RoleFactory.create(**common)
        GroupPrincipalFactory.create(**common)
        BucketFactory.create(**common)
        drift_item(made.connection)
        DetectionFactory.create(connection=made.connection)
        TrustEdgeFactory.create(**common)
        InboxItemFactory.create(**common)
        TrustFindingFactory.create(edge_key=VALUES["edge_key"], **common)
        PrincipalActivityFactory.create(arn=role.arn, **common)
        UserCredentialFactory.create(**member)
        IdentityProviderFactory.create(**member)
        today = timezone.now().date()
        record = {"account_id": account.account_id, "day": today}
        stored_usage(made.connection, usage_record(**record))
        stored_denials(made.connection, denial_record(**record))
        DelegatedAdministratorFactory.create(account_id=account.account_id, **common)
        TrustedServiceFactory.create(**common)
        InventoryRunFactory.create(started_at=SECOND_RUN_AT, **common)
        TaskFactory.create(run=made.run, account_id=account.account_id)
        suspected(made.run, [role], account_id=account.account_id)
        LogSourceFactory.create(connection=made.connection, bucket=f"logs-{number}")
        CoverageFactory.create(run=made.run, account_id=account.account_id)
        CoverageFactory.create(run=made.run, account_id="222222222222", collector=f"more-{number}")
        managed = IamPolicyFactory.create(**member)
        deployer.attached_policy_arns.append(managed.arn)
        deployer.inline_policies[f"inline-{number}"] = content(denying(f"s3:{number}")).pk
    deployer.save()
    for number in numbers:
        at = SECOND_RUN_AT + timedelta(hours=number)
        made.policies["deny-regions"] = changed(
            made.policies["deny-regions"],
            at=at,
            name="regions",
            content=content(denying_apart(number + 2)),
        )
        later = AccountFactory.create(parent=made.units["Prod"], seen_from=at, **common)
        PolicyAttachmentFactory.create(target_id=later.account_id, seen_from=at, **common)


def queries(client, address):
    """Ask an address, and return how many queries that took and what it answered."""
    # Neither the rate of requests nor another address's answers are to count.
    cache.clear()
    # What a process keeps of an organization it has read by the second request.
    client.get(address)
    with CaptureQueriesContext(database) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.json())
    return len(captured), answer.json()


@pytest.fixture
def detected(acme):
    """The id of the detection that addresses name."""
    return str(DetectionFactory.create(connection=acme.connection).pk)


@pytest.fixture
def log_source(acme):
    """The id of the log source that addresses name."""
    return str(LogSourceFactory.create(connection=acme.connection, bucket="named-logs").pk)


class TestEveryEndpoint:
    # All addresses are asked of the same rows: making them takes longer than asking.
    @pytest.mark.usefixtures("settings_proposed", "job", "effect", "replay", "told")
    @pytest.mark.parametrize("role", ["viewer", "administrator"])
    def test_asks_as_much_for_many_rows_as_for_few(
        self, role, reader, acme, deployer, recorded, people_named, requested, drifted, detected,
        log_source,
    ):  # fmt: skip
        held = RoleAssignment.objects.get(user__username="reader")
        named = {
            **recorded,
            **people_named,
            "assignment_id": str(held.pk),
            "drift_id": drifted,
            "detection_id": detected,
            "log_source_id": log_source,
        }
        addresses = {}
        for route, view in asked_by(role):
            address = filled(route, run_id=str(acme.run.pk), **named)
            address += QUESTIONS.get(address.rpartition("/")[2], "")
            if issubclass(view, ListEndpoint):
                address += "?limit=1000"
            addresses[route, view] = address
        grow(acme, deployer, range(1))
        discuss(requested, 0)
        few = {asked: queries(reader, address) for asked, address in addresses.items()}
        grow(acme, deployer, range(1, 12))
        for number in range(1, 4):
            discuss(requested, number)
        many = {asked: queries(reader, address) for asked, address in addresses.items()}
        counts = {asked: (few[asked][0], many[asked][0]) for asked in addresses}
        assert {asked: count for asked, count in counts.items() if count[0] != count[1]} == {}
        over = {
            asked: count for asked, (_, count) in counts.items() if count > most_queries(asked[0])
        }
        assert over == {}
        # A ceiling counts AWS's actions, however many accounts there are.
        lists = [
            (route, view)
            for route, view in addresses
            if issubclass(view, ListEndpoint)
            and "/ceiling" not in route
            # Nobody has read which controls are enabled.
            and many[route, view][1]["results"] is not None
        ]
        grown = [one for one in lists if len(many[one][1]["results"]) > len(few[one][1]["results"])]
        assert grown == lists
