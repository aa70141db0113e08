"""Each shipped rule finds the events it is for and no others; the cases are data."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from governance.access.owners.environments import Environment
from governance.detections.facts import OrganizationFacts
from governance.detections.matching import RuleIndex
from governance.detections.occurrences import Occurrence
from governance.detections.predicates import implemented
from governance.detections.rules.predicate_names import PREDICATES
from governance.detections.rules.shipped import shipped_rules
from inventory.cloudtrail.events import CloudTrailEvent, SessionContext, UserIdentity
from inventory.logs.kept_events import is_kept
from policies.trust import TrustOrganization

MANAGEMENT, PAYMENTS, WEBSITE = "111111111111", "222222222222", "222222222223"
LOG_ARCHIVE = "333333333333"
MEMBERS = frozenset({MANAGEMENT, PAYMENTS, WEBSITE, LOG_ARCHIVE})
RULES = shipped_rules()
CASES = json.loads(Path(__file__).with_name("rule_cases.json").read_text("utf-8"))
AT = datetime(2026, 1, 20, 12, tzinfo=UTC)
ROLES = {
    "break_glass_roles": ("arn:aws:iam::*:role/BreakGlass*",),
    "audit_roles": ("arn:aws:iam::*:role/OrgwardenAudit",),
    "platform_roles": ("arn:aws:iam::*:role/AWSControlTowerExecution",),
    "expected_networks": ("203.0.113.0/24",),
}


class FixedFacts(OrganizationFacts):
    """The facts that cases are judged by, without a database."""

    organization_id = "o-example123"
    members = MEMBERS
    own_caller_accounts: frozenset[str] = frozenset()
    core_accounts = {"log_archive": LOG_ARCHIVE}
    parameters: Any = SimpleNamespace(values=ROLES)
    trust_organization = TrustOrganization(
        "o-example123", MANAGEMENT, dict.fromkeys(MEMBERS, "o-example123/r-ab12/")
    )
    labels: Any = SimpleNamespace(
        environment=lambda account_id: SimpleNamespace(
            value=Environment.PRODUCTION if account_id == PAYMENTS else Environment.SANDBOX
        )
    )

    def __init__(self, case):
        self.case = case
        own: Any = SimpleNamespace(explains=lambda **_: case.get("explained", False))
        self.own_writes = own
        self.own_roles = lambda arn: ":role/Orgwarden" in arn

    def policy_type(self, policy_id):
        return {"p-scp11111": "SERVICE_CONTROL_POLICY"}.get(policy_id, "")

    def is_learning(self, day):
        return self.case.get("learning", False)

    def pair_since(self, from_account, to_account):
        return date.fromisoformat(self.case["pair_since"]) if "pair_since" in self.case else None

    def was_assumed_across(self, role_arn, day):
        return self.case.get("chained", False)


def occurrence_of(case):
    principal = case.get("principal", f"arn:aws:iam::{MANAGEMENT}:role/Admin")
    if "action" in case:
        content = {"account_id": PAYMENTS, "resource": "*", "region": "", **case}
        return Occurrence(
            "usage:1", AT, AT, PAYMENTS, "", "", case["action"], principal, content, 1
        )
    return Occurrence(
        "e-1",
        AT,
        AT,
        case.get("account", MANAGEMENT),
        "us-east-1",
        case["source"],
        case["name"],
        principal,
        {"userIdentity": {"type": "AssumedRole"}, "sourceIPAddress": "203.0.113.9", **case},
    )


def tripped(case):
    index, facts, occurrence = RuleIndex(RULES.values()), FixedFacts(case), occurrence_of(case)
    if "usage" in case:
        return {one.rule.id for one in index.of_usage(occurrence, facts)}
    if "denial" in case:
        return {one.rule.id for one in index.of_denial(occurrence, facts)}
    return {one.rule.id for one in index.of_event(occurrence, facts)}


def test_there_are_thirty_rules_and_more_each_with_cases():
    assert len(RULES) >= 30
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize(
    ("rule_id", "case"),
    [(rule_id, case) for rule_id, cases in CASES.items() for case in cases["match"]],
)
def test_a_rule_finds_its_events(rule_id, case):
    assert rule_id in tripped(case)


@pytest.mark.parametrize(
    ("rule_id", "case"),
    [(rule_id, case) for rule_id, cases in CASES.items() for case in cases["other"]],
)
def test_a_rule_leaves_other_events_alone(rule_id, case):
    assert rule_id not in tripped(case)


@pytest.mark.parametrize(
    ("rule_id", "case"),
    [
        (rule_id, case)
        for rule_id, cases in CASES.items()
        for case in cases["match"]
        if "source" in case
    ],
)
def test_the_events_of_a_rule_stay_whole_in_the_logs(rule_id, case):
    event = CloudTrailEvent(
        event_id="e-1",
        event_source=case["source"],
        event_name=case["name"],
        read_only=False,
        user_identity=UserIdentity(kind="AssumedRole", session_context=SessionContext()),
    )
    assert is_kept(event)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_a_rule_says_why_it_matters_and_what_to_do(rule):
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert rule.remedy.endswith(".")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_event_that_a_rule_names_is_kept(rule):
    for source, name in rule.event_pairs():
        assert is_kept(
            CloudTrailEvent(event_id="e-1", event_source=source, event_name=name, read_only=False)
        ), f"{source}:{name}"


def test_every_documented_predicate_can_be_asked():
    assert set(implemented()) == set(PREDICATES)


def test_what_is_unknown_is_named_and_excludes_nothing():
    case = {
        "source": "organizations.amazonaws.com",
        "name": "DeletePolicy",
        "requestParameters": {"policyId": "p-gone0000"},
    }
    index, facts = RuleIndex(RULES.values()), FixedFacts(case)
    found = {one.rule.id: one.unknown for one in index.of_event(occurrence_of(case), facts)}
    assert found["scp-written-outside-change-request"] == ("policy_type",)
    assert found["rcp-written-outside-change-request"] == ("policy_type",)
