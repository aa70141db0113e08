"""Which actions CloudTrail's events can tell of."""

import json
from importlib import resources

import pytest

from inventory.cloudtrail.recorded_actions import (
    actions_by_writing,
    actions_of_sources,
    actions_without_operation,
    data_actions,
    unlogged_data_actions,
    unrecorded_actions,
)
from policies.catalogue import load_catalogue


def bit(action):
    return load_catalogue().bits(action)


def test_the_file_holds_every_action_that_no_operation_of_awss_apis_leads_to():
    """`inventory.cloudtrail.recorded_actions.write()` writes it anew."""
    text = resources.files("inventory.cloudtrail").joinpath("unrecorded_actions.json").read_text()
    assert json.loads(text) == actions_without_operation()


@pytest.mark.parametrize("action", ["rds-db:connect", "ssmmessages:OpenDataChannel", "ecs:Poll"])
def test_an_action_without_an_operation_is_not_recorded(action):
    assert bit(action) & unrecorded_actions()


@pytest.mark.parametrize(
    "action", ["iam:PassRole", "s3:GetObjectVersion", "s3:ListAllMyBuckets", "apigateway:GET"]
)
def test_actions_that_events_name_by_other_names_are_recorded(action):
    assert bit(action)
    assert not bit(action) & unrecorded_actions()


def test_every_pattern_of_data_events_matches_an_action():
    text = resources.files("inventory.cloudtrail").joinpath("data_events.json").read_text()
    patterns = [pattern for each in json.loads(text) for pattern in each["actions"]]
    assert [each for each in patterns if not bit(each)] == []
    assert len(patterns) == len(set(patterns))
    assert len(data_actions()) == len(json.loads(text))


def test_data_events_are_logged_only_where_all_their_types_are():
    assert bit("sns:Publish") & unlogged_data_actions(["AWS::SNS::Topic"])
    both = ["AWS::SNS::Topic", "AWS::SNS::PlatformEndpoint"]
    assert not bit("sns:Publish") & unlogged_data_actions(both)
    assert not bit("sns:CreateTopic") & unlogged_data_actions(())


def test_every_action_reads_or_writes():
    reads, writes = actions_by_writing(writes=False), actions_by_writing(writes=True)
    assert (reads & writes, reads | writes) == (0, load_catalogue().all_bits)
    assert bit("s3:CreateBucket") & writes
    assert bit("s3:ListAllMyBuckets") & reads


def test_an_event_source_stands_for_its_services():
    assert actions_of_sources(["monitoring.amazonaws.com"]) == bit("cloudwatch:*")
    assert actions_of_sources(["unheard-of.amazonaws.com"]) == 0
