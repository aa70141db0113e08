"""Every collector, and the roles that are documented for them."""

import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
import yaml

from inventory.aws.session import acting_client
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import Coverage
from inventory.record_types import RECORD_TYPES
from inventory.store.rows import MODELS

ROLES = Path(__file__).resolve().parents[3] / "docs" / "roles"
# IAM's name of an action is not always the name of the API's operation.
RENAMED = {
    *("s3:ListAllMyBuckets", "s3:GetBucketPublicAccessBlock", "s3:GetAccountPublicAccessBlock"),
    *("s3express:ListAllMyDirectoryBuckets", "apigateway:GET"),
}
DOCUMENTED = {Reader.ORGANIZATION: "organization-reader", Reader.ACCOUNT: "audit"}


class CloudFormation(yaml.SafeLoader):
    """Reads CloudFormation's short functions as what they are given."""


CloudFormation.add_multi_constructor("!", lambda loader, suffix, node: node.value)


def template(reader):
    text = (ROLES / f"{DOCUMENTED[reader]}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=CloudFormation)  # noqa: S506


class TestRegistry:
    def test_names_each_collector_once_and_short_enough(self):
        names = [collector.name for collector in registry.COLLECTORS]
        assert len(set(names)) == len(names)
        assert max(map(len, names)) <= (Coverage._meta.get_field("collector").max_length or 0)

    def test_covers_every_kind_of_record_the_store_keeps(self):
        covered = {each.record for one in registry.COLLECTORS for each in one.covers}
        kept = {kind for kind, each in RECORD_TYPES.items() if each.table}
        assert covered == kept

    def test_tries_each_action_by_a_call_that_needs_it(self):
        calls = {}
        for name, (service, action) in registry.needed_actions(registry.COLLECTORS).items():
            client = acting_client(service, region="us-east-1")
            calls[name] = client.meta.method_to_api_mapping[action.method]
        assert {name for name, call in calls.items() if name.partition(":")[2] != call} <= RENAMED

    def test_runs_each_collector_after_those_it_reads_by(self):
        places = {each.name: place for place, each in enumerate(registry.COLLECTORS)}
        assert all(
            places[name] < places[each.name] for each in registry.COLLECTORS for name in each.after
        )

    def test_refuses_a_collector_that_reads_by_one_that_is_not_there(self):
        lost = replace(registry.COLLECTORS[0], after=("organizations.nothing",))
        with pytest.raises(LookupError, match="nothing"):
            list(registry.in_order([lost]))


class TestRecordTypes:
    def test_declare_a_model_and_its_natural_key(self):
        for kind, model in MODELS.items():
            assert model.natural_key == RECORD_TYPES[kind].identity
            assert model.__name__ == RECORD_TYPES[kind].table

    def test_name_only_columns_that_the_table_has(self):
        for kind, model in MODELS.items():
            columns = {each.name for each in model._meta.concrete_fields}
            assert {each.name for each in fields(kind)} <= columns


@pytest.mark.parametrize("reader", list(Reader))
class TestDocumentedRoles:
    def test_allow_in_cloudformation_exactly_what_the_collectors_need(self, reader):
        [policy] = template(reader)["Resources"]["Role"]["Properties"]["Policies"]
        [statement] = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == list(registry.actions(reader))

    def test_trust_in_cloudformation_only_with_the_external_id(self, reader):
        properties = template(reader)["Resources"]["Role"]["Properties"]
        [statement] = properties["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Condition"]["StringEquals"]["sts:ExternalId"] == "ExternalId"
        assert statement["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]

    def test_allow_in_terraform_exactly_what_the_collectors_need(self, reader):
        text = (ROLES / "terraform" / DOCUMENTED[reader] / "main.tf").read_text(encoding="utf-8")
        [listed] = re.findall(r"actions = \[\n(.*?)\]", text, re.DOTALL)
        assert tuple(re.findall(r'"([\w-]+:\w+)"', listed)) == registry.actions(reader)
        assert '"sts:ExternalId"' in text

    def test_have_the_name_that_errors_and_connections_expect(self, reader):
        default = template(reader)["Parameters"]["RoleName"]["Default"]
        expected = {
            Reader.ORGANIZATION: "OrgwardenOrganizationReader",
            Reader.ACCOUNT: "OrgwardenAudit",
        }
        assert default == expected[reader]
