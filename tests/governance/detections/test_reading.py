"""A rule's file is refused with line and suggestion, whatever is wrong in it."""

import pytest

from governance.detections.rules.files import detection_rule_file
from governance.detections.rules.reading import DetectionRuleInvalid, read_detection_rule
from governance.detections.rules.shipped import shipped_rules

GOOD = """\
id: trail-stopped
title: Trail stopped
why: Nothing is recorded.
topic: logging
severity: critical
events:
  - source: cloudtrail.amazonaws.com
    names: [StopLogging]
when: [outside_expected_networks]
subject: {kind: resource, fields: [requestParameters.name]}
remedy: Start it.
"""


def test_a_short_file_is_enough():
    rule = read_detection_rule(GOOD.encode())
    assert list(rule.event_pairs()) == [("cloudtrail.amazonaws.com", "StopLogging")]
    assert (rule.window_hours, rule.at_least) == (24, 1)


@pytest.mark.parametrize(
    ("was", "becomes", "line", "path", "message"),
    [
        ("topic: logging", "topik: logging", 4, "topik", "did you mean topic?"),
        ("critical", "critcal", 5, "severity", "did you mean critical?"),
        ("StopLogging", "StopLoging", 8, "events.0.names.0", "did you mean StopLogging?"),
        ("cloudtrail.amaz", "cloudtrial.amaz", 7, "events.0.source", "did you mean cloudtrail"),
        ("outside_expected", "outside_expekted", 9, "when.0", "did you mean outside_expected_netw"),
        ("kind: resource", "kind: resorce", 10, "subject.kind", "did you mean resource?"),
        ("requestParameters", "requestParams", 10, "subject.fields.0", "did you mean request"),
        ("events:", "usage: {actions: ['s3:GetObject']}\nevents:", 1, "", "give one of events"),
        ("remedy: Start it.", "remedy: Start it.\nat_least: 0", 12, "at_least", "from 1 to"),
        (
            "when: [outside_expected_networks]",
            "when: [{account_in_environment: [prodction]}]",
            9,
            "when.0.account_in_environment.0",
            "did you mean production?",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(was, becomes, line, path, message):
    assert was in GOOD
    with pytest.raises(DetectionRuleInvalid) as raised:
        read_detection_rule(GOOD.replace(was, becomes).encode(), file="trail-stopped.yaml")
    found = [one for one in raised.value.problems if message in one.message]
    assert [(one.line, one.path) for one in found] == [(line, path)]
    assert "trail-stopped.yaml" in str(raised.value)


def test_every_shipped_rule_survives_its_file():
    for rule in shipped_rules().values():
        assert read_detection_rule(detection_rule_file(rule).encode()) == rule
