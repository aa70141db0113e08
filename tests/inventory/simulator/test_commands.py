"""Halt and rollback pasted into a shell: the commands do to AWS what Orgwarden would do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.credentials import ReadOnlyCredentials

from demo.simulator import credentials
from governance.changes.aws_writer import AwsWriteError, AwsWriter
from governance.changes.planning.rollback import steps_back
from governance.changes.planning.steps import AwsCall
from governance.changes.planning.tables import after_steps, resolved
from governance.changes.rollout.commands import commands_of, halt_commands, resume_commands
from governance.changes.rollout.live import read_base
from tests.factories.rollouts import SCP, steps

TEXT = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"gamelift:*","Resource":"*"}]}'
)
TAGS = [
    {"Key": "cost-center", "Value": "Zürich / Halle 7"},
    {"Key": "owner", "Value": "a=b: c@example.com"},
]


@pytest.fixture
def writing(connection):
    account_id = connection.organization_role_arn.split(":")[4]
    connection.apply_role_arn = f"arn:aws:iam::{account_id}:role/{credentials.APPLY_ROLE}"
    connection.save()
    return connection


@pytest.fixture
def api(writing):
    key = credentials.APPLY_WORKER
    identity = ReadOnlyCredentials(key.access_key_id, key.secret_access_key, None)
    return AwsWriter(
        writing, calls=tuple(AwsCall), session_name="orgwarden-test", identity=identity
    )


@pytest.fixture
def shell(tmp_path):
    """Return a function that runs commands in a shell as an administrator, `aws` being a CLI."""
    aws = tmp_path / "aws"
    cli = Path(__file__).with_name("aws_cli.py")
    aws.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{cli}" "$@"\n')
    aws.chmod(0o755)
    environment = {
        **credentials.CONSOLE.environment(),
        "AWS_DEFAULT_REGION": "us-east-1",
        "PATH": f"{os.environ.get('AWS_CLI_IN', tmp_path)}:/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
    }

    def run(commands):
        done = subprocess.run(
            ["/bin/sh", "-eu", "-c", "\n".join(commands)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def policies(console):
    """Return all SCPs with their texts, tags and targets, by name."""
    found = {}
    for page in console.get_paginator("list_policies").paginate(Filter=SCP):
        for one in page["Policies"]:
            targets = console.list_targets_for_policy(PolicyId=one["Id"])["Targets"]
            tags = console.list_tags_for_resource(ResourceId=one["Id"])["Tags"]
            found[one["Name"]] = (
                console.describe_policy(PolicyId=one["Id"])["Policy"]["Content"],
                one.get("Description", ""),
                sorted((tag["Key"], tag["Value"]) for tag in tags),
                sorted(target["TargetId"] for target in targets),
            )
    return found


def units(console, root_id):
    found = console.list_organizational_units_for_parent(ParentId=root_id)
    return sorted(one["Name"] for one in found["OrganizationalUnits"])


def test_the_way_back_of_every_kind_of_call_is_pasted_into_a_shell(
    api, writing, shell, console, settings
):
    settings.CHANGES_PROPAGATION_SECONDS = 0
    root_id = console.list_roots()["Roots"][0]["Id"]
    unit_id = console.list_organizational_units_for_parent(ParentId=root_id)["OrganizationalUnits"][
        0
    ]["Id"]
    made = console.create_policy(
        Name="no-games", Type=SCP, Description="https://example.org/why", Content=TEXT, Tags=TAGS
    )["Policy"]["PolicySummary"]["Id"]
    console.attach_policy(PolicyId=made, TargetId=unit_id)
    kept_id = console.create_policy(
        Name="it's kept; $(id)", Type=SCP, Description="", Content=TEXT, Tags=TAGS[:1]
    )["Policy"]["PolicySummary"]["Id"]
    before, before_units = policies(console), units(console, root_id)

    other = TEXT.replace("gamelift", "chime")
    plan = steps(
        (0, "CreatePolicy", {"PolicyId": "new-1", "Name": "n", "Type": SCP, "Content": other}),
        (1, "AttachPolicy", {"PolicyId": "new-1", "TargetId": unit_id}),
        (1, "DetachPolicy", {"PolicyId": made, "TargetId": unit_id}),
        (1, "DeletePolicy", {"PolicyId": made}),
        (1, "UpdatePolicy", {"PolicyId": kept_id, "Name": "kept more", "Content": other}),
        (1, "TagResource", {"ResourceId": kept_id, "Tags": [{"Key": "new", "Value": "ü"}]}),
        (1, "TagResource", {"ResourceId": kept_id, "Tags": [{"Key": "cost-center", "Value": "1"}]}),
        (1, "UntagResource", {"ResourceId": kept_id, "TagKeys": ["cost-center"]}),
        (
            1,
            "CreateOrganizationalUnit",
            {"OrganizationalUnitId": "new-ou", "ParentId": root_id, "Name": "Néw"},
        ),
    )
    base = read_base(api, plan)
    created: dict[str, str] = {}
    for step in plan:
        given = resolved(step, created)
        given = {"Description": "", **given} if step.call is AwsCall.CREATE_POLICY else given
        answer = api.write(step.call, given).members
        if "Policy" in answer and step.creates:
            created[step.creates] = answer["Policy"]["PolicySummary"]["Id"]
        if "OrganizationalUnit" in answer and step.creates:
            created[step.creates] = answer["OrganizationalUnit"]["Id"]
    assert policies(console) != before
    assert after_steps(base, plan, created)

    shell(commands_of(steps_back(base, plan, created), writing))
    assert policies(console) == before
    assert units(console, root_id) == before_units


def test_halt_stops_a_session_that_is_open_and_resume_lets_it_go_on(api, writing, shell):
    assert api.read("ListRoots")["Roots"]
    shell(halt_commands(writing))
    with pytest.raises(AwsWriteError) as refused:
        api.write(AwsCall.DELETE_POLICY, {"PolicyId": "p-examplepolicy"})
    assert refused.value.code == "AccessDeniedException"
    shell(resume_commands(writing))
    with pytest.raises(AwsWriteError) as refused:
        api.write(AwsCall.DELETE_POLICY, {"PolicyId": "p-examplepolicy"})
    assert refused.value.code == "PolicyNotFoundException"
