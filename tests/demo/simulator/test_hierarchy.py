"""OUs and accounts, refused as the Organizations API reference says."""

import pytest

pytestmark = pytest.mark.simulator

ROOT = "r-tiny"


def unit_id(organizations, name, parent=ROOT):
    units = organizations.list_organizational_units_for_parent(ParentId=parent)
    return next(unit["Id"] for unit in units["OrganizationalUnits"] if unit["Name"] == name)


class TestReading:
    def test_describes_accounts_with_paths_and_both_states(self, organizations):
        accounts = {each["Id"]: each for each in organizations.list_accounts()["Accounts"]}
        team = unit_id(organizations, "Team")
        prod = unit_id(organizations, "Prod", team)
        assert accounts["333333333333"]["Paths"] == [
            f"o-tiny000001/r-tiny/{team}/{prod}/333333333333/"
        ]
        assert accounts["333333333333"]["Arn"] == (
            "arn:aws:organizations::111111111111:account/o-tiny000001/333333333333"
        )
        closed = accounts["555555555555"]
        assert (closed["Status"], closed["State"]) == ("SUSPENDED", "SUSPENDED")

    def test_pages_every_list_by_twenty(self, organizations):
        for number in range(21):
            organizations.create_organizational_unit(ParentId=ROOT, Name=f"Unit {number}")
            organizations.create_account(AccountName=f"a{number}", Email=f"a{number}@x.example")
        units = organizations.list_organizational_units_for_parent(ParentId=ROOT)
        assert len(units["OrganizationalUnits"]) == 20
        assert len(organizations.list_accounts()["Accounts"]) == 20
        children = organizations.list_children(ParentId=ROOT, ChildType="ACCOUNT")
        assert len(children["Children"]) == 20
        rest = organizations.list_organizational_units_for_parent(
            ParentId=ROOT, NextToken=units["NextToken"]
        )
        assert len(rest["OrganizationalUnits"]) == 3
        assert "NextToken" not in rest

    def test_refuses_a_token_of_another_call_and_too_large_a_page(self, organizations, refused):
        token = organizations.list_accounts(MaxResults=1)["NextToken"]
        assert refused(organizations.list_roots, NextToken=token) == (
            "InvalidInputException",
            "INVALID_NEXT_TOKEN",
        )
        assert refused(organizations.list_accounts, MaxResults=21) == (
            "InvalidInputException",
            "MAX_VALUE_EXCEEDED",
        )

    def test_refuses_what_does_not_exist(self, organizations, refused):
        assert refused(organizations.describe_account, AccountId="999999999999") == (
            "AccountNotFoundException",
            None,
        )
        assert refused(organizations.list_accounts_for_parent, ParentId="ou-tiny-00000000") == (
            "ParentNotFoundException",
            None,
        )
        assert refused(organizations.list_parents, ChildId="999999999999") == (
            "ChildNotFoundException",
            None,
        )
        code, _ = refused(
            organizations.describe_organizational_unit, OrganizationalUnitId="ou-tiny-00000000"
        )
        assert code == "OrganizationalUnitNotFoundException"


class TestUnits:
    def test_refuses_the_sixth_level(self, organizations, refused):
        parent = ROOT
        for level in range(5):
            unit = organizations.create_organizational_unit(ParentId=parent, Name=f"L{level}")
            parent = unit["OrganizationalUnit"]["Id"]
        assert refused(
            organizations.create_organizational_unit, ParentId=parent, Name="too deep"
        ) == ("ConstraintViolationException", "OU_DEPTH_LIMIT_EXCEEDED")

    def test_refuses_a_second_unit_of_one_name(self, organizations, refused):
        code, _ = refused(organizations.create_organizational_unit, ParentId=ROOT, Name="Team")
        assert code == "DuplicateOrganizationalUnitException"
        code, _ = refused(
            organizations.update_organizational_unit,
            OrganizationalUnitId=unit_id(organizations, "Empty"),
            Name="Team",
        )
        assert code == "DuplicateOrganizationalUnitException"

    def test_deletes_an_empty_unit_and_refuses_a_full_one(self, organizations, refused):
        code, _ = refused(
            organizations.delete_organizational_unit,
            OrganizationalUnitId=unit_id(organizations, "Team"),
        )
        assert code == "OrganizationalUnitNotEmptyException"
        empty = unit_id(organizations, "Empty")
        organizations.delete_organizational_unit(OrganizationalUnitId=empty)
        targets = organizations.list_targets_for_policy(PolicyId="p-FullAWSAccess")["Targets"]
        assert empty not in {target["TargetId"] for target in targets}


class TestAccounts:
    def test_moves_an_account_once(self, organizations, refused):
        empty = unit_id(organizations, "Empty")
        move = {"AccountId": "444444444444", "DestinationParentId": empty}
        code, _ = refused(
            organizations.move_account, SourceParentId=unit_id(organizations, "Team"), **move
        )
        assert code == "SourceParentNotFoundException"
        organizations.move_account(SourceParentId=ROOT, **move)
        assert organizations.list_parents(ChildId="444444444444")["Parents"] == [
            {"Id": empty, "Type": "ORGANIZATIONAL_UNIT"}
        ]
        code, _ = refused(organizations.move_account, SourceParentId=empty, **move)
        assert code == "DuplicateAccountException"
        code, _ = refused(
            organizations.move_account,
            AccountId="444444444444",
            SourceParentId=empty,
            DestinationParentId="ou-tiny-00000000",
        )
        assert code == "DestinationParentNotFoundException"

    def test_creates_accounts_with_full_access_under_the_root(self, organizations):
        status = organizations.create_account(AccountName="new", Email="new@tiny.example")
        account_id = status["CreateAccountStatus"]["AccountId"]
        policies = organizations.list_policies_for_target(
            TargetId=account_id, Filter="SERVICE_CONTROL_POLICY"
        )["Policies"]
        assert [policy["Name"] for policy in policies] == ["FullAWSAccess"]

    def test_neither_closes_nor_removes_the_management_account(self, organizations, refused):
        assert refused(organizations.close_account, AccountId="111111111111") == (
            "ConstraintViolationException",
            "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
        )
        assert refused(
            organizations.remove_account_from_organization, AccountId="222222222222"
        ) == (
            "ConstraintViolationException",
            "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
        )


class TestTags:
    def test_tags_and_untags(self, organizations):
        organizations.tag_resource(ResourceId=ROOT, Tags=[{"Key": "a", "Value": "1"}])
        organizations.untag_resource(ResourceId="333333333333", TagKeys=["owner"])
        assert organizations.list_tags_for_resource(ResourceId=ROOT)["Tags"] == [
            {"Key": "a", "Value": "1"}
        ]
        assert organizations.list_tags_for_resource(ResourceId="333333333333")["Tags"] == [
            {"Key": "stage", "Value": "prod"}
        ]

    def test_refuses_too_many_doubled_and_system_tags(self, organizations, refused):
        many = [{"Key": str(number), "Value": ""} for number in range(51)]
        assert refused(organizations.tag_resource, ResourceId=ROOT, Tags=many) == (
            "ConstraintViolationException",
            "MAX_TAG_LIMIT_EXCEEDED",
        )
        twice = [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]
        assert refused(organizations.tag_resource, ResourceId=ROOT, Tags=twice) == (
            "InvalidInputException",
            "DUPLICATE_TAG_KEY",
        )
        system = [{"Key": "aws:x", "Value": "1"}]
        assert refused(organizations.tag_resource, ResourceId=ROOT, Tags=system) == (
            "InvalidInputException",
            "INVALID_SYSTEM_TAGS_PARAMETER",
        )

    def test_gives_tags_of_the_whole_organization_through_the_tagging_service(self, aws):
        tagging = aws.client("resourcegroupstaggingapi")
        found = tagging.get_resources(
            ResourceTypeFilters=["organizations:account", "organizations:organizationalunit"]
        )["ResourceTagMappingList"]
        assert {each["ResourceARN"].rsplit("/", 1)[-1][:4] for each in found} == {"3333", "ou-t"}
        first = tagging.get_resources(
            ResourceTypeFilters=["organizations:account", "organizations:organizationalunit"],
            ResourcesPerPage=1,
        )
        assert len(first["ResourceTagMappingList"]) == 1
        assert first["PaginationToken"]
