"""Templates give policies that AWS accepts, filled in or refused by parameter."""

import json
from datetime import UTC, datetime

import pytest

from governance.access.actors import user_actor
from governance.changes.proposals.simulations import proposal_of_simulation
from governance.changes.proposals.templates import (
    NoSuchTemplate,
    ParameterKind,
    TemplateInvalid,
    proposal_of_template,
    template_of,
    templates,
)
from governance.edits.operations import Operation, OperationKind, read_operations
from governance.simulations.services import simulation_create
from policies import PolicyType, parse_policy
from policies.lint import LintSeverity, lint_policy
from tests.factories.people import person

FILLED = {
    ParameterKind.REGIONS: ["eu-central-1", "eu-west-1"],
    ParameterKind.ACTIONS: ["s3:*"],
    ParameterKind.ROLE_ARNS: ["arn:aws:iam::*:role/Deployment"],
    ParameterKind.ORGANIZATION_ID: ["o-exampleorg1"],
    ParameterKind.ACCOUNT_IDS: ["999999999999"],
    ParameterKind.SERVICES: ["ec2.amazonaws.com"],
}
BY_ID = {one.template_id: one for one in templates()}


def filled(template, *, all_of_them):
    return {
        each.name: FILLED[each.kind]
        for each in template.parameters
        if all_of_them or (each.required and not each.default)
    }


@pytest.mark.parametrize("template_id", BY_ID)
@pytest.mark.parametrize("all_of_them", [True, False])
def test_every_template_gives_a_policy_that_aws_accepts(template_id, all_of_them):
    template = BY_ID[template_id]
    text = template.text(filled(template, all_of_them=all_of_them))
    kind = PolicyType(template.policy_type)
    assert parse_policy(text, kind).diagnostics == ()
    found = lint_policy(text, kind).findings
    assert [one.message for one in found if one.severity is LintSeverity.ERROR] == []
    assert "$" not in text


def test_a_region_lock_denies_other_regions_and_no_global_service():
    text = BY_ID["deny-regions"].text({"regions": ["eu-central-1"]})
    found = lint_policy(text, PolicyType.SERVICE_CONTROL_POLICY).findings
    assert [one for one in found if one.code == "region_lock_hits_global_service"] == []
    (statement,) = json.loads(text)["Statement"]
    assert statement["Condition"] == {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}}


def test_actions_left_to_the_root_user_are_not_denied():
    template = BY_ID["deny-root-user"]
    assert json.loads(template.text({}))["Statement"][0]["Action"] == "*"
    (statement,) = json.loads(template.text({"left_actions": ["s3:PutBucketPolicy"]}))["Statement"]
    assert statement["NotAction"] == "s3:PutBucketPolicy"
    assert "Action" not in statement


class TestProposals:
    def test_create_and_attach_the_policy(self):
        found = proposal_of_template(
            BY_ID["deny-leaving"], {}, target_ids=["r-ab12", "ou-ab12-prod0001"], name="stay"
        )
        operations = read_operations(list(found.operations))
        assert [one.kind.value for one in operations] == [
            "create_policy",
            "attach_policy",
            "attach_policy",
        ]
        assert operations[0].name == "stay"
        assert found.texts["title"] == "Deny leaving the organization"

    def test_are_refused_by_parameter(self):
        with pytest.raises(TemplateInvalid) as refused:
            proposal_of_template(
                BY_ID["deny-regions"],
                {"regions": ["Frankfurt"], "exempt_roles": "*", "colour": "red"},
                target_ids=[],
            )
        assert set(refused.value.errors) == {"regions", "exempt_roles", "colour", "targets"}
        assert "such as eu-central-1" in refused.value.errors["regions"]

    def test_of_no_template_are_refused(self):
        with pytest.raises(NoSuchTemplate):
            template_of("nothing")


@pytest.mark.django_db
def test_a_simulation_becomes_a_proposal_of_its_operations(snapshot):
    somebody = person("author")
    operation = Operation(
        OperationKind.DETACH_POLICY, policy_id="p-regio001", target_id="ou-ab12-work0001"
    )
    draft = simulation_create(
        actor=user_actor(somebody),
        connection=snapshot.connection,
        name="Without regions",
        operations=[operation],
        as_of=None,
        now=datetime(2026, 11, 24, tzinfo=UTC),
    )
    found = proposal_of_simulation(draft)
    assert found.as_json() == {
        "title": "Without regions",
        "operations": [operation.as_json()],
        "rings": [],
    }
