"""Identity Center, read from answers as sso-admin and the identity store give them."""

from datetime import UTC, datetime, timedelta

import pytest

from inventory.aws.errors import AwsInconsistent, AwsReadDenied, AwsReadFailed
from inventory.collectors.collector import Allowance, Earlier
from inventory.collectors.identity_center import (
    collect_assignments,
    collect_instances,
    collect_permission_sets,
    collect_principals,
)
from inventory.records import (
    IdentityCenterPrincipalRecord,
    OrganizationSettingRecord,
    PermissionSetAssignmentRecord,
    PermissionSetRecord,
)
from tests.inventory.stubs import stubbed

OWNER, STORE = "222222222222", "d-1234567890"
INSTANCE = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
SET = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
OF_SET = {"InstanceArn": INSTANCE, "PermissionSetArn": SET}
NOW = datetime(2026, 11, 1, tzinfo=UTC)
POLICY = '{"Version":"2012-10-17","Statement":[]}'
MEMBERSHIP = f"arn:aws:identitystore::{OWNER}:membership/90670003-0000-4000-8000-000000000001"
GROUP_ID = "90670001-0000-4000-8000-000000000001"
OTHER_GROUP = "90670001-0000-4000-8000-000000000002"
USER_ID, LEFT = "90670002-0000-4000-8000-000000000001", "90670002-0000-4000-8000-000000000009"


@pytest.fixture
def sso():
    with stubbed("sso-admin", region="eu-central-1") as aws:
        yield aws


@pytest.fixture
def store():
    with stubbed("identitystore", region="eu-central-1") as aws:
        yield aws


def instance(region="eu-central-1"):
    return {
        "arn": INSTANCE,
        "identity_store_id": STORE,
        "owner_account_id": OWNER,
        "region": region,
        "status": "ACTIVE",
    }


def permission_set(**more):
    return PermissionSetRecord(
        **{
            "account_id": OWNER,
            "arn": SET,
            "instance_arn": INSTANCE,
            "name": "Operator",
            "description": "",
            "session_duration": "PT8H",
            "inline_policy": None,
            "managed_policy_arns": (),
            "customer_policies": (),
            "boundary": "",
            **more,
        }
    )


def assignment(kind="group", principal_id=GROUP_ID, account_id="111111111111"):
    return PermissionSetAssignmentRecord(account_id, SET, kind, principal_id)


def earlier(*instances, sets=None, assignments=None):
    read = {
        "identity_center.instances": (
            OrganizationSettingRecord(OWNER, "identity_center_instances", list(instances)),
        ),
    }
    if sets is not None:
        read["identity_center.permission_sets"] = tuple(sets)
    if assignments is not None:
        read["identity_center.assignments"] = tuple(assignments)
    return Earlier(read, (), Allowance(1, 1.0, timedelta(days=1)), NOW)


UNREAD = Earlier({}, (), Allowance(1, 1.0, timedelta(days=1)), NOW)


class TestCollectInstances:
    def test_yields_the_instances_of_all_regions_with_their_region(self, sso):
        sso.answers(
            "list_instances",
            {
                "Instances": [
                    {
                        "InstanceArn": INSTANCE,
                        "IdentityStoreId": STORE,
                        "OwnerAccountId": OWNER,
                        "Status": "ACTIVE",
                        "PrimaryRegion": "eu-west-1",
                    }
                ]
            },
            MaxResults=100,
            RegionScope="ALL_REGIONS",
        )
        [record] = collect_instances(sso.client)
        assert record.value == [instance("eu-west-1")]

    def test_yields_an_empty_list_where_there_is_none(self, sso):
        sso.answers("list_instances", {"Instances": []})
        [record] = collect_instances(sso.client)
        assert record.value == []

    def test_raises_when_it_may_not_be_listed_instead_of_yielding_none(self, sso):
        sso.refuses("list_instances")
        with pytest.raises(AwsReadDenied, match="sso:ListInstances"):
            list(collect_instances(sso.client))


class TestCollectPermissionSets:
    def lists(self, sso, *arns):
        sso.answers(
            "list_permission_sets",
            {"PermissionSets": list(arns)},
            InstanceArn=INSTANCE,
            MaxResults=100,
        )

    def describes(self, sso, *, inline=""):
        sso.answers(
            "describe_permission_set",
            {"PermissionSet": {"Name": "Operator", "SessionDuration": "PT8H"}},
            **OF_SET,
        )
        answer = {"InlinePolicy": inline} if inline else {}
        sso.answers("get_inline_policy_for_permission_set", answer, **OF_SET)

    def test_yields_policies_and_boundary_of_each(self, sso):
        self.lists(sso, SET)
        self.describes(sso, inline=POLICY)
        sso.answers(
            "list_managed_policies_in_permission_set",
            {
                "AttachedManagedPolicies": [
                    {"Name": "ReadOnlyAccess", "Arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
                ]
            },
            **OF_SET,
        )
        sso.answers(
            "list_customer_managed_policy_references_in_permission_set",
            {"CustomerManagedPolicyReferences": [{"Name": "extra", "Path": "/team/"}]},
            **OF_SET,
        )
        sso.answers(
            "get_permissions_boundary_for_permission_set",
            {"PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": "limits"}}},
            **OF_SET,
        )
        assert list(collect_permission_sets(sso.client, earlier(instance()))) == [
            permission_set(
                inline_policy=POLICY,
                managed_policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
                customer_policies=("/team/extra",),
                boundary="/limits",
            )
        ]
        assert sso.log.calls.total() == 1 + 5

    def test_takes_a_missing_inline_policy_and_boundary_for_none(self, sso):
        self.lists(sso, SET)
        self.describes(sso)
        sso.answers("list_managed_policies_in_permission_set", {"AttachedManagedPolicies": []})
        sso.answers(
            "list_customer_managed_policy_references_in_permission_set",
            {"CustomerManagedPolicyReferences": []},
        )
        sso.refuses("get_permissions_boundary_for_permission_set", "ResourceNotFoundException")
        found = list(collect_permission_sets(sso.client, earlier(instance())))
        assert found == [permission_set()]

    def test_is_incomplete_where_one_is_listed_twice_and_not_found(self, sso):
        for _ in range(2):
            self.lists(sso, SET)
            sso.refuses("describe_permission_set", "ResourceNotFoundException")
        with pytest.raises(AwsInconsistent, match="ps-1234567890abcdef"):
            list(collect_permission_sets(sso.client, earlier(instance())))

    def test_reads_in_the_region_of_the_instance(self, sso):
        with stubbed("sso-admin", region="eu-west-1") as ireland:
            self.lists(ireland)
            assert list(collect_permission_sets(sso.client, earlier(instance("eu-west-1")))) == []

    def test_calls_nothing_where_there_is_no_instance(self, sso):
        assert list(collect_permission_sets(sso.client, earlier())) == []

    def test_is_no_empty_answer_where_the_instances_are_not_known(self, sso):
        with pytest.raises(AwsReadFailed, match=r"identity_center\.instances"):
            list(collect_permission_sets(sso.client, UNREAD))


class TestCollectAssignments:
    def test_yields_whom_each_set_is_assigned_to_account_by_account(self, sso):
        sso.answers(
            "list_accounts_for_provisioned_permission_set",
            {"AccountIds": ["111111111111"], "NextToken": "more"},
            MaxResults=100,
            **OF_SET,
        )
        sso.answers(
            "list_accounts_for_provisioned_permission_set",
            {"AccountIds": ["333333333333"]},
            MaxResults=100,
            NextToken="more",
            **OF_SET,
        )
        for account_id, kind, principal_id in (
            ("111111111111", "GROUP", GROUP_ID),
            ("333333333333", "USER", USER_ID),
        ):
            sso.answers(
                "list_account_assignments",
                {"AccountAssignments": [{"PrincipalType": kind, "PrincipalId": principal_id}]},
                AccountId=account_id,
                MaxResults=100,
                **OF_SET,
            )
        found = collect_assignments(sso.client, earlier(instance(), sets=[permission_set()]))
        assert list(found) == [assignment(), assignment("user", USER_ID, "333333333333")]

    def test_is_no_empty_answer_where_the_permission_sets_are_not_known(self, sso):
        with pytest.raises(AwsReadFailed, match=r"identity_center\.permission_sets"):
            list(collect_assignments(sso.client, earlier(instance())))

    def test_raises_when_it_may_not_be_read_instead_of_yielding_none(self, sso):
        sso.refuses("list_accounts_for_provisioned_permission_set")
        with pytest.raises(AwsReadDenied, match="sso:ListAccountsForProvisionedPermissionSet"):
            list(collect_assignments(sso.client, earlier(instance(), sets=[permission_set()])))


class TestCollectPrincipals:
    def group(self, group_id, name):
        arn = f"arn:aws:identitystore::{OWNER}:group/{group_id}"
        return {
            "GroupId": group_id,
            "IdentityStoreId": STORE,
            "GroupArn": arn,
            "Revision": "1",
            "DisplayName": name,
        }

    def lists(self, store, *groups):
        store.answers(
            "list_groups", {"Groups": list(groups)}, MaxResults=100, IdentityStoreId=STORE
        )

    def test_yields_every_group_and_the_members_of_those_with_an_assignment(self, store):
        self.lists(store, self.group(GROUP_ID, "operators"), self.group(OTHER_GROUP, "choir"))
        store.answers(
            "list_group_memberships",
            {
                "GroupMemberships": [
                    {
                        "IdentityStoreId": STORE,
                        "MembershipId": "90670003-0000-4000-8000-000000000001",
                        "MembershipArn": MEMBERSHIP,
                        "MemberId": {"UserId": USER_ID},
                    }
                ]
            },
            GroupId=GROUP_ID,
            IdentityStoreId=STORE,
        )
        known = earlier(instance(), assignments=[assignment()])
        assert list(collect_principals(store.client, known)) == [
            IdentityCenterPrincipalRecord(
                OWNER, STORE, "group", GROUP_ID, "operators", "", (USER_ID,)
            ),
            IdentityCenterPrincipalRecord(OWNER, STORE, "group", OTHER_GROUP, "choir", ""),
        ]

    def test_yields_users_with_an_assignment_and_leaves_out_those_who_were_deleted(self, store):
        self.lists(store)
        user = {
            "IdentityStoreId": STORE,
            "UserId": USER_ID,
            "UserArn": f"arn:aws:identitystore::{OWNER}:user/{USER_ID}",
            "Revision": "1",
            "UserName": "amira",
            "ExternalIds": [{"Issuer": "https://idp.example.org/scim", "Id": "7"}],
        }
        store.answers("describe_user", user, IdentityStoreId=STORE, UserId=USER_ID)
        store.refuses("describe_user", "ResourceNotFoundException")
        known = earlier(
            instance(), assignments=[assignment("user", LEFT), assignment("user", USER_ID)]
        )
        [found] = collect_principals(store.client, known)
        assert (found.kind, found.name, found.members) == ("user", "amira", None)
        assert found.external_issuers == ("https://idp.example.org/scim",)

    def test_is_no_empty_answer_where_the_assignments_are_not_known(self, store):
        with pytest.raises(AwsReadFailed, match=r"identity_center\.assignments"):
            list(collect_principals(store.client, earlier(instance())))
