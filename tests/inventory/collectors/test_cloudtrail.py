"""CloudTrail's trails, read from answers as CloudTrail gives them."""

import pytest

from inventory.aws.errors import AwsInconsistent, AwsPartlyDenied, AwsReadDenied
from inventory.collectors.cloudtrail import collect_trails
from tests.inventory.collectors.service_stubs import ACCOUNT, read_partly
from tests.inventory.stubs import stubbed

MANAGEMENT = "111111111111"
ORGANIZATION_TRAIL = f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/everything"


@pytest.fixture
def cloudtrail():
    with stubbed("cloudtrail") as aws:
        yield aws


def trail(arn=ORGANIZATION_TRAIL, **more):
    return {
        "Name": arn.rpartition("/")[2],
        "TrailARN": arn,
        "HomeRegion": arn.split(":")[3],
        "S3BucketName": "logs",
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": True,
        "LogFileValidationEnabled": True,
        "IsOrganizationTrail": True,
        **more,
    }


def lists(aws, *trails, elsewhere=()):
    aws.answers("describe_trails", {"trailList": list(trails)}, includeShadowTrails=True)
    aws.answers("list_trails", {"Trails": list(elsewhere)})


def details(aws, *, status=None, selectors=None):
    aws.answers("get_trail_status", status or {"IsLogging": True})
    aws.answers("get_event_selectors", selectors or {"EventSelectors": []})


def test_yields_the_organizations_trail_in_an_account_that_it_logs(cloudtrail):
    lists(cloudtrail, trail(KmsKeyId="arn:aws:kms:us-east-1:111111111111:key/k"))
    cloudtrail.answers(
        "get_trail_status",
        {"IsLogging": False, "LatestDeliveryError": "AccessDenied"},
        Name=ORGANIZATION_TRAIL,
    )
    cloudtrail.answers(
        "get_event_selectors",
        {"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]},
        TrailName=ORGANIZATION_TRAIL,
    )
    [found] = collect_trails(cloudtrail.client)
    assert (found.service, found.kind, found.name) == ("cloudtrail", "trail", "everything")
    assert found.facts["owner_account_id"] == MANAGEMENT
    assert found.facts["organization_trail"] is True
    assert found.facts["logging"] is False
    assert found.facts["delivery_error"] == "AccessDenied"
    assert found.facts["management_events"] == "write"


def test_reads_trails_of_other_regions_there(cloudtrail):
    arn = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/local"
    listed = {"TrailARN": arn, "Name": "local", "HomeRegion": "eu-west-1"}
    with stubbed("cloudtrail", region="eu-west-1") as ireland:
        lists(cloudtrail, elsewhere=[listed])
        ireland.answers(
            "describe_trails",
            {"trailList": [trail(arn, IsMultiRegionTrail=False, IsOrganizationTrail=False)]},
            trailNameList=[arn],
            includeShadowTrails=False,
        )
        details(ireland)
        [found] = collect_trails(cloudtrail.client)
    assert (found.region, found.facts["multi_region"]) == ("eu-west-1", False)


def advanced(*fields):
    return {
        "AdvancedEventSelectors": [
            {"FieldSelectors": [{"Field": name, **match} for name, match in each.items()]}
            for each in fields
        ]
    }


def _basic(value, kind="All"):
    resources = [{"Type": "AWS::S3::Object", "Values": [value]}]
    return {"EventSelectors": [{"ReadWriteType": kind, "DataResources": resources}]}


MANAGEMENT_EVENTS = {"eventCategory": {"Equals": ["Management"]}}


@pytest.mark.parametrize(
    ("selectors", "events", "excluded", "data"),
    [
        ({"EventSelectors": []}, "none", [], []),
        (
            {
                "EventSelectors": [
                    {
                        "ReadWriteType": "All",
                        "IncludeManagementEvents": True,
                        "ExcludeManagementEventSources": ["kms.amazonaws.com"],
                        "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}],
                    }
                ]
            },
            "all",
            ["kms.amazonaws.com"],
            ["AWS::S3::Object"],
        ),
        (advanced(MANAGEMENT_EVENTS), "all", [], []),
        (advanced({**MANAGEMENT_EVENTS, "readOnly": {"Equals": ["true"]}}), "read", [], []),
        (
            advanced({**MANAGEMENT_EVENTS, "eventSource": {"NotEquals": ["rds.amazonaws.com"]}}),
            "all",
            ["rds.amazonaws.com"],
            [],
        ),
        # Only some management events: not taken for all of them.
        (
            advanced({**MANAGEMENT_EVENTS, "eventSource": {"Equals": ["kms.amazonaws.com"]}}),
            "some",
            [],
            [],
        ),
        (
            advanced(
                {
                    "eventCategory": {"Equals": ["Data"]},
                    "resources.type": {"Equals": ["AWS::DynamoDB::Table"]},
                }
            ),
            "none",
            [],
            ["AWS::DynamoDB::Table"],
        ),
    ],
)
def test_says_which_events_a_trail_logs(cloudtrail, selectors, events, excluded, data):
    lists(cloudtrail, trail())
    details(cloudtrail, selectors=selectors)
    [found] = collect_trails(cloudtrail.client)
    facts = found.facts
    assert facts["management_events"] == events
    assert (facts["excluded_sources"], facts["data_events"]) == (excluded, data)


DATA = {"eventCategory": {"Equals": ["Data"]}, "resources.type": {"Equals": ["AWS::SQS::Queue"]}}


@pytest.mark.parametrize(
    ("selectors", "partial"),
    [
        (advanced(DATA), []),
        (advanced({**DATA, "readOnly": {"Equals": ["false"]}}), ["AWS::SQS::Queue"]),
        # A second selector that logs all of them makes up for a narrow one.
        (advanced({**DATA, "eventName": {"Equals": ["SendMessage"]}}, DATA), []),
        (_basic("arn:aws:s3"), []),
        (_basic("arn:aws-us-gov:s3:::"), []),
        (_basic("arn:aws:s3:::one-bucket/"), ["AWS::S3::Object"]),
        (_basic("arn:aws:s3", kind="WriteOnly"), ["AWS::S3::Object"]),
    ],
)
def test_says_of_which_types_only_some_data_events_are_logged(cloudtrail, selectors, partial):
    lists(cloudtrail, trail())
    details(cloudtrail, selectors=selectors)
    [found] = collect_trails(cloudtrail.client)
    assert found.facts["partial_data_events"] == partial


def test_notes_a_status_that_may_not_be_read_and_says_so_at_the_end(cloudtrail):
    lists(cloudtrail, trail())
    cloudtrail.refuses("get_trail_status")
    cloudtrail.answers("get_event_selectors", {"EventSelectors": []})
    [found] = read_partly(AwsPartlyDenied, collect_trails(cloudtrail.client))
    assert found.facts["logging"] is None
    assert found.unknown["logging"] == "AccessDeniedException"


def test_is_incomplete_where_a_trail_is_listed_twice_and_not_found(cloudtrail):
    for _ in range(2):
        lists(cloudtrail, trail())
        cloudtrail.refuses("get_trail_status", "TrailNotFoundException")
    with pytest.raises(AwsInconsistent, match="everything"):
        list(collect_trails(cloudtrail.client))


def test_raises_when_trails_may_not_be_listed_instead_of_yielding_none(cloudtrail):
    cloudtrail.refuses("describe_trails")
    with pytest.raises(AwsReadDenied, match="cloudtrail:DescribeTrails"):
        list(collect_trails(cloudtrail.client))
