"""Reading a group whose collectors read in regions."""

from collections import Counter
from dataclasses import replace

import pytest

from demo.simulator.regions import ENABLED_BY_DEFAULT
from inventory.aws.client import CallLog
from inventory.aws.errors import AwsReadDenied
from inventory.collecting import reading
from inventory.collectors import registry
from inventory.collectors.collector import (
    ALL_REGIONS,
    GLOBAL_REGION,
    Action,
    Collector,
    Reader,
    Scope,
)
from inventory.collectors.regions import DEFAULT_REGIONS, regions_collector
from inventory.models import Coverage
from inventory.records import RegionRecord, TagsRecord
from tests.factories.connections import ConnectionFactory
from tests.factories.runs import CoverageFactory
from tests.factories.times import FIRST_RUN_AT

ACCOUNT_ID = "111111111111"
REGIONS = (
    RegionRecord("us-east-1", "ENABLED_BY_DEFAULT"),
    RegionRecord("eu-west-2", "ENABLED_BY_DEFAULT"),
    RegionRecord("eu-south-2", "ENABLED"),
    RegionRecord("af-south-1", "DISABLED"),
)


def collector(name, scope, action, read):
    return Collector(name, name, scope, "iam", (Action(action, "tests"),), read, ())


class FakeSession:
    """In the place of a session: clients are their service and region."""

    opens_with: Exception | None = None
    asked: list[tuple[str, ...]] = []

    def __init__(self, connection, role, *, collectors, **given):
        self.log = CallLog(Counter({"sts:AssumeRole": 1}))
        self.role = role
        FakeSession.asked.append(tuple(registry.needed_actions(collectors)))

    def wait_for_second_pass(self):
        return True

    def open(self):
        if self.opens_with is not None:
            raise self.opens_with

    def client(self, service, *, paced=False, region=GLOBAL_REGION, log=None):
        return (service, region)


@pytest.fixture
def sessions(monkeypatch):
    monkeypatch.setattr(FakeSession, "opens_with", None)
    monkeypatch.setattr(FakeSession, "asked", [])
    monkeypatch.setattr(reading, "Session", FakeSession)
    return FakeSession


@pytest.fixture
def register(monkeypatch, sessions):
    """Register collectors of the group `boxes`: one lists all, one reads each region's own."""

    def declare(regions=REGIONS, region_error=None, in_region=None):
        def read_regions(client, earlier):
            if region_error is not None:
                raise region_error
            yield from regions

        def list_boxes(client, earlier):
            yield TagsRecord("box-1", {"region": "eu-west-2"})
            yield TagsRecord("box-2", {"region": "us-east-1"})

        def read_boxes(client, earlier):
            assert client == ("iam", earlier.region)
            if in_region is not None:
                in_region(earlier)
            for box in earlier.read["boxes.list"]:
                if box.tags["region"] == earlier.region:
                    yield TagsRecord(f"{box.resource_id} read", {})

        asks = regions_collector("boxes")
        monkeypatch.setattr(
            registry,
            "COLLECTORS",
            (
                replace(asks, read=read_regions),
                collector("boxes.list", Scope.GLOBAL, "iam:ListUsers", list_boxes),
                collector("boxes.each", Scope.REGIONAL, "iam:GetUser", read_boxes),
                collector("others.list", Scope.GLOBAL, "iam:ListRoles", list_boxes),
            ),
        )

    return declare


def read(connection):
    outcomes = reading.read_group(
        connection, ACCOUNT_ID, "boxes", run_id=1, clock=lambda: FIRST_RUN_AT
    )
    return {(each.collector.name, each.region): each for each in outcomes}


@pytest.fixture
def connection(db):
    return ConnectionFactory.create(regions=[], home_region="us-east-1")


class TestReadGroup:
    def test_reads_in_each_enabled_region_of_the_account(self, connection, register):
        register()
        assert list(read(connection)) == [
            ("boxes.regions", GLOBAL_REGION),
            ("boxes.list", GLOBAL_REGION),
            ("boxes.each", "eu-south-2"),
            ("boxes.each", "eu-west-2"),
            ("boxes.each", "us-east-1"),
        ]

    def test_gives_regional_collectors_what_the_global_ones_of_their_group_read(
        self, connection, register
    ):
        register()
        outcomes = read(connection)
        told = {
            region: [each.resource_id for each in outcome.records]
            for (name, region), outcome in outcomes.items()
            if name == "boxes.each"
        }
        assert told == {"eu-south-2": [], "eu-west-2": ["box-1 read"], "us-east-1": ["box-2 read"]}

    def test_opens_one_session_of_the_groups_actions_alone(self, connection, register, sessions):
        register()
        read(connection)
        assert sessions.asked == [("account:ListRegions", "iam:GetUser", "iam:ListUsers")]

    def test_reads_no_more_than_the_connections_regions(self, connection, register):
        connection.regions = ["eu-west-2", "af-south-1"]
        register()
        assert [region for name, region in read(connection) if name == "boxes.each"] == [
            "eu-west-2"
        ]

    def test_says_that_it_read_nowhere_if_none_of_the_connections_regions_is_enabled(
        self, connection, register
    ):
        connection.regions = ["me-south-1", "af-south-1"]
        register()
        outcomes = read(connection)
        assert {key: outcome.state.value for key, outcome in outcomes.items()} == {
            ("boxes.regions", GLOBAL_REGION): "complete",
            ("boxes.list", GLOBAL_REGION): "complete",
            ("boxes.each", ALL_REGIONS): "unsupported",
        }
        unread = outcomes["boxes.each", ALL_REGIONS].error
        assert (unread.code, unread.message) == (
            "NoRegionRead",
            "the account has enabled none of the connection's regions: af-south-1, me-south-1",
        )

    def test_fails_in_one_region_and_is_complete_in_the_others(self, connection, register):
        def refuse(earlier):
            if earlier.region == "eu-west-2":
                raise AwsReadDenied("denied", remedy="allow it")

        register(in_region=refuse)
        outcomes = read(connection)
        assert {
            region: outcome.state.value
            for (name, region), outcome in outcomes.items()
            if name == "boxes.each"
        } == {"eu-south-2": "complete", "eu-west-2": "denied", "us-east-1": "complete"}


class TestWhereEveryAccountHasTheConnectionsRegions:
    def test_reads_in_them_without_asking(self, connection, register, sessions):
        connection.regions = ["us-west-2", "eu-west-2"]
        register(region_error=AssertionError("asked"))
        outcomes = read(connection)
        assert [region for name, region in outcomes if name == "boxes.each"] == [
            "eu-west-2",
            "us-west-2",
        ]
        assert outcomes["boxes.regions", GLOBAL_REGION].complete
        assert sessions.asked == [("iam:GetUser", "iam:ListUsers")]

    def test_has_not_read_them_where_all_else_was_refused(self, connection, register, monkeypatch):
        def refuse(client, earlier):
            yield from ()
            raise AwsReadDenied("not signed up")

        connection.regions = ["eu-west-2"]
        register()
        collectors = [replace(each, read=refuse) for each in registry.COLLECTORS]
        monkeypatch.setattr(registry, "COLLECTORS", tuple(collectors))
        assert {each.state.value for each in read(connection).values()} == {"denied"}

    def test_knows_those_that_the_simulator_has(self):
        assert frozenset(ENABLED_BY_DEFAULT) == DEFAULT_REGIONS


class TestWhereRegionsAreNotTold:
    def test_says_so_and_reads_in_the_connections_regions(self, connection, register):
        connection.regions = ["eu-west-2", "eu-south-1"]
        register(region_error=AwsReadDenied("denied", remedy="allow account:ListRegions"))
        outcomes = read(connection)
        assert outcomes["boxes.regions", GLOBAL_REGION].state == Coverage.State.DENIED
        assert [region for name, region in outcomes if name == "boxes.each"] == [
            "eu-south-1",
            "eu-west-2",
        ]

    def test_reads_in_the_home_region_if_the_connection_names_none(self, connection, register):
        register(region_error=AwsReadDenied("denied"))
        assert [region for name, region in read(connection) if name == "boxes.each"] == [
            "us-east-1"
        ]

    def test_reads_where_it_read_last(self, connection, register):
        for region in ("eu-west-2", "eu-south-2"):
            CoverageFactory.create(
                run__connection=connection,
                account_id=ACCOUNT_ID,
                collector="boxes.each",
                region=region,
            )
        register(region_error=AwsReadDenied("denied"))
        assert [region for name, region in read(connection) if name == "boxes.each"] == [
            "eu-south-2",
            "eu-west-2",
        ]

    def test_reads_in_the_connections_regions_if_it_read_in_none_of_them_last(
        self, connection, register
    ):
        CoverageFactory.create(
            run__connection=connection,
            account_id=ACCOUNT_ID,
            collector="boxes.each",
            region="eu-west-2",
        )
        connection.regions = ["eu-south-1"]
        register(region_error=AwsReadDenied("denied"))
        assert [region for name, region in read(connection) if name == "boxes.each"] == [
            "eu-south-1"
        ]

    def test_tells_every_region_read_last_that_the_role_was_refused(
        self, connection, register, sessions
    ):
        CoverageFactory.create(
            run__connection=connection,
            account_id=ACCOUNT_ID,
            collector="boxes.each",
            region="eu-west-2",
        )
        register()
        sessions.opens_with = AwsReadDenied("the role may not be assumed")
        outcomes = read(connection)
        assert {key: outcome.state.value for key, outcome in outcomes.items()} == {
            ("boxes.regions", GLOBAL_REGION): "denied",
            ("boxes.list", GLOBAL_REGION): "denied",
            ("boxes.each", "eu-west-2"): "denied",
        }
        assert sum(outcome.log.calls.total() for outcome in outcomes.values()) == 1


class TestRegistry:
    def test_asks_for_regions_first_in_each_group_that_reads_in_regions(self):
        def nothing(client, earlier):
            return iter(())

        listed = collector("boxes.list", Scope.GLOBAL, "iam:ListUsers", nothing)
        each = collector("boxes.each", Scope.REGIONAL, "iam:GetUser", nothing)
        other = collector("others.list", Scope.GLOBAL, "iam:ListRoles", nothing)
        found = [one.name for one in registry.with_regions([other, listed, each])]
        assert found == ["others.list", "boxes.regions", "boxes.list", "boxes.each"]

    @pytest.mark.parametrize("reader", list(Reader))
    def test_has_each_collector_in_one_group(self, reader):
        grouped = [
            collector
            for group in registry.groups(reader)
            for collector in registry.group_collectors(reader, group)
        ]
        assert sorted(each.name for each in grouped) == sorted(
            each.name for each in registry.collectors(reader)
        )
