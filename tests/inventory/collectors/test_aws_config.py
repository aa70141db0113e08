"""Config's recorders, delivery channels and aggregators, read from answers as Config gives them."""

import pytest

from inventory.aws.errors import AwsReadDenied
from inventory.collectors.aws_config import (
    collect_config_aggregators,
    collect_config_recorders,
)
from tests.inventory.stubs import stubbed


@pytest.fixture
def config():
    with stubbed("config") as aws:
        yield aws


def test_yields_recorder_and_channel_with_their_status(config):
    config.answers(
        "describe_configuration_recorder_status",
        {"ConfigurationRecordersStatus": [{"name": "default", "recording": False}]},
    )
    config.answers(
        "describe_configuration_recorders",
        {
            "ConfigurationRecorders": [
                {
                    "name": "default",
                    "roleARN": "arn:aws:iam::222222222222:role/config",
                    "recordingGroup": {
                        "allSupported": False,
                        "exclusionByResourceTypes": {"resourceTypes": ["AWS::EC2::Volume"]},
                    },
                    "recordingMode": {"recordingFrequency": "DAILY"},
                }
            ]
        },
    )
    config.answers(
        "describe_delivery_channels",
        {"DeliveryChannels": [{"name": "default", "s3BucketName": "config-logs"}]},
    )
    config.answers(
        "describe_delivery_channel_status",
        {
            "DeliveryChannelsStatus": [
                {
                    "name": "default",
                    "configHistoryDeliveryInfo": {
                        "lastStatus": "Failure",
                        "lastErrorCode": "AccessDenied",
                    },
                }
            ]
        },
    )
    recorder, channel = collect_config_recorders(config.client)
    assert (recorder.kind, recorder.region, recorder.name) == ("recorder", "us-east-1", "default")
    assert recorder.facts["recording"] is False
    assert recorder.facts["excluded_resource_types"] == ["AWS::EC2::Volume"]
    assert recorder.facts["frequency"] == "DAILY"
    assert (channel.kind, channel.facts["bucket"]) == ("delivery-channel", "config-logs")
    assert (channel.facts["last_status"], channel.facts["last_error"]) == (
        "FAILURE",
        "AccessDenied",
    )


def test_asks_twice_where_there_is_neither(config):
    config.answers("describe_configuration_recorder_status", {"ConfigurationRecordersStatus": []})
    config.answers("describe_delivery_channels", {"DeliveryChannels": []})
    assert list(collect_config_recorders(config.client)) == []
    assert config.log.calls.total() == 2


def test_raises_when_recorders_may_not_be_read_instead_of_yielding_none(config):
    config.refuses("describe_configuration_recorder_status")
    with pytest.raises(AwsReadDenied, match="config:DescribeConfigurationRecorderStatus"):
        list(collect_config_recorders(config.client))


def test_tells_aggregators_of_the_organization_from_those_of_accounts(config):
    arn = "arn:aws:config:us-east-1:222222222222:config-aggregator/"
    config.answers(
        "describe_configuration_aggregators",
        {
            "ConfigurationAggregators": [
                {
                    "ConfigurationAggregatorName": "whole",
                    "ConfigurationAggregatorArn": f"{arn}whole",
                    "OrganizationAggregationSource": {"RoleArn": "role", "AllAwsRegions": True},
                },
                {
                    "ConfigurationAggregatorName": "some",
                    "ConfigurationAggregatorArn": f"{arn}some",
                    "AccountAggregationSources": [
                        {"AccountIds": ["333333333333"], "AwsRegions": ["eu-west-1"]}
                    ],
                },
            ]
        },
        Limit=100,
    )
    whole, some = collect_config_aggregators(config.client)
    assert (whole.facts["organization"], whole.facts["all_regions"]) == (True, True)
    assert (some.facts["organization"], some.facts["all_regions"]) == (False, False)
    assert (some.facts["account_ids"], some.facts["regions"]) == (["333333333333"], ["eu-west-1"])
