"""The Control Catalog, read from answers as it gives them."""

import pytest

from inventory.aws.errors import AwsCallsUsedUp, AwsReadFailed
from inventory.collectors.control_catalog import collect_catalog_controls
from inventory.service_facts import CATALOG_CONTROL, ENABLED_CONTROL
from tests.inventory.collectors.service_stubs import earlier, read_partly
from tests.inventory.stubs import stubbed

CONTROL = "arn:aws:controltower:us-east-1::control/AWS-GR_ENCRYPTED_VOLUMES"
IN_CATALOG = "arn:aws:controlcatalog:::control/503uicglhjkokaajywfpt6ros"


@pytest.fixture
def controlcatalog():
    with stubbed("controlcatalog") as aws:
        yield aws


def with_controls(*arns, kept=(), calls=100):
    enabled = tuple(
        ENABLED_CONTROL.record({"control": arn}, name=f"enabled-{number}")
        for number, arn in enumerate(arns)
    )
    return earlier({ENABLED_CONTROL.collector: enabled}, kept, calls=calls)


def has(aws):
    aws.answers(
        "get_control",
        {
            "Arn": IN_CATALOG,
            "Aliases": ["AWS-GR_ENCRYPTED_VOLUMES"],
            "Name": "Detect unencrypted volumes",
            "Description": "Volumes that are attached to instances.",
            "Behavior": "DETECTIVE",
            "Severity": "MEDIUM",
            "RegionConfiguration": {"Scope": "REGIONAL"},
            "Implementation": {"Type": "AWS::Config::ConfigRule", "Identifier": "VOLUMES"},
            "GovernedResources": ["AWS::EC2::Volume"],
        },
        ControlArn=CONTROL,
    )
    mapping = {"Framework": {"Name": "NIST-SP-800-53-r5", "Item": "SC-28"}}
    aws.answers(
        "list_control_mappings",
        {
            "ControlMappings": [
                {"ControlArn": IN_CATALOG, "MappingType": "FRAMEWORK", "Mapping": mapping}
            ]
        },
        Filter={"ControlArns": [IN_CATALOG], "MappingTypes": ["FRAMEWORK"]},
    )


def known(read_on):
    return CATALOG_CONTROL.record({"title": "before", "read_on": read_on}, name=CONTROL)


def test_yields_severity_behaviour_and_frameworks_once_for_all_targets(controlcatalog):
    has(controlcatalog)
    [found] = collect_catalog_controls(controlcatalog.client, with_controls(CONTROL, CONTROL))
    assert (found.name, found.arn) == (CONTROL, IN_CATALOG)
    assert (found.facts["severity"], found.facts["behavior"]) == ("MEDIUM", "DETECTIVE")
    assert found.facts["implementation"] == "AWS::Config::ConfigRule"
    assert found.facts["frameworks"] == [{"name": "NIST-SP-800-53-r5", "item": "SC-28"}]
    assert found.facts["read_on"] == "2026-11-01"


def test_takes_over_what_was_read_less_than_a_month_ago(controlcatalog):
    before = known("2026-10-20")
    found = collect_catalog_controls(controlcatalog.client, with_controls(CONTROL, kept=[before]))
    assert list(found) == [before]


def test_reads_again_what_is_a_month_old(controlcatalog):
    has(controlcatalog)
    [found] = collect_catalog_controls(
        controlcatalog.client, with_controls(CONTROL, kept=[known("2026-09-01")])
    )
    assert found.facts["title"] == "Detect unencrypted volumes"


def test_leaves_out_a_control_that_the_catalogue_does_not_have(controlcatalog):
    controlcatalog.refuses("get_control", "ResourceNotFoundException")
    assert list(collect_catalog_controls(controlcatalog.client, with_controls(CONTROL))) == []


def test_is_incomplete_where_the_calls_do_not_suffice(controlcatalog):
    assert (
        read_partly(
            AwsCallsUsedUp,
            collect_catalog_controls(controlcatalog.client, with_controls(CONTROL, calls=1)),
        )
        == []
    )


def test_is_no_empty_answer_where_enabled_controls_are_not_known(controlcatalog):
    with pytest.raises(AwsReadFailed, match=r"control_tower\.enabled_controls"):
        list(collect_catalog_controls(controlcatalog.client, earlier()))
