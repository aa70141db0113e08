"""Edges follow from collected policies, as versions, and only of what changed."""

import json

import pytest

from governance.posture.trust.models import ExternalParty, TrustEdge
from inventory.digests import sha256
from inventory.models import (
    AccountSetting,
    DelegatedAdministrator,
    IdentityCenterPrincipal,
    OrganizationSetting,
    PermissionSet,
    PermissionSetAssignment,
    ResponsibilityTransfer,
)
from inventory.resource_facts import (
    GRANTS,
    AccessGrant,
    AclGrant,
    BucketFacts,
    GranteeKind,
    PublicAccessBlock,
)
from tests.factories.organization import OrganizationResourcePolicyFactory
from tests.factories.people import UserFactory
from tests.factories.policies import PolicyAttachmentFactory, PolicyFactory, denying
from tests.factories.resources import BucketFactory, account_block
from tests.factories.times import FIRST_RUN_AT
from tests.governance.posture.trust.conftest import (
    LOGS,
    MANAGEMENT,
    NOW,
    PAYMENTS,
    STRANGER,
    TEST,
    WEBSITE,
    edges,
)


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
