"""Every collector, and the roles that are documented for them."""

import re
from pathlib import Path

import pytest
import yaml

from inventory import records
from inventory.collecting.connection_test import PROBES
from inventory.collectors import registry
from inventory.collectors.collector import Scope
from inventory.models import Coverage
from inventory.store.rows import MODELS

ROLES = Path(__file__).resolve().parents[3] / "docs" / "roles"
DOCUMENTED = {Scope.ORGANIZATION: "organization-reader", Scope.ACCOUNT: "audit"}


class CloudFormation(yaml.SafeLoader):
    """Reads CloudFormation's short functions as what they are given."""


CloudFormation.add_multi_constructor("!", lambda loader, suffix, node: node.value)


def template(scope):
    text = (ROLES / f"{DOCUMENTED[scope]}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=CloudFormation)  # noqa: S506


class TestRegistry:
    def test_names_each_collector_once_and_short_enough(self):
        names = [collector.name for collector in registry.COLLECTORS]
        assert len(set(names)) == len(names)
        assert max(map(len, names)) <= (Coverage._meta.get_field("collector").max_length or 0)

    def test_covers_every_kind_of_record_the_store_keeps(self):
        covered = {each.record for one in registry.COLLECTORS for each in one.covers}
        in_place = {records.PrincipalActivityRecord, records.EffectivePolicyAskingRecord}
        assert covered == {*MODELS, *in_place}

    def test_has_a_cheap_call_for_each_action(self):
        needed = {*registry.actions(Scope.ORGANIZATION), *registry.actions(Scope.ACCOUNT)}
        assert needed == set(PROBES)


@pytest.mark.parametrize("scope", list(Scope))
class TestDocumentedRoles:
    def test_allow_in_cloudformation_exactly_what_the_collectors_need(self, scope):
        [policy] = template(scope)["Resources"]["Role"]["Properties"]["Policies"]
        [statement] = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == list(registry.actions(scope))

    def test_trust_in_cloudformation_only_with_the_external_id(self, scope):
        properties = template(scope)["Resources"]["Role"]["Properties"]
        [statement] = properties["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Condition"]["StringEquals"]["sts:ExternalId"] == "ExternalId"
        assert statement["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]

    def test_allow_in_terraform_exactly_what_the_collectors_need(self, scope):
        text = (ROLES / "terraform" / DOCUMENTED[scope] / "main.tf").read_text(encoding="utf-8")
        [listed] = re.findall(r"actions = \[\n(.*?)\]", text, re.DOTALL)
        assert tuple(re.findall(r'"([\w-]+:\w+)"', listed)) == registry.actions(scope)
        assert '"sts:ExternalId"' in text

    def test_are_explained_action_by_action(self, scope):
        text = (ROLES / "README.md").read_text(encoding="utf-8")
        title = "organization reader" if scope == Scope.ORGANIZATION else "audit role"
        section = text.split(f"## What the {title} may do")[1].split("\n## ")[0]
        listed = re.findall(r"`((?:organizations|iam|tag):\w+)`", section)
        assert sorted(listed) == list(registry.actions(scope))

    def test_have_the_name_that_errors_and_connections_expect(self, scope):
        default = template(scope)["Parameters"]["RoleName"]["Default"]
        expected = {
            Scope.ORGANIZATION: "OrgwardenOrganizationReader",
            Scope.ACCOUNT: "OrgwardenAudit",
        }
        assert default == expected[scope]
