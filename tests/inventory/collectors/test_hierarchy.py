"""Root, organizational units, accounts."""

from datetime import UTC, datetime

import pytest

from inventory.aws.errors import AwsInconsistent, AwsMalformed, AwsReadDenied, AwsThrottled
from inventory.collectors.hierarchy import collect_accounts, collect_units
from inventory.records import AccountRecord, OrganizationalUnitRecord, RootRecord

ROOT = {
    "Id": "r-ab12",
    "Arn": "arn:root",
    "Name": "Root",
    "PolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
}
JOINED = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


def unit(unit_id):
    return {"Id": unit_id, "Arn": f"arn:{unit_id}", "Name": unit_id.upper()}


def account(account_id="222222222222", **values):
    return {
        "Id": account_id,
        "Arn": f"arn:{account_id}",
        "Email": "a@example.org",
        "Name": "payments",
        "Status": "ACTIVE",
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": JOINED,
    } | values


def answer_children(aws, parent_id, *unit_ids, **more):
    aws.answers(
        "list_organizational_units_for_parent",
        {"OrganizationalUnits": [unit(each) for each in unit_ids]} | more,
        ParentId=parent_id,
    )


class TestCollectUnits:
    def test_yields_parents_before_children_with_their_paths(self, organizations):
        organizations.answers("list_roots", {"Roots": [ROOT]})
        answer_children(organizations, "r-ab12", "ou-ab12-aaaaaaaa", "ou-ab12-bbbbbbbb")
        answer_children(organizations, "ou-ab12-aaaaaaaa", "ou-ab12-cccccccc")
        answer_children(organizations, "ou-ab12-bbbbbbbb")
        answer_children(organizations, "ou-ab12-cccccccc")
        records = list(collect_units(organizations.client))
        assert records[0] == RootRecord(
            "r-ab12", "Root", "arn:root", {"SERVICE_CONTROL_POLICY": "ENABLED"}
        )
        assert records[3] == OrganizationalUnitRecord(
            target_id="ou-ab12-cccccccc",
            name="OU-AB12-CCCCCCCC",
            arn="arn:ou-ab12-cccccccc",
            parent_id="ou-ab12-aaaaaaaa",
            path="r-ab12/ou-ab12-aaaaaaaa/ou-ab12-cccccccc/",
        )

    def test_reads_all_pages_of_children(self, organizations):
        organizations.answers("list_roots", {"Roots": [ROOT]})
        answer_children(organizations, "r-ab12", "ou-ab12-aaaaaaaa", NextToken="a")
        organizations.answers(
            "list_organizational_units_for_parent",
            {"OrganizationalUnits": [unit("ou-ab12-bbbbbbbb")]},
            ParentId="r-ab12",
            NextToken="a",
        )
        answer_children(organizations, "ou-ab12-aaaaaaaa")
        answer_children(organizations, "ou-ab12-bbbbbbbb")
        assert len(list(collect_units(organizations.client))) == 3

    def not_found(self, aws):
        aws.refuses("list_organizational_units_for_parent", "ParentNotFoundException")

    def test_leaves_out_a_unit_that_its_parent_no_longer_lists(self, organizations):
        organizations.answers("list_roots", {"Roots": [ROOT]})
        answer_children(organizations, "r-ab12", "ou-ab12-aaaaaaaa")
        self.not_found(organizations)
        answer_children(organizations, "r-ab12")
        assert [each.target_id for each in collect_units(organizations.client)] == ["r-ab12"]

    def test_leaves_out_a_unit_whose_parent_is_gone_too(self, organizations):
        organizations.answers("list_roots", {"Roots": [ROOT]})
        answer_children(organizations, "r-ab12", "ou-ab12-aaaaaaaa")
        answer_children(organizations, "ou-ab12-aaaaaaaa", "ou-ab12-bbbbbbbb")
        self.not_found(organizations)
        self.not_found(organizations)
        answer_children(organizations, "r-ab12")
        found = [each.target_id for each in collect_units(organizations.client)]
        assert found == ["r-ab12", "ou-ab12-aaaaaaaa"]

    def test_reads_a_unit_once_more_that_its_parent_lists_again(self, organizations):
        organizations.answers("list_roots", {"Roots": [ROOT]})
        answer_children(organizations, "r-ab12", "ou-ab12-aaaaaaaa")
        self.not_found(organizations)
        answer_children(organizations, "r-ab12", "ou-ab12-aaaaaaaa")
        answer_children(organizations, "ou-ab12-aaaaaaaa")
        assert len(list(collect_units(organizations.client))) == 2

    def test_raises_when_a_unit_is_listed_again_and_not_found(self, organizations):
        organizations.answers("list_roots", {"Roots": [ROOT]})
        answer_children(organizations, "r-ab12", "ou-ab12-aaaaaaaa")
        self.not_found(organizations)
        answer_children(organizations, "r-ab12", "ou-ab12-aaaaaaaa")
        self.not_found(organizations)
        with pytest.raises(AwsInconsistent, match="ou-ab12-aaaaaaaa"):
            list(collect_units(organizations.client))

    def test_never_takes_the_root_for_deleted(self, organizations):
        organizations.answers("list_roots", {"Roots": [ROOT]})
        self.not_found(organizations)
        self.not_found(organizations)
        with pytest.raises(AwsInconsistent, match="AWS lists r-ab12"):
            list(collect_units(organizations.client))

    def test_raises_when_the_children_of_one_unit_are_denied(self, organizations):
        organizations.answers("list_roots", {"Roots": [ROOT]})
        answer_children(organizations, "r-ab12", "ou-ab12-aaaaaaaa")
        organizations.refuses("list_organizational_units_for_parent")
        with pytest.raises(AwsReadDenied, match="ListOrganizationalUnitsForParent"):
            list(collect_units(organizations.client))

    def test_names_the_field_that_is_missing(self, organizations):
        organizations.answers("list_roots", {"Roots": [{"Id": "r-ab12", "Arn": "a"}]})
        with pytest.raises(AwsMalformed, match=r"Roots\[\]\.Name is missing"):
            list(collect_units(organizations.client))


class TestCollectAccounts:
    @pytest.mark.parametrize(
        "path",
        [
            "o-exampleorg1/r-ab12/ou-ab12-aaaaaaaa/",
            "o-exampleorg1/r-ab12/ou-ab12-aaaaaaaa/222222222222/",
        ],
    )
    def test_reads_the_parent_from_the_path(self, organizations, path):
        organizations.answers(
            "list_accounts", {"Accounts": [account(State="SUSPENDED", Paths=[path])]}
        )
        assert list(collect_accounts(organizations.client)) == [
            AccountRecord(
                account_id="222222222222",
                name="payments",
                email="a@example.org",
                arn="arn:222222222222",
                state="SUSPENDED",
                parent_id="ou-ab12-aaaaaaaa",
                path="r-ab12/ou-ab12-aaaaaaaa/",
                joined_method="CREATED",
                joined_at=JOINED,
            )
        ]

    def test_places_an_account_directly_below_the_root(self, organizations):
        organizations.answers(
            "list_accounts", {"Accounts": [account(Paths=["o-exampleorg1/r-ab12/"])]}
        )
        [record] = collect_accounts(organizations.client)
        assert (record.parent_id, record.path) == ("r-ab12", "r-ab12/")

    def test_reads_the_status_where_there_is_no_state(self, organizations):
        organizations.answers(
            "list_accounts",
            {"Accounts": [account(Status="SUSPENDED", Paths=["o-exampleorg1/r-ab12/"])]},
        )
        [record] = collect_accounts(organizations.client)
        assert record.state == "SUSPENDED"

    def test_walks_the_tree_where_paths_are_missing(self, organizations):
        organizations.answers("list_accounts", {"Accounts": [account()]})
        organizations.answers("list_roots", {"Roots": [ROOT]})
        answer_children(organizations, "r-ab12", "ou-ab12-aaaaaaaa")
        organizations.answers("list_accounts_for_parent", {"Accounts": []}, ParentId="r-ab12")
        answer_children(organizations, "ou-ab12-aaaaaaaa")
        organizations.answers(
            "list_accounts_for_parent", {"Accounts": [account()]}, ParentId="ou-ab12-aaaaaaaa"
        )
        [record] = collect_accounts(organizations.client)
        assert record.path == "r-ab12/ou-ab12-aaaaaaaa/"

    def test_raises_when_an_account_is_nowhere(self, organizations):
        organizations.answers("list_accounts", {"Accounts": [account()]})
        organizations.answers("list_roots", {"Roots": [ROOT]})
        answer_children(organizations, "r-ab12")
        organizations.answers("list_accounts_for_parent", {"Accounts": []}, ParentId="r-ab12")
        with pytest.raises(AwsMalformed, match="222222222222 has no parent"):
            list(collect_accounts(organizations.client))

    def test_raises_when_a_path_is_none(self, organizations):
        organizations.answers("list_accounts", {"Accounts": [account(Paths=["somewhere"])]})
        with pytest.raises(AwsMalformed, match="somewhere"):
            list(collect_accounts(organizations.client))

    def test_raises_when_a_later_page_is_throttled(self, organizations):
        organizations.answers(
            "list_accounts",
            {"Accounts": [account(Paths=["o-exampleorg1/r-ab12/"])], "NextToken": "a"},
        )
        organizations.throttles("list_accounts", 8)
        with pytest.raises(AwsThrottled):
            list(collect_accounts(organizations.client))
