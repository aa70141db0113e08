"""Each kind of drift that is not the structure's: seen, closed, back with its history, resolved.

A small organization on the simulator, read by real runs. All of it is changed at once, since the
kinds do not touch each other.
"""

import json
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from demo.simulator import credentials
from demo.simulator.process import running_simulator
from governance.baseline.exceptions.models import GuardrailException
from governance.baseline.exceptions.uses import refresh_uses
from governance.baseline.guardrails.refreshing import refresh_guardrails
from governance.contracts.declaring import contract_declare
from governance.contracts.directory import ContractDirectory
from governance.contracts.models import TrustContract
from governance.contracts.reading import read_terms
from governance.drift.finding import refresh_drift
from governance.drift.ignoring import ignore_rule_end
from governance.drift.models import DriftEvent, DriftItem, IgnoreRule
from governance.drift.resolving import drift_adopt, drift_except, drift_ignore
from governance.posture.trust.refreshing import find_trust, refresh_trust
from inventory.collectors import registry
from inventory.collectors.collector import Reader
from inventory.models import InventoryRun
from inventory.runs import requests
from inventory.selectors.runs import run_coverage
from inventory.viewing import Viewer
from tests.factories.people import person
from tests.governance.changes.drift.test_every_kind import OF_OTHER_SOURCES, set_aside
from tests.governance.drift.conftest import acting
from tests.inventory.conftest import clock, work
from tests.inventory.simulator.conftest import connection

__all__ = ["clock", "connection", "work"]

pytestmark = pytest.mark.simulator

MANAGEMENT, TOOLING, APP, OUTSIDE = "111111111111", "222222222222", "333333333333", "999999999999"
TEAM_CONTROL = "arn:aws:controltower:us-east-1::control/AWS-GR_RESTRICTED_SSH"
STAYS = "accounts-stay-in-the-organization"
KIND = DriftItem.Kind


def trusting(principal):
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
        }
    )


@pytest.fixture(scope="module")
def simulator():
    with running_simulator(Path(__file__).parent / "organization", rate_factor=1000.0) as running:
        yield running


class Console:
    """What somebody does in AWS behind the product's back."""

    def __init__(self, endpoint_url):
        self._session = boto3.Session(region_name="us-east-1")
        self._endpoint_url = endpoint_url
        self.organizations = self._client("organizations")
        self.trails = self._client("cloudtrail")
        self.control_tower = self._client("controltower")
        self.iam = self._client("iam", **self._in_app())
        self.policies = {
            each["Name"]: each["Id"]
            for each in self.organizations.list_policies(Filter="SERVICE_CONTROL_POLICY")[
                "Policies"
            ]
        }
        root = self.organizations.list_roots()["Roots"][0]
        self.root_id = root["Id"]
        units = self.organizations.list_organizational_units_for_parent(ParentId=self.root_id)
        self.team_arn = units["OrganizationalUnits"][0]["Arn"]

    def _client(self, service, **own):
        console = {
            "aws_access_key_id": credentials.CONSOLE.access_key_id,
            "aws_secret_access_key": credentials.CONSOLE.secret_access_key,
        }
        return self._session.client(service, endpoint_url=self._endpoint_url, **(own or console))

    def _in_app(self):
        worker = self._client(
            "sts",
            aws_access_key_id=credentials.WORKER.access_key_id,
            aws_secret_access_key=credentials.WORKER.secret_access_key,
        )
        found = worker.assume_role(RoleArn=f"arn:aws:iam::{APP}:role/Admin", RoleSessionName="test")
        return {
            "aws_access_key_id": found["Credentials"]["AccessKeyId"],
            "aws_secret_access_key": found["Credentials"]["SecretAccessKey"],
            "aws_session_token": found["Credentials"]["SessionToken"],
        }

    def trust(self, role, principal):
        self.iam.update_assume_role_policy(RoleName=role, PolicyDocument=trusting(principal))

    def break_all(self):
        self.trails.stop_logging(Name="organization")
        self.trust("AWSControlTowerExecution", {"AWS": f"arn:aws:iam::{TOOLING}:root"})
        self.trust("Partner", {"AWS": f"arn:aws:iam::{OUTSIDE}:root"})
        self.control_tower.disable_control(
            controlIdentifier=TEAM_CONTROL, targetIdentifier=self.team_arn
        )
        self.organizations.detach_policy(
            PolicyId=self.policies["deny-leave"], TargetId=self.root_id
        )
        self.organizations.update_policy(PolicyId=self.policies["spare"], Description="Changed.")

    def mend_all(self):
        self.trails.start_logging(Name="organization")
        self.trust("AWSControlTowerExecution", {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"})
        self.trust("Partner", {"Service": "ec2.amazonaws.com"})
        self.control_tower.enable_control(
            controlIdentifier=TEAM_CONTROL, targetIdentifier=self.team_arn
        )
        self.organizations.attach_policy(
            PolicyId=self.policies["deny-leave"], TargetId=self.root_id
        )
        self.organizations.update_policy(
            PolicyId=self.policies["spare"], Description="Attached to nothing."
        )


@pytest.fixture
def aws(simulator):
    yield Console(simulator.endpoint_url)
    simulator.control("POST", "/start-anew")


@pytest.fixture(autouse=True)
def _few_collectors(monkeypatch):
    """Read of each account what is changed here: the rest would take most of the time."""
    groups, collectors = registry.groups, registry.group_collectors
    wanted = {Reader.ORGANIZATION: ("organizations", "control_tower")}
    needed = {"protection": ("protection.trails",), "iam": ("iam.authorization_details",)}

    def some_groups(reader):
        chosen = wanted.get(reader, tuple(needed))
        return tuple(group for group in groups(reader) if group in chosen)

    def some_collectors(reader, group):
        found = collectors(reader, group)
        return tuple(each for each in found if each.name in needed.get(group, (each.name,)))

    monkeypatch.setattr(registry, "groups", some_groups)
    monkeypatch.setattr(registry, "group_collectors", some_collectors)


@pytest.fixture
def look(connection, work, clock):
    """Return a function that runs the inventory, follows it, and returns what is open by kind."""

    def found():
        clock.now += timedelta(hours=1)
        with work.capture(execute=True):
            requests.request_run(
                connection=connection, trigger=InventoryRun.Trigger.BUTTON, now=clock()
            )
        work.finish()
        run = InventoryRun.objects.latest("pk")
        unread = run_coverage(Viewer(sees_inventory=True), run=run).exclude(state="complete")
        assert run.state == InventoryRun.State.COMPLETE, list(
            unread.values_list("account_id", "collector", "state", "message")
        )
        connection.refresh_from_db()
        moment = refresh_trust(connection, now=clock()).moment
        find_trust(connection, now=clock(), moment=moment)
        refresh_guardrails(connection, now=clock())
        refresh_drift(connection, now=clock())
        items = DriftItem.objects.filter(connection=connection, state="open")
        return {item.kind: item for item in items if is_ours(item)}

    return found


def is_ours(item):
    """Whether an item is of what is changed here, and not one of its other consequences."""
    ours = {
        KIND.GUARDRAIL_FAILS: item.target_id == STAYS,
        KIND.TRUST_OUTSIDE_CONTRACT: item.target_name == "Partner",
        KIND.WRITE_UNEXPLAINED: item.attribute == "description",
    }
    return ours.get(item.kind, True)


def contract(connection, by, source, now):
    """Have a contract hold by which somebody may assume roles of the app."""
    given = {
        "from": {"kind": "account", "value": source},
        "to": {"kind": "account", "value": APP},
        "actions": ["sts:AssumeRole"],
        "purpose": "They run it.",
    }
    terms = read_terms(given, ContractDirectory(connection))
    made = contract_declare(
        by=acting(by), connection=connection, terms=terms, replaces=None, now=now
    )
    TrustContract.objects.filter(pk=made.pk).update(state="active", decided_at=now)


def ignored_and_open_again(connection, by, items, now):
    """Have a rule ignore each item, and end the rules."""
    common = {"by": acting(by), "connection": connection, "now": now}
    until = now.date() + timedelta(days=30)
    rows = DriftItem.objects.filter(pk__in=[item.pk for item in items])
    for item in items:
        drift_ignore(**common, item_ids=[item.pk], reason="No harm.", until=until)
    assert set(rows.values_list("state", flat=True)) == {"ignored"}
    for rule in IgnoreRule.objects.filter(ended_at=None):
        ignore_rule_end(**common, number=rule.number)
    assert set(rows.values_list("state", flat=True)) == {"open"}


def test_are_seen_close_when_mended_reopen_and_are_resolved_each_in_its_way(
    aws, look, connection, clock
):
    sam = person("security", username="sam")
    look()
    contract(connection, sam, TOOLING, clock())
    assert look() == {}

    aws.break_all()
    seen = look()
    assert seen.keys() == OF_OTHER_SOURCES
    assert all(item.desired != item.collected for item in seen.values())
    assert seen[KIND.LOGGING_OFF].attribute == "logging"
    assert seen[KIND.LANDING_ZONE_ROLE].attribute == "trust_policy"
    assert seen[KIND.CONTROL_INEFFECTIVE].collected is None

    aws.mend_all()
    assert look() == {}
    aws.break_all()
    again = look()
    assert {kind: item.pk for kind, item in again.items()} == {
        kind: item.pk for kind, item in seen.items()
    }
    for item in again.values():
        assert item.reopened == 1, item
        happened = DriftEvent.objects.filter(item=item).order_by("at", "pk")
        assert [one.what for one in happened] == ["seen", "gone", "back"], item

    assert set_aside(connection, sam, clock()) == [{"assigned"}, {"snoozed"}, {"assigned"}]
    ignored_and_open_again(connection, sam, again.values(), clock())

    accepted = {
        kind: again[kind]
        for kind in (
            *(KIND.LOGGING_OFF, KIND.LANDING_ZONE_ROLE, KIND.WRITE_UNEXPLAINED),
            KIND.CONTROL_INEFFECTIVE,
        )
    }
    drift_adopt(
        by=acting(sam),
        connection=connection,
        item_ids=[item.pk for item in accepted.values()],
        reason="So be it.",
        now=clock(),
    )
    drift_except(
        by=acting(sam),
        connection=connection,
        item_ids=[again[KIND.GUARDRAIL_FAILS].pk],
        reason="Until it is attached again.",
        until=clock().date() + timedelta(days=30),
        now=clock(),
    )
    GuardrailException.objects.update(state="active", decided_at=clock())
    refresh_uses(connection, None, now=clock())
    contract(connection, sam, OUTSIDE, clock())
    assert look() == {}
    states = DriftItem.objects.in_bulk([item.pk for item in again.values()])
    assert {
        kind: (states[item.pk].state, states[item.pk].resolution) for kind, item in again.items()
    } == {
        **dict.fromkeys(accepted, ("resolved", "accepted")),
        KIND.GUARDRAIL_FAILS: ("excepted", ""),
        KIND.TRUST_OUTSIDE_CONTRACT: ("resolved", "as agreed again"),
    }

    # What was accepted is what should be: the role as it was first differs from that.
    aws.mend_all()
    assert look().keys() == {KIND.LANDING_ZONE_ROLE, KIND.WRITE_UNEXPLAINED}
    aws.trails.stop_logging(Name="organization")
    assert look()[KIND.LOGGING_OFF].reopened == 2
