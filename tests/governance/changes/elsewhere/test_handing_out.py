"""An approved plan leaves Orgwarden as files that other tools read."""

import io
import json
import zipfile

import pytest
import yaml

from governance.audit.models import AuditEntry
from governance.changes.elsewhere.approved import CollectedBefore, result_of
from governance.changes.elsewhere.cloudformation import cloudformation_text, resources_to_import
from governance.changes.elsewhere.handing_out import (
    NotHandedOut,
    handed_out_files,
    handed_out_zip,
)
from governance.changes.elsewhere.resource_names import unique_names
from governance.changes.elsewhere.terraform import quoted, terraform_text
from governance.changes.states import ChangeState
from tests.governance.changes.elsewhere.conftest import NEW_TEXT, OPERATIONS, STRICTER

pytestmark = pytest.mark.django_db


def files_of(change_request):
    return {file.name: file.text for file in handed_out_files(change_request)}


class TestApproval:
    def test_hands_the_plan_out_at_once_and_records_it(self, handed_out):
        made = handed_out()
        assert made.state == ChangeState.HANDED_OUT
        states = [(entry.after or {}).get("state") for entry in AuditEntry.objects.order_by("pk")]
        assert states[-2:] == ["approved", "handed_out"]

    def test_of_a_change_that_orgwarden_applies_hands_out_nothing(self, handed_out, asked):
        made = handed_out()
        made.applied = "here"
        with pytest.raises(NotHandedOut, match="applies this change itself"):
            handed_out_files(made)

    def test_is_needed_before_files_are_given(self, asked):
        with pytest.raises(NotHandedOut, match="in review"):
            handed_out_files(asked())


class TestPolicyFiles:
    def test_hold_the_texts_exactly_as_approved(self, handed_out):
        files = files_of(handed_out())
        assert files["policies/SERVICE_CONTROL_POLICY/deny-regions.json"] == STRICTER
        assert files["policies/SERVICE_CONTROL_POLICY/deny-users.json"] == NEW_TEXT

    def test_come_with_what_is_attached_where(self, handed_out):
        made = handed_out()
        change = json.loads(files_of(made)["change.json"])
        assert change["plan_sha256"] == made.plan_sha256
        by_name = {one["name"]: one for one in change["policies"]}
        assert by_name["deny-regions"]["targets"] == ["ou-ab12-work0001"]
        assert by_name["deny users"]["id"] is None
        assert by_name["deny users"]["targets"] == ["ou-ab12-prod0001"]
        assert by_name["deny-instances"]["targets"] == []
        assert by_name["deny-instances"]["detached_from"] == ["222222222223"]

    def test_are_the_same_bytes_each_time(self, handed_out):
        made = handed_out()
        first, second = (handed_out_zip(handed_out_files(made)) for _ in range(2))
        assert first == second
        with zipfile.ZipFile(io.BytesIO(first)) as archive:
            assert archive.testzip() is None
            assert "terraform/main.tf" in archive.namelist()


class TestTerraform:
    def test_imports_what_exists_and_refers_to_what_it_creates(self, handed_out):
        text = files_of(handed_out())["terraform/main.tf"]
        assert 'import {\n  to = aws_organizations_policy.deny-regions\n  id = "p-regio001"' in text
        assert 'id = "ou-ab12-work0001:p-regio001"' in text
        assert "policy_id = aws_organizations_policy.deny_users.id" in text
        assert "to = aws_organizations_policy.deny_users\n" not in text

    def test_takes_away_what_is_detached(self, handed_out):
        text = files_of(handed_out())["terraform/main.tf"]
        removed = text[text.index("removed {") :]
        assert "aws_organizations_policy_attachment.deny_instances_222222222223" in removed
        assert "destroy = true" in removed

    def test_leaves_policy_variables_to_aws(self, handed_out):
        text = files_of(handed_out())["terraform/main.tf"]
        assert "iam:$${aws:PrincipalTag/team}" in text

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('a "b"', '"a \\"b\\""'),
            ("${x} %{y}", '"$${x} %%{y}"'),
            ("a\\b\n", '"a\\\\b\\n"'),
            ("\u202e", '"\\u202e"'),
        ],
    )
    def test_quotes_text_so_that_it_stands_for_itself(self, text, expected):
        assert quoted(text) == expected

    def test_a_text_of_several_lines_cannot_end_its_heredoc(self):
        operation = {**OPERATIONS[1], "text": '{\n"a":\nPOLICY\n}'}
        text = terraform_text(result_of(CollectedBefore(), [operation]), heading="x")
        assert 'chomp(<<POLICY_\n{\n"a":\nPOLICY\n}\nPOLICY_\n' in text

    def test_says_what_other_resources_hold(self):
        before = CollectedBefore(
            accounts={"222222222222": ("payments", "pay@example.org")}, root_id="r-ab12"
        )
        operations = [
            {"kind": "enable_policy_type", "policy_type": "TAG_POLICY"},
            {
                "kind": "create_organizational_unit",
                "target_id": "new-1",
                "name": "Lab",
                "parent_id": "r-ab12",
            },
            {"kind": "move_account", "target_id": "222222222222", "parent_id": "new-1"},
        ]
        text = terraform_text(result_of(before, operations), heading="x")
        assert "# Add TAG_POLICY to enabled_policy_types" in text
        assert 'resource "aws_organizations_organizational_unit" "Lab"' in text
        assert "parent_id = aws_organizations_organizational_unit.Lab.id" in text


class TestCloudFormation:
    def test_holds_each_policy_with_all_its_targets(self, handed_out):
        text = files_of(handed_out())["cloudformation/template.yaml"]
        resources = yaml.safe_load(text)["Resources"]
        regions = resources["DenyRegionsPolicy"]
        assert regions["Type"] == "AWS::Organizations::Policy"
        assert regions["DeletionPolicy"] == "Retain"
        assert regions["Properties"]["Content"] == json.loads(STRICTER)
        assert regions["Properties"]["TargetIds"] == ["ou-ab12-work0001"]
        assert resources["DenyUsersPolicy"]["Properties"]["TargetIds"] == ["ou-ab12-prod0001"]

    def test_imports_what_exists_by_its_id(self, handed_out):
        found = json.loads(files_of(handed_out())["cloudformation/resources-to-import.json"])
        assert {one["ResourceIdentifier"]["Id"] for one in found} == {"p-regio001", "p-insta001"}

    def test_refers_to_a_new_unit_and_says_what_it_cannot_do(self):
        operations = [
            {
                "kind": "create_organizational_unit",
                "target_id": "new-2",
                "name": "Lab",
                "parent_id": "r-ab12",
            },
            OPERATIONS[1],
            {"kind": "attach_policy", "policy_id": "new-1", "target_id": "new-2"},
            {"kind": "disable_policy_type", "policy_type": "TAG_POLICY"},
        ]
        result = result_of(CollectedBefore(root_id="r-ab12"), operations)
        text = cloudformation_text(result, heading="x")
        assert text.startswith("# Disable the policy type TAG_POLICY")
        policy = yaml.safe_load(text)["Resources"]["DenyUsersPolicy"]
        assert policy["Properties"]["TargetIds"] == [{"Ref": "LabUnit"}]
        assert resources_to_import(result) == []


def test_names_that_would_collide_get_numbers():
    found = unique_names([("a", "Deny.json"), ("b", "deny.json"), ("c", "x")], joined_by="-")
    assert found == {"a": "Deny.json", "b": "deny-2.json", "c": "x"}
