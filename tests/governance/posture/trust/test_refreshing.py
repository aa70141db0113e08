"""Edges follow from collected policies, as versions, and only of what changed."""

import json
from datetime import timedelta

import pytest
from celery import current_app

from governance.access.owners.models import Label
from governance.posture.tasks import refresh_trust_task
from governance.posture.trust.dispatch import refresh_request
from governance.posture.trust.models import ExternalParty, TrustEdge, TrustFinding, TrustReading
from governance.posture.trust.refreshing import find_trust, refresh_trust
from inventory.digests import sha256
from inventory.models import (
    AccountSetting,
    DelegatedAdministrator,
    IdentityCenterPrincipal,
    Organization,
    OrganizationSetting,
    PermissionSet,
    PermissionSetAssignment,
    Principal,
    ResourcePolicy,
    ResponsibilityTransfer,
)
from inventory.resource_facts import (
    GRANTS,
    POLICY,
    AccessGrant,
    AclGrant,
    BucketFacts,
    GranteeKind,
    PublicAccessBlock,
)
from tests.factories.organization import OrganizationResourcePolicyFactory
from tests.factories.people import UserFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, content, denying
from tests.factories.principals import RoleFactory
from tests.factories.resources import BucketFactory, account_block, bucket_policy
from tests.factories.runs import InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT
from tests.factories.versions import changed, ended

PAYMENTS, WEBSITE, TEST, LOGS = "222222222222", "222222222223", "222222222224", "333333333331"
STRANGER, MANAGEMENT = "999999999999", "111111111111"
NOW = FIRST_RUN_AT + timedelta(hours=1)
SECOND_RUN_AT = FIRST_RUN_AT + timedelta(days=1)


def trusting(principal, **more):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    return content(json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


@pytest.fixture
def role(snapshot):
    def make(principal, *, account_id=PAYMENTS, **more):
        fields = {name: more.pop(name) for name in ("name", "path") if name in more}
        return RoleFactory.create(
            connection=snapshot.connection,
            account_id=account_id,
            trust_policy=trusting(principal, **more),
            **fields,
        )

    return make


@pytest.fixture
def bucket(snapshot):
    def make(*statements, account_id=PAYMENTS, **more):
        return BucketFactory.create(
            connection=snapshot.connection,
            account_id=account_id,
            content=content(bucket_policy(*statements)) if statements else None,
            **more,
        )

    return make


@pytest.fixture
def refresh(snapshot):
    """Refresh edges, then what is found in all of them, as the task does."""

    def refreshed(now=NOW, **more):
        done = refresh_trust(snapshot.connection, now=now, **more)
        done.findings += find_trust(snapshot.connection, now=now, moment=done.moment)
        return done

    return refreshed


def second_run(snapshot, **fields):
    return InventoryRunFactory.create(
        connection=snapshot.connection, started_at=SECOND_RUN_AT, **fields
    )


def edges(**having):
    rows = TrustEdge.objects.as_of(None).filter(**having)
    return {row.principal_id: row for row in rows.order_by("key")}


def content_of(rows):
    """Return all that versions hold but when."""
    names = [
        f.attname for f in rows.model._meta.concrete_fields if f.name not in {"id", "seen_from"}
    ]
    return sorted(map(repr, rows.as_of(None).values_list(*names)))


class TestEdges:
    def test_each_principal_of_a_role_is_an_edge_with_its_crossing(self, role, refresh):
        role(
            {
                "AWS": [f"arn:aws:iam::{STRANGER}:root", WEBSITE, LOGS, TEST, PAYMENTS],
                "Service": "lambda.amazonaws.com",
            },
            name="deploy",
        )
        refresh()
        found = edges(resource_name="deploy")
        assert {key: row.crossing for key, row in found.items()} == {
            STRANGER: "external",
            WEBSITE: "unit",
            LOGS: "organization",
            TEST: "environment",
            PAYMENTS: "account",
            "lambda.amazonaws.com": "service",
        }
        stranger = found[STRANGER]
        assert (stranger.account_id, stranger.principal_account_id) == (PAYMENTS, STRANGER)
        assert (stranger.source, stranger.statement, stranger.service) == ("trust_policy", 0, "iam")
        assert stranger.actions == ["sts:AssumeRole"]
        assert stranger.seen_from == FIRST_RUN_AT

    def test_accounts_of_known_vendors_are_named(self, snapshot, role, refresh):
        ExternalParty.objects.create(
            connection=snapshot.connection,
            name="Acme",
            account_ids=[STRANGER],
            updated_by=UserFactory.create(),
            updated_at=NOW,
        )
        role({"AWS": STRANGER})
        refresh()
        assert (edges()[STRANGER].crossing, edges()[STRANGER].vendor) == ("vendor", "Acme")

    def test_equal_texts_of_several_accounts_name_each_its_own(self, role, refresh):
        for account_id in (PAYMENTS, WEBSITE):
            role({"AWS": account_id}, account_id=account_id, name="own")
        refresh()
        found = edges(resource_name="own")
        assert {row.account_id: key for key, row in found.items()} == {
            PAYMENTS: PAYMENTS,
            WEBSITE: WEBSITE,
        }
        assert {row.crossing for row in found.values()} == {"account"}

    def test_a_provider_that_the_account_lacks_lets_nobody_in(self, role, refresh):
        provider = f"arn:aws:iam::{PAYMENTS}:oidc-provider/token.actions.githubusercontent.com"
        role({"Federated": provider}, Action="sts:AssumeRoleWithWebIdentity")
        refresh()
        edge = edges()[provider]
        assert (edge.crossing, edge.state) == ("federated", "blocked")
        assert edge.blocked_by["by"] == "provider"

    def test_an_scp_that_denies_the_caller_blocks_the_edge(self, snapshot, role, refresh):
        policy = PolicyFactory.create(
            connection=snapshot.connection, policy_id="p-assume01", text=denying("sts:AssumeRole")
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection, policy_id=policy.policy_id, target_id=LOGS
        )
        role({"AWS": [LOGS, TEST]})
        refresh()
        assert edges()[LOGS].state == "blocked"
        assert edges()[LOGS].blocked_by["by"] == "service_control_policy"
        assert edges()[TEST].state != "blocked"


class TestBuckets:
    def test_block_public_access_blocks_what_a_public_policy_gives(self, snapshot, bucket, refresh):
        account_block(snapshot.connection, PAYMENTS, None)
        open_facts = BucketFacts("BucketOwnerEnforced", None, PublicAccessBlock()).as_json()
        anyone = {"Principal": "*", "Resource": "arn:aws:s3:::*"}
        bucket(anyone, name="blocked")
        bucket(anyone, name="open", facts=open_facts)
        refresh()
        assert edges(resource_name="blocked")["*"].blocked_by["by"] == "block_public_access"
        assert edges(resource_name="open")["*"].state == "open"
        assert edges(resource_name="open")["*"].crossing == "public"

    def test_access_control_lists_are_edges(self, snapshot, bucket, refresh):
        account_block(snapshot.connection, PAYMENTS, None)
        group = AclGrant("http://acs.amazonaws.com/groups/global/AllUsers", "READ")
        for name, block in (
            ("open", PublicAccessBlock()),
            ("ignored", PublicAccessBlock(ignore_public_acls=True)),
        ):
            facts = BucketFacts("ObjectWriter", (AclGrant("owner", "FULL_CONTROL"), group), block)
            bucket(name=name, facts=facts.as_json())
        refresh()
        found = {row.resource_name: row for row in TrustEdge.objects.all()}
        assert found["open"].crossing == "public"
        assert found["open"].actions == ["s3:ListBucket"]
        assert (found["open"].source, found["open"].through) == ("grant", "bucket ACL")
        assert found["ignored"].blocked_by["by"] == "block_public_access"

    def test_block_public_access_that_is_not_known_leaves_an_edge_undecided(self, bucket, refresh):
        facts = BucketFacts("BucketOwnerEnforced", None, PublicAccessBlock()).as_json()
        bucket({"Principal": "*", "Resource": "arn:aws:s3:::*"}, facts=facts)
        refresh()
        assert edges()["*"].state == "undecided"
        assert "Block Public Access" in edges()["*"].undecided[0]


class TestGrants:
    def test_grants_are_edges(self, snapshot, refresh):
        grants = [
            AccessGrant(GranteeKind.ACCOUNT, STRANGER, "vpc peering", name="pcx-1"),
            AccessGrant(
                GranteeKind.PRINCIPAL,
                f"arn:aws:iam::{TEST}:role/worker",
                "kms grant",
                ("kms:Decrypt",),
                name="grant-1",
                conditions={"EncryptionContextEquals": "a=b"},
            ),
        ]
        BucketFactory.create(
            connection=snapshot.connection,
            account_id=PAYMENTS,
            service="kms",
            resource_type="key",
            arn=f"arn:aws:kms:eu-west-1:{PAYMENTS}:key/k",
            facts={GRANTS: [one.as_json() for one in grants]},
        )
        refresh()
        peering, worker = edges()[STRANGER], edges()[f"arn:aws:iam::{TEST}:role/worker"]
        assert (peering.crossing, peering.through, peering.actions) == (
            "external",
            "vpc peering",
            [],
        )
        assert (worker.crossing, worker.actions) == ("environment", ["kms:Decrypt"])
        assert worker.guards[0]["key"] == "EncryptionContextEquals"


class TestCrossings:
    """What lets in and is neither a role nor a resource."""

    @pytest.fixture
    def hold(self, snapshot):
        def hold(model, **fields):
            return model.objects.create(
                connection=snapshot.connection,
                seen_from=FIRST_RUN_AT,
                fingerprint=sha256(str(fields)),
                **fields,
            )

        return hold

    def test_assignments_of_identity_center_are_edges_into_their_accounts(self, hold, refresh):
        arn = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
        hold(PermissionSet, account_id=LOGS, arn=arn, instance_arn="i", name="Admin")
        hold(
            IdentityCenterPrincipal,
            account_id=LOGS,
            identity_store_id="d-1",
            kind="group",
            principal_id="g-1",
            name="platform",
        )
        hold(
            PermissionSetAssignment,
            account_id=PAYMENTS,
            permission_set_arn=arn,
            principal_kind="group",
            principal_id="g-1",
        )
        assert refresh().account_ids == (PAYMENTS,)
        edge = edges(resource_name="Admin")["group/platform"]
        assert (edge.account_id, edge.crossing) == (PAYMENTS, "federated")
        assert refresh().account_ids == ()

    def test_what_is_delegated_and_billed_leads_into_the_management_account(self, hold, refresh):
        hold(
            ResponsibilityTransfer,
            account_id=MANAGEMENT,
            transfer_id="t-1",
            direction="outbound",
            type="BILLING",
            status="ACCEPTED",
            arn="arn:aws:organizations::111111111111:transfer/t-1",
            target_account_id=STRANGER,
        )
        hold(DelegatedAdministrator, account_id=LOGS, service_principal="guardduty.amazonaws.com")
        hold(
            OrganizationSetting,
            account_id=MANAGEMENT,
            name="root_access_features",
            value=["RootSessions"],
        )
        refresh()
        found = {row.through: row for row in TrustEdge.objects.filter(account_id=MANAGEMENT)}
        assert found["billing transfer"].crossing == "external"
        assert found["delegated administrator"].principal_account_id == LOGS
        assert found["central root sessions"].crossing == "account"

    def test_the_delegation_policy_leads_into_the_organization(self, snapshot, refresh):
        policies = f"arn:aws:organizations::{MANAGEMENT}:policy/o-exampleorg1/*"
        statements = [
            {
                **{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{LOGS}:root"}},
                **{"Action": action, "Resource": resource},
            }
            for action, resource in (
                ("organizations:ListPolicies", "*"),
                ("organizations:UpdatePolicy", policies),
            )
        ]
        text = json.dumps({"Version": "2012-10-17", "Statement": statements})
        OrganizationResourcePolicyFactory.create(connection=snapshot.connection, text=text)
        refresh()
        found = TrustEdge.objects.as_of(None).filter(principal_id=LOGS, account_id=MANAGEMENT)
        assert {(*row.actions, row.state) for row in found} == {
            ("organizations:ListPolicies", "open"),
            ("organizations:UpdatePolicy", "open"),
        }

    def test_outbound_federation_leads_to_whoever_takes_the_accounts_tokens(self, hold, refresh):
        issuer = "https://tokens.example.com"
        for account_id, enabled in ((PAYMENTS, True), (WEBSITE, False)):
            hold(
                AccountSetting,
                account_id=account_id,
                name=AccountSetting.Name.OUTBOUND_FEDERATION,
                value={"issuer": issuer, "enabled": enabled},
            )
        refresh()
        (row,) = TrustEdge.objects.as_of(None)
        assert (row.account_id, row.through, row.crossing) == (
            PAYMENTS,
            "outbound federation",
            "federated",
        )

    def test_a_policy_of_a_vpc_endpoint_lets_nobody_in(self, bucket, refresh):
        bucket(
            {"Principal": "*", "Action": "*", "Resource": "*"},
            service="ec2",
            resource_type="vpc-endpoint",
            arn=f"arn:aws:ec2:eu-west-1:{PAYMENTS}:vpc-endpoint/vpce-1",
            facts={},
        )
        refresh()
        assert not edges()

    def test_a_grant_of_actions_that_its_resource_does_not_know_is_an_edge(self, bucket, refresh):
        grant = AccessGrant(GranteeKind.ACCOUNT, STRANGER, "ram share", ("glue:GetTable",))
        bucket(
            service="ram",
            resource_type="resource-share",
            arn=f"arn:aws:ram:eu-west-1:{PAYMENTS}:resource-share/r",
            facts={GRANTS: [grant.as_json()]},
        )
        refresh()
        assert edges()[STRANGER].actions == ["glue:GetTable"]

    @pytest.fixture
    def shares(self, bucket):
        """Return a function that stores a share of a catalogue and a database with a stranger."""

        def shares(*grants):
            bucket(
                service="ram",
                resource_type="resource-share",
                arn=f"arn:aws:ram:eu-west-1:{PAYMENTS}:resource-share/r",
                facts={
                    GRANTS: [each.as_json() for each in grants],
                    "resources": [f"arn:aws:glue:eu-west-1:{PAYMENTS}:database/lake"],
                },
            )

        return shares

    def test_a_share_lets_do_what_its_permission_says_under_its_condition(self, shares, refresh):
        role_arn = f"arn:aws:iam::{STRANGER}:role/r"
        shares(
            AccessGrant(
                GranteeKind.ACCOUNT,
                STRANGER,
                "ram share",
                ("glue:GetDatabase", "glue:GetTable"),
                name="Read",
                conditions={"StringEquals": {"aws:PrincipalArn": role_arn}},
                resource_type="glue:Database",
            )
        )
        refresh()
        edge = edges()[STRANGER]
        assert edge.actions == ["glue:GetDatabase", "glue:GetTable"]
        assert edge.state == "guarded"
        assert [each["kind"] for each in edge.guards] == ["principal"]
        assert edge.witness["resource"] == f"arn:aws:glue:eu-west-1:{PAYMENTS}:database/lake"

    def test_a_share_whose_permission_was_not_read_is_undecided(self, shares, refresh):
        shares(AccessGrant(GranteeKind.ACCOUNT, STRANGER, "ram share"))
        refresh()
        edge = edges()[STRANGER]
        assert (edge.state, edge.actions) == ("undecided", [])
        assert "managed permissions" in edge.undecided[0]


class TestVersions:
    def test_what_is_as_it_was_writes_nothing(self, snapshot, role, bucket, refresh):
        role({"AWS": [STRANGER, WEBSITE]})
        bucket({"Principal": {"AWS": TEST}}, name="data")
        first = refresh()
        assert set(first.account_ids) == {PAYMENTS}
        second_run(snapshot)
        again = refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert again.account_ids == ()
        assert (again.edges.opened, again.edges.closed) == (0, 0)
        assert (again.findings.opened, again.findings.closed) == (0, 0)

    def test_only_the_account_that_changed_is_worked_out(self, snapshot, role, refresh):
        first = role({"AWS": STRANGER}, name="first")
        role({"AWS": STRANGER}, account_id=WEBSITE)
        refresh()
        changed(first, at=SECOND_RUN_AT, trust_policy=trusting({"AWS": "888888888888"}))
        second_run(snapshot)
        done = refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert done.account_ids == (PAYMENTS,)
        assert (done.edges.opened, done.edges.closed) == (1, 1)
        before = TrustEdge.objects.get(principal_id=STRANGER, account_id=PAYMENTS)
        assert before.seen_until == SECOND_RUN_AT
        assert edges(account_id=PAYMENTS)["888888888888"].seen_from == SECOND_RUN_AT

    def test_what_changes_between_runs_changes_then(self, snapshot, role, refresh):
        role({"AWS": TEST})
        refresh()
        Label.objects.create(
            connection=snapshot.connection,
            target_id=TEST,
            kind="environment",
            value="production",
            created_at=NOW,
            created_by=UserFactory.create(),
        )
        later = NOW + timedelta(hours=1)
        done = refresh(later)
        assert done.moment == later
        assert edges()[TEST].crossing == "organization"
        assert edges()[TEST].seen_from == later

    def test_an_edit_of_an_scp_is_worked_out_where_its_accounts_are_named(
        self, snapshot, role, refresh
    ):
        role({"AWS": LOGS}, account_id=PAYMENTS)
        role({"AWS": TEST}, account_id=WEBSITE)
        refresh()
        policy = PolicyFactory.create(
            connection=snapshot.connection,
            policy_id="p-assume01",
            text=denying("sts:AssumeRole"),
            seen_from=SECOND_RUN_AT,
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection,
            policy_id=policy.policy_id,
            target_id=LOGS,
            seen_from=SECOND_RUN_AT,
        )
        second_run(snapshot)
        done = refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert done.account_ids == (PAYMENTS,)
        assert edges()[LOGS].state == "blocked"

    @pytest.mark.parametrize(("action", "of_witness"), [("sts:AssumeRole", False), ("ec2:*", True)])
    def test_an_scp_that_settles_nothing_leaves_organization_wide_edges_alone(
        self, snapshot, role, refresh, action, of_witness
    ):
        own = Organization.objects.as_of(None).get(connection=snapshot.connection)
        role(
            "*",
            account_id=PAYMENTS,
            Condition={"StringEquals": {"aws:PrincipalOrgID": own.organization_id}},
        )
        role({"Service": "ec2.amazonaws.com"}, account_id=WEBSITE)
        refresh()
        witness = TrustEdge.objects.as_of(None).get(principal_kind="organization").witness
        first = witness["principal"].split(":")[4]
        denied = first if of_witness else next(one for one in (LOGS, TEST) if one != first)
        assert self._after_denying(snapshot, refresh, action, denied) == ()

    def test_an_scp_that_binds_the_witness_has_the_edge_worked_out(self, snapshot, role, refresh):
        own = Organization.objects.as_of(None).get(connection=snapshot.connection)
        role(
            "*",
            account_id=PAYMENTS,
            Condition={"StringEquals": {"aws:PrincipalOrgID": own.organization_id}},
        )
        role({"Service": "ec2.amazonaws.com"}, account_id=WEBSITE)
        refresh()
        witness = TrustEdge.objects.as_of(None).get(principal_kind="organization").witness
        denied = witness["principal"].split(":")[4]
        worked_out = self._after_denying(snapshot, refresh, "sts:AssumeRole", denied)
        assert worked_out == (PAYMENTS,)
        edge = TrustEdge.objects.as_of(None).get(principal_kind="organization")
        assert edge.witness["principal"].split(":")[4] != denied

    @staticmethod
    def _after_denying(snapshot, refresh, action, account_id):
        policy = PolicyFactory.create(
            connection=snapshot.connection,
            policy_id="p-edited001",
            text=denying(action),
            seen_from=SECOND_RUN_AT,
        )
        PolicyAttachmentFactory.create(
            connection=snapshot.connection,
            policy_id=policy.policy_id,
            target_id=account_id,
            seen_from=SECOND_RUN_AT,
        )
        second_run(snapshot)
        return refresh(SECOND_RUN_AT + timedelta(hours=1)).account_ids

    def test_edges_of_what_is_gone_end(self, snapshot, role, refresh):
        gone = role({"AWS": STRANGER})
        refresh()
        ended(gone, at=SECOND_RUN_AT)
        second_run(snapshot)
        refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert not edges()
        assert TrustEdge.objects.get().seen_until == SECOND_RUN_AT
        assert not TrustReading.objects.exclude(account_id="")

    def test_a_policy_that_can_no_longer_be_read_ends_nothing(self, snapshot, bucket, refresh):
        row = bucket({"Principal": {"AWS": STRANGER}}, name="data")
        refresh()
        findings = content_of(TrustFinding.objects.all())
        changed(row, at=SECOND_RUN_AT, content=None, unknown={POLICY: "AccessDenied"})
        second_run(snapshot)
        done = refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert done.account_ids == (PAYMENTS,)
        assert edges()[STRANGER].seen_until is None
        assert content_of(TrustFinding.objects.all()) == findings

    def test_a_policy_that_cannot_be_parsed_is_a_finding(self, snapshot, refresh):
        RoleFactory.create(
            connection=snapshot.connection, name="odd", trust_policy=content('{"Statement": "*"')
        )
        refresh()
        finding = TrustFinding.objects.get(code="policy-unreadable")
        assert "not known" in finding.message
        assert not edges(resource_name="odd")

    def test_only_asked_accounts_are_looked_at(self, role, refresh):
        role({"AWS": STRANGER})
        role({"AWS": STRANGER}, account_id=WEBSITE)
        assert refresh(account_ids=[WEBSITE]).account_ids == (WEBSITE,)
        assert refresh().account_ids == (PAYMENTS,)


class TestTask:
    def test_waits_while_a_run_goes_on(self, snapshot, role):
        role({"AWS": STRANGER})
        run = second_run(snapshot, state="running")
        refresh_trust_task(connection_id=snapshot.connection.pk)
        assert not edges()
        run.state = "complete"
        run.save()
        refresh_trust_task()
        assert set(edges()) == {STRANGER}

    def test_is_asked_for_when_a_run_ends(
        self, snapshot, monkeypatch, django_capture_on_commit_callbacks
    ):
        sent = []
        monkeypatch.setattr(
            current_app, "send_task", lambda name, kwargs: sent.append((name, kwargs))
        )
        with django_capture_on_commit_callbacks(execute=True):
            refresh_request(run=snapshot.run)
        assert sent == [("posture.refresh_trust", {"connection_id": snapshot.connection.pk})]


class TestFindings:
    def test_what_a_policy_lacks_is_stored_with_its_edge(self, role, refresh):
        role({"AWS": f"arn:aws:iam::{STRANGER}:role/ci"}, name="deploy")
        refresh()
        edge = edges(resource_name="deploy")[f"arn:aws:iam::{STRANGER}:role/ci"]
        codes = TrustFinding.objects.filter(edge_key=edge.key).values_list("code", flat=True)
        assert "external-without-external-id" in codes


class TestIncremental:
    def test_comes_to_the_same_as_working_out_everything(self, snapshot, role, bucket, refresh):
        rows = [
            role({"AWS": [STRANGER, LOGS]}, name="a"),
            role({"AWS": "*"}, account_id=WEBSITE, name="b", Condition=_in_organization()),
            role({"Service": "ec2.amazonaws.com"}, account_id=TEST, name="c"),
        ]
        bucket({"Principal": {"AWS": TEST}}, account_id=WEBSITE, name="data")
        refresh()
        changed(rows[0], at=SECOND_RUN_AT, trust_policy=trusting({"AWS": [TEST, STRANGER]}))
        ended(rows[2], at=SECOND_RUN_AT)
        role({"AWS": PAYMENTS}, account_id=LOGS, name="d")
        second_run(snapshot)
        refresh(SECOND_RUN_AT + timedelta(hours=1))
        step = content_of(TrustEdge.objects.all()), content_of(TrustFinding.objects.all())
        for model in (TrustEdge, TrustFinding, TrustReading):
            model.objects.all().delete()
        refresh(SECOND_RUN_AT + timedelta(hours=1))
        assert (content_of(TrustEdge.objects.all()), content_of(TrustFinding.objects.all())) == step
        assert Principal.objects.as_of(None).count() == 3
        assert ResourcePolicy.objects.count() == 1


def _in_organization():
    return {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg"}}
