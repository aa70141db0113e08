"""CloudTrail's trails of an account: where they deliver, what they log, whether they do."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.aws.errors import AwsReadDenied
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.listed import read_listed
from inventory.collectors.service_reading import FactReader, raise_denied, rows_of
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import TRAIL

_STATUS_FACTS: Final = ("logging", "delivery_error", "digest_error", "log_group_error")
_SELECTOR_FACTS: Final = (
    "management_events",
    "excluded_sources",
    "data_events",
    "partial_data_events",
)
_READ_WRITE: Final = {"All": ("read", "write"), "ReadOnly": ("read",), "WriteOnly": ("write",)}
# Fields of an advanced selector that do not narrow which management events are logged.
_WIDE_FIELDS: Final = frozenset({"eventCategory", "readOnly", "eventSource"})
_DATA_FIELDS: Final = frozenset({"eventCategory", "resources.type"})
# The values of a basic selector's data resources that stand for all of an account.
_ALL_RESOURCES: Final = frozenset({"arn:aws:s3", "arn:aws:lambda", "arn:aws:dynamodb"})


def collect_trails(cloudtrail: AwsClient) -> Iterator[ServiceConfigurationRecord]:
    """Yield each trail that logs the account: its own in every region, and the organization's.

    Two calls, one more for each region that alone has trails of that region, and two a trail.
    AWS: cloudtrail:DescribeTrails, ListTrails, GetTrailStatus, GetEventSelectors.
    :raises AwsInconsistent: a trail is listed and not found.
    :raises AwsPartlyDenied: the status or selectors of some trails could not be read.
    """
    denied: dict[str, AwsReadDenied] = {}

    def read(trail: AwsAnswer) -> list[ServiceConfigurationRecord]:
        there = cloudtrail.in_region(trail["HomeRegion"])
        return [_trail(there, trail, denied)]

    yield from read_listed(
        lambda: _described(cloudtrail), read, id_of=lambda trail: str(trail["TrailARN"])
    )
    raise_denied(denied)


def _described(cloudtrail: AwsClient) -> list[AwsAnswer]:
    # Shadow trails: those of all regions made elsewhere, and the organization's in its members.
    found = list(cloudtrail.call("describe_trails", includeShadowTrails=True)["trailList"])
    known = {each["TrailARN"] for each in found}
    elsewhere: dict[str, list[str]] = {}
    for each in cloudtrail.paginate("list_trails", "Trails"):
        if each["TrailARN"] not in known:
            elsewhere.setdefault(each["HomeRegion"], []).append(each["TrailARN"])
    for region, arns in sorted(elsewhere.items()):
        there = cloudtrail.in_region(region)
        found += there.call("describe_trails", trailNameList=arns, includeShadowTrails=False)[
            "trailList"
        ]
    return found


def _trail(
    cloudtrail: AwsClient, trail: AwsAnswer, denied: dict[str, AwsReadDenied]
) -> ServiceConfigurationRecord:
    arn: str = trail["TrailARN"]
    reader = FactReader(
        {
            "organization_trail": trail["IsOrganizationTrail"],
            "multi_region": trail["IsMultiRegionTrail"],
            "global_service_events": trail["IncludeGlobalServiceEvents"],
            "log_file_validation": trail["LogFileValidationEnabled"],
            "owner_account_id": arn.split(":")[4],
            "bucket": trail["S3BucketName"],
            "key_prefix": trail.get("S3KeyPrefix") or "",
            "kms_key_id": trail.get("KmsKeyId") or "",
            "log_group_arn": trail.get("CloudWatchLogsLogGroupArn") or "",
        }
    )
    # By ARN: AWS takes the name of an organization's trail from its owner alone.
    reader.read(cloudtrail, _STATUS_FACTS, "get_trail_status", _status, Name=arn)
    reader.read(cloudtrail, _SELECTOR_FACTS, "get_event_selectors", _selected, TrailName=arn)
    if reader.denied is not None:
        denied[trail["Name"]] = reader.denied
    return TRAIL.record(
        reader.facts,
        region=trail["HomeRegion"],
        name=trail["Name"],
        arn=arn,
        unknown=reader.unknown,
    )


def _status(answer: AwsAnswer) -> Mapping[str, Any]:
    return {
        "logging": answer["IsLogging"],
        "delivery_error": answer.get("LatestDeliveryError") or "",
        "digest_error": answer.get("LatestDigestDeliveryError") or "",
        "log_group_error": answer.get("LatestCloudWatchLogsDeliveryError") or "",
    }


def _selected(answer: AwsAnswer) -> Mapping[str, Any]:
    advanced = answer.get("AdvancedEventSelectors") or []
    if advanced:
        return _advanced([_fields(each) for each in advanced])
    kinds: set[str] = set()
    excluded: set[str] = set()
    data: set[str] = set()
    whole: set[str] = set()
    for selector in answer.get("EventSelectors") or []:
        # AWS logs management events where a selector does not say otherwise.
        if selector.get("IncludeManagementEvents", True):
            kinds.update(_READ_WRITE[selector.get("ReadWriteType", "All")])
            excluded.update(selector.get("ExcludeManagementEventSources") or [])
        for each in selector.get("DataResources") or []:
            data.add(each["Type"])
            values = {_partitionless(value) for value in each.get("Values") or []}
            if selector.get("ReadWriteType", "All") == "All" and values & _ALL_RESOURCES:
                whole.add(each["Type"])
    return _selection(kinds, excluded, data, whole, narrowed=False)


def _partitionless(value: str) -> str:
    """Return `arn:aws:s3` for all objects of any partition; with `:::` and `/` as well."""
    parts = value.rstrip("/:").split(":")
    return ":".join(["arn", "aws", *parts[2:]])


def _fields(selector: AwsAnswer) -> dict[str, AwsAnswer]:
    return {each["Field"]: each for each in selector["FieldSelectors"]}


def _advanced(selectors: Sequence[Mapping[str, AwsAnswer]]) -> Mapping[str, Any]:
    kinds: set[str] = set()
    excluded: set[str] = set()
    data: set[str] = set()
    whole: set[str] = set()
    narrowed = False
    for fields in selectors:
        category = (fields["eventCategory"].get("Equals") or [""])[0]
        if category == "Management":
            source: Mapping[str, Any] = fields.get("eventSource") or {}
            if set(fields) - _WIDE_FIELDS or set(source) - {"Field", "NotEquals"}:
                narrowed = True
                continue
            kinds.update(_kinds_of(fields.get("readOnly")))
            excluded.update(source.get("NotEquals") or [])
        elif category == "Data":
            types: Mapping[str, Any] = fields.get("resources.type") or {}
            data.update(types.get("Equals") or [])
            if not set(fields) - _DATA_FIELDS:
                whole.update(types.get("Equals") or [])
    return _selection(kinds, excluded, data, whole, narrowed=narrowed)


def _kinds_of(read_only: AwsAnswer | None) -> Iterable[str]:
    said = [] if read_only is None else read_only.get("Equals") or []
    values = {str(each).lower() for each in said}
    if not values:
        return ("read", "write")
    return [kind for kind, value in (("read", "true"), ("write", "false")) if value in values]


def _selection(
    kinds: set[str], excluded: set[str], data: set[str], whole: set[str], *, narrowed: bool
) -> Mapping[str, Any]:
    management = "none"
    if kinds:
        management = "all" if len(kinds) > 1 else kinds.pop()
    elif narrowed:
        management = "some"
    return {
        "management_events": management,
        "excluded_sources": sorted(excluded),
        "data_events": sorted(data),
        "partial_data_events": sorted(data - whole),
    }


COLLECTORS = (
    Collector(
        name=TRAIL.collector,
        label="CloudTrail trails",
        scope=Scope.GLOBAL,
        service="cloudtrail",
        actions=(
            Action("cloudtrail:ListTrails", "trails of every region"),
            Action(
                "cloudtrail:DescribeTrails",
                "where each trail delivers and what protects its logs",
                finds={
                    "trail_arn": ("trailList", 0, "TrailARN"),
                    "trail_region": ("trailList", 0, "HomeRegion"),
                },
            ),
            Action(
                "cloudtrail:GetTrailStatus",
                "whether each trail logs and delivers",
                given={"Name": "{trail_arn}"},
                region="{trail_region}",
            ),
            Action(
                "cloudtrail:GetEventSelectors",
                "which events each trail logs",
                given={"TrailName": "{trail_arn}"},
                region="{trail_region}",
            ),
        ),
        read=alone(collect_trails),
        covers=rows_of(TRAIL),
    ),
)
