"""What is deployed in the log archive is what a session that reads logs asks for."""

from pathlib import Path

import pytest

from inventory.logs.session import session_statements
from inventory.models import Connection, LogSource

ROOT = Path(__file__).resolve().parents[2] / "docs" / "roles"


def needed(**more):
    connection = Connection(organization_role_arn="arn:aws:iam::111111111111:role/Reader")
    source = LogSource(
        connection=connection, bucket="logs", prefix="trails", organization_path="o-exampleorg1",
        bucket_region="us-east-1", account_id="222222222222", trail_arn="arn:x",
        kms_key_arn="arn:aws:kms:us-east-1:222222222222:key/1",
        queue_url="https://sqs.eu-west-1.amazonaws.com/222222222222/logs", **more,
    )  # fmt: skip
    return session_statements(source)


def actions(statements):
    found = set()
    for each in statements:
        found |= {each["Action"]} if isinstance(each["Action"], str) else set(each["Action"])
    return found


ATHENA = {
    "kind": LogSource.Kind.ATHENA, "athena_database": "logs", "athena_table": "cloudtrail",
    "athena_workgroup": "orgwarden", "athena_results_bucket": "results",
}  # fmt: skip


@pytest.mark.parametrize("file", ["log-archive.yaml", "terraform/log-archive/main.tf", "README.md"])
@pytest.mark.parametrize("source", [{}, ATHENA], ids=["files", "athena"])
def test_every_action_of_a_session_is_in_the_file(file, source):
    text = (ROOT / file).read_text(encoding="utf-8")
    assert [action for action in sorted(actions(needed(**source))) if action not in text] == []


def test_a_session_may_ask_for_the_keys_of_digest_files():
    assert "cloudtrail:ListPublicKeys" in actions(needed())


def test_a_session_of_athena_asks_one_workgroup_of_one_table():
    asks = [each for each in needed(**ATHENA) if "athena" in str(each["Action"])]
    assert [each["Resource"] for each in asks] == [
        "arn:aws:athena:us-east-1:222222222222:workgroup/orgwarden"
    ]


def test_a_session_reads_one_bucket_and_queue_alone():
    resources = {each["Resource"] for each in needed() if each["Resource"] != "*"}
    assert resources == {
        "arn:aws:s3:::logs",
        "arn:aws:s3:::logs/trails/AWSLogs/o-exampleorg1/*",
        "arn:aws:kms:us-east-1:222222222222:key/1",
        "arn:aws:sqs:eu-west-1:222222222222:logs",
    }
