"""AWS Config in a region: what is recorded, where it is delivered, what is aggregated."""

from collections.abc import Iterator, Mapping
from typing import Any

from inventory.aws.client import AwsAnswer, AwsClient
from inventory.collectors.collector import Action, Collector, Scope, alone
from inventory.collectors.service_reading import rows_of
from inventory.records import ServiceConfigurationRecord
from inventory.service_facts import CONFIG_AGGREGATOR, CONFIG_DELIVERY_CHANNEL, CONFIG_RECORDER


def collect_config_recorders(config: AwsClient) -> Iterator[ServiceConfigurationRecord]:
    """Yield the region's recorders and delivery channels: two calls, one more for each there is.

    AWS: config:DescribeConfigurationRecorderStatus, DescribeConfigurationRecorders,
    DescribeDeliveryChannels, DescribeDeliveryChannelStatus.
    """
    statuses = {
        each["name"]: each
        for each in config.call("describe_configuration_recorder_status")[
            "ConfigurationRecordersStatus"
        ]
    }
    if statuses:
        recorders = config.call("describe_configuration_recorders")["ConfigurationRecorders"]
        for recorder in recorders:
            # One that was made between the two calls has no status yet: the next run reads it.
            if recorder["name"] in statuses:
                yield _recorder(config.region, recorder, statuses[recorder["name"]])
    channels = config.call("describe_delivery_channels")["DeliveryChannels"]
    if channels:
        delivered = {
            each["name"]: each
            for each in config.call("describe_delivery_channel_status")["DeliveryChannelsStatus"]
        }
        for channel in channels:
            yield _channel(config.region, channel, delivered.get(channel["name"]))


def _recorder(region: str, recorder: AwsAnswer, status: AwsAnswer) -> ServiceConfigurationRecord:
    group = recorder.get("recordingGroup") or {}
    excluded = group.get("exclusionByResourceTypes") or {}
    return CONFIG_RECORDER.record(
        {
            "recording": status["recording"],
            "last_status": str(status.get("lastStatus") or "").upper(),
            "last_error": status.get("lastErrorCode") or "",
            "all_supported": bool(group.get("allSupported")),
            "global_resource_types": bool(group.get("includeGlobalResourceTypes")),
            "resource_types": sorted(group.get("resourceTypes") or []),
            "excluded_resource_types": sorted(excluded.get("resourceTypes") or []),
            "frequency": (recorder.get("recordingMode") or {}).get("recordingFrequency") or "",
            "role_arn": recorder.get("roleARN") or "",
            "service_principal": recorder.get("servicePrincipal") or "",
        },
        region=region,
        name=recorder["name"],
        arn=recorder.get("arn") or "",
    )


def _channel(
    region: str, channel: AwsAnswer, status: AwsAnswer | None
) -> ServiceConfigurationRecord:
    history: Mapping[str, Any] = {}
    if status is not None:
        history = status.get("configHistoryDeliveryInfo") or {}
    return CONFIG_DELIVERY_CHANNEL.record(
        {
            "bucket": channel["s3BucketName"],
            "key_prefix": channel.get("s3KeyPrefix") or "",
            "kms_key_arn": channel.get("s3KmsKeyArn") or "",
            "topic_arn": channel.get("snsTopicARN") or "",
            "last_status": str(history.get("lastStatus") or "").upper(),
            "last_error": history.get("lastErrorCode") or "",
        },
        region=region,
        name=channel["name"],
    )


def collect_config_aggregators(config: AwsClient) -> Iterator[ServiceConfigurationRecord]:
    """Yield the region's aggregators.

    AWS: config:DescribeConfigurationAggregators.
    """
    for each in config.paginate(
        "describe_configuration_aggregators", "ConfigurationAggregators", Limit=100
    ):
        whole = each.get("OrganizationAggregationSource") or {}
        accounts = each.get("AccountAggregationSources") or []
        sources = [whole, *accounts] if whole else accounts
        yield CONFIG_AGGREGATOR.record(
            {
                "organization": bool(whole),
                "all_regions": any(source.get("AllAwsRegions") for source in sources),
                "regions": sorted(
                    {region for source in sources for region in source.get("AwsRegions") or []}
                ),
                "account_ids": sorted(
                    {account for source in accounts for account in source["AccountIds"]}
                ),
            },
            region=config.region,
            name=each["ConfigurationAggregatorName"],
            arn=each["ConfigurationAggregatorArn"],
        )


COLLECTORS = (
    Collector(
        name=CONFIG_RECORDER.collector,
        label="Config recorders and delivery channels",
        scope=Scope.REGIONAL,
        service="config",
        actions=(
            Action("config:DescribeConfigurationRecorders", "what Config records"),
            Action("config:DescribeConfigurationRecorderStatus", "whether Config records"),
            Action("config:DescribeDeliveryChannels", "where Config delivers"),
            Action("config:DescribeDeliveryChannelStatus", "whether Config delivers"),
        ),
        read=alone(collect_config_recorders),
        covers=rows_of(CONFIG_RECORDER, CONFIG_DELIVERY_CHANNEL),
    ),
    Collector(
        name=CONFIG_AGGREGATOR.collector,
        label="Config aggregators",
        scope=Scope.REGIONAL,
        service="config",
        actions=(
            Action(
                "config:DescribeConfigurationAggregators",
                "whose Config data is aggregated",
                given={"Limit": 1},
            ),
        ),
        read=alone(collect_config_aggregators),
        covers=rows_of(CONFIG_AGGREGATOR),
    ),
)
