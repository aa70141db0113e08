"""Access Analyzer's analyzers, read from answers as it gives them."""

from datetime import UTC, datetime

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.access_analyzer import collect_analyzers
from tests.inventory.stubs import stubbed

ARN = "arn:aws:access-analyzer:us-east-1:222222222222:analyzer/"


@pytest.fixture
def accessanalyzer():
    with stubbed("accessanalyzer") as aws:
        yield aws


def analyzer(name, kind, status="ACTIVE", **more):
    return {
        "arn": f"{ARN}{name}",
        "name": name,
        "type": kind,
        "createdAt": datetime(2026, 1, 1, tzinfo=UTC),
        "status": status,
        **more,
    }


def test_tells_analyzers_of_the_organization_and_what_they_look_for(accessanalyzer):
    lost = {"code": "AWS_SERVICE_ACCESS_DISABLED"}
    accessanalyzer.answers(
        "list_analyzers",
        {"analyzers": [analyzer("whole", "ORGANIZATION")], "nextToken": "more"},
        maxResults=100,
    )
    accessanalyzer.answers(
        "list_analyzers",
        {
            "analyzers": [
                analyzer("unused", "ORGANIZATION_UNUSED_ACCESS"),
                analyzer("own", "ACCOUNT", "DISABLED", statusReason=lost),
            ]
        },
        maxResults=100,
        nextToken="more",
    )
    found = list(collect_analyzers(accessanalyzer.client))
    assert [
        (each.name, each.facts["organization"], each.facts["external_access"]) for each in found
    ] == [("whole", True, True), ("unused", True, False), ("own", False, True)]
    assert found[2].facts["status_reason"] == "AWS_SERVICE_ACCESS_DISABLED"


def test_raises_when_they_may_not_be_listed_instead_of_yielding_none(accessanalyzer):
    accessanalyzer.refuses("list_analyzers")
    with pytest.raises(AwsReadDenied, match="access-analyzer:ListAnalyzers"):
        list(collect_analyzers(accessanalyzer.client))
