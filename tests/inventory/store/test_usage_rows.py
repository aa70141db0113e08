"""Usage in rows of days: what is added, what stays apart, and what texts may hold."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from inventory.cloudtrail.denials import DenialCause
from inventory.models import DailyDenial, DailyUsage, UnmappedCall, UsageContext, UsedAccess
from inventory.selectors.usage import daily_denials, unmapped_calls, used
from inventory.selectors.usage_counts import denials_by_day_and_service, denied_calls
from inventory.selectors.usage_hours import calls_by_hour
from inventory.store.hours import HourCount, add_hours
from inventory.store.usage import (
    UnmappedCount,
    add_denials,
    add_unmapped,
    add_usage,
    remove_day,
)
from inventory.viewing import Place, Viewer
from policies.usage import UsageRecord
from tests.factories.connections import ConnectionFactory
from tests.factories.logs import DAY, MEMBER, at_noon, denial_record, usage_record
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db
SEES = Viewer(sees_inventory=True)
NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def connection():
    return ConnectionFactory.create()


def read(connection, since=DAY, until=NEXT_DAY, viewer=SEES, **chosen) -> list[UsageRecord]:
    return sorted(
        used(viewer, connection=connection, since=since, until=until, **chosen),
        key=lambda record: (record.account_id, record.action),
    )


def hours(connection, viewer=SEES, since=DAY, **chosen):
    return calls_by_hour(viewer, connection=connection, since=since, until=NEXT_DAY, **chosen)


def denied(connection, viewer=SEES, **chosen):
    return denials_by_day_and_service(
        denied_calls(viewer, connection=connection, since=DAY, until=NEXT_DAY, **chosen)
    )


class TestAddUsage:
    def test_is_read_as_it_was_given_with_the_unknown_keys_of_its_action(self, connection):
        given = usage_record(context={"aws:SourceIp": "198.51.100.7", "aws:TagKeys": ("a", "b")})
        add_usage(connection, [given])
        (found,) = read(connection)
        assert (found.context, found.count, found.region) == (given.context, 3, "us-east-1")
        assert {"aws:UserAgent", "s3:x-amz-server-side-encryption"} - {*found.unknown_context} <= {
            "s3:x-amz-server-side-encryption"
        }
        assert "s3:ResourceAccount" not in found.unknown_context

    def test_adds_counts_of_the_same_access_and_day(self, connection):
        early = usage_record(count=5, denied=2, first_at=at_noon(DAY) - timedelta(hours=3))
        for record in (usage_record(), early):
            add_usage(connection, [record, record])
        (found,) = read(connection)
        assert (found.count, found.denied) == (16, 4)
        assert (found.first_at, found.last_at) == (early.first_at, at_noon(DAY))
        assert DailyUsage.objects.count() == 1

    def test_sums_days_of_one_access_and_knows_the_first_and_last(self, connection):
        add_usage(connection, [usage_record(day=NEXT_DAY, count=1)])
        add_usage(connection, [usage_record()])
        access = UsedAccess.objects.get()
        assert (access.first_day, access.last_day) == (DAY, NEXT_DAY)
        assert (access.calls, access.last_at) == (4, at_noon(NEXT_DAY))
        assert [record.count for record in read(connection)] == [4]
        assert [record.count for record in read(connection, until=DAY)] == [3]

    @pytest.mark.parametrize(
        "other",
        [
            {"account_id": "444444444444"},
            {"principal": "arn:aws:iam::333333333333:role/Other"},
            {"action": "s3:PutObject"},
            {"resource": "*"},
            {"region": None},
            {"context": {"aws:SourceIp": "198.51.100.8"}},
            {"unknown_context": ()},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_keeps_apart_what_differs_in_one_thing(self, connection, other):
        add_usage(connection, [usage_record(), usage_record(**other)])
        assert [record.count for record in read(connection)] == [3, 3]

    def test_stores_a_context_once(self, connection):
        add_usage(connection, [usage_record(), usage_record(action="s3:PutObject")])
        add_usage(connection, [usage_record(action="s3:DeleteObject")])
        assert UsageContext.objects.count() == 1

    def test_holds_texts_that_postgresql_cannot(self, connection):
        hostile = usage_record(
            resource="arn:aws:s3:::a\0b" + "c" * 3000,
            context={"aws:SourceVpce": "nul \0 \\u0000 \ud800"},
        )
        add_usage(connection, [hostile, hostile])
        (found,) = read(connection)
        assert found.resource.startswith("arn:aws:s3:::a\N{REPLACEMENT CHARACTER}bc")
        assert found.context == {"aws:SourceVpce": "nul \N{REPLACEMENT CHARACTER} \\u0000 ?"}


class TestUsed:
    def test_is_of_chosen_accounts_principals_and_actions(self, connection):
        other = {"account_id": "444444444444", "principal": "444444444444"}
        add_usage(connection, [usage_record(), usage_record(**other, action="iam:GetRole")])
        assert len(read(connection)) == 2
        assert [each.account_id for each in read(connection, account_ids=[MEMBER])] == [MEMBER]
        assert [each.action for each in read(connection, principal="444444444444")] == [
            "iam:GetRole"
        ]
        assert [each.account_id for each in read(connection, action="s3:GetObject")] == [MEMBER]
        assert read(connection, account_ids=[]) == []

    def test_shows_only_accounts_that_the_viewer_may_see(self):
        made = organization_snapshot()
        mine, other = sorted(
            each.account_id for each in made.accounts.values() if each.state == "ACTIVE"
        )[:2]
        limited = Viewer(True, (frozenset({Place(made.connection.pk, mine)}),))
        add_usage(made.connection, [usage_record(account_id=each) for each in (mine, other)])
        assert [each.account_id for each in read(made.connection, viewer=limited)] == [mine]
        assert read(made.connection, viewer=Viewer(sees_inventory=False)) == []


class TestAddDenials:
    def test_adds_retries_of_one_cause_and_keeps_causes_apart(self, connection):
        implicit = denial_record(cause=denial_record().cause._replace(is_explicit=False))
        add_denials(connection, [denial_record(), denial_record(count=40), implicit])
        add_denials(connection, [denial_record(), denial_record(day=NEXT_DAY)])
        found = daily_denials(SEES, connection=connection, since=DAY, until=NEXT_DAY)
        assert sorted(found.values_list("day", "reason", "count")) == [
            (DAY, "explicit", 44),
            (DAY, "implicit", 2),
            (NEXT_DAY, "explicit", 2),
        ]
        assert {each.policy_type for each in DailyDenial.objects.all()} == {
            "service control policy"
        }

    def test_adds_up_by_day_service_and_policy_and_for_all_accounts(self, connection):
        unnamed = DenialCause()
        put = denial_record(action="s3:PutObject", cause=unnamed, count=5, day=NEXT_DAY)
        add_denials(connection, [denial_record(), denial_record(action="ec2:RunTask"), put])
        add_denials(connection, [denial_record(account_id="444444444444", count=40)])
        assert denied(connection) == {(DAY, "ec2"): 44, (NEXT_DAY, "s3"): 5}
        assert denied(connection, account_id=MEMBER) == {(DAY, "ec2"): 4, (NEXT_DAY, "s3"): 5}
        policy = denial_record().cause.policy_arn
        assert denied(connection, policy=policy, service="") == {(DAY, "ec2"): 44}
        remove_day(connection, DAY)
        assert denied(connection) == {(NEXT_DAY, "s3"): 5}

    def test_of_accounts_that_a_viewer_may_not_see_are_in_no_sum(self):
        made = organization_snapshot()
        mine, other = sorted(
            each.account_id for each in made.accounts.values() if each.state == "ACTIVE"
        )[:2]
        limited = Viewer(True, (frozenset({Place(made.connection.pk, mine)}),))
        records = [denial_record(account_id=mine), denial_record(account_id=other, count=90)]
        add_denials(made.connection, records)
        assert denied(made.connection, limited) == {(DAY, "ec2"): 2}
        assert denied(made.connection, limited, account_id=other) == {}


class TestAddHours:
    def test_adds_up_by_hour_account_and_service_and_for_all_accounts(self, connection):
        one = HourCount(MEMBER, DAY, "s3", 3, count=5, denied=0)
        add_hours(connection, [one, one, replace(one, account_id="444444444444", hour=23)])
        add_hours(connection, [replace(one, denied=2), replace(one, day=NEXT_DAY, service="kms")])
        found = hours(connection)
        assert (found.first_day, set(found.services)) == (DAY, {"s3", "kms"})
        assert (found.services["s3"][3], found.services["s3"][23]) == (15, 5)
        assert sum(hours(connection, account_id=MEMBER).services["s3"]) == 15
        assert hours(connection, services=["kms"], since=NEXT_DAY).first_day == NEXT_DAY
        denied = hours(connection, denied_only=True).services
        assert {service: sum(calls) for service, calls in denied.items()} == {"s3": 2}

    def test_of_accounts_that_a_viewer_may_not_see_are_in_no_sum(self):
        made = organization_snapshot()
        mine, other = sorted(
            each.account_id for each in made.accounts.values() if each.state == "ACTIVE"
        )[:2]
        limited = Viewer(True, (frozenset({Place(made.connection.pk, mine)}),))
        one = HourCount(mine, DAY, "s3", 3, count=5, denied=0)
        add_hours(made.connection, [one, replace(one, account_id=other, count=90)])
        assert sum(hours(made.connection, limited).services["s3"]) == 5
        assert hours(made.connection, limited, account_id=other).services == {}
        assert hours(made.connection, Viewer(sees_inventory=False)).services == {}


class TestAddUnmapped:
    def test_counts_by_source_and_name_most_first(self, connection):
        one = UnmappedCount(DAY, "new.amazonaws.com", "Begin", 2)
        other = UnmappedCount(date(2026, 5, 5), "new.amazonaws.com", "End", 9)
        add_unmapped(connection, [one, one])
        add_unmapped(connection, [one, other])
        assert unmapped_calls(SEES, connection=connection, since=DAY, until=NEXT_DAY) == {
            ("new.amazonaws.com", "End"): 9,
            ("new.amazonaws.com", "Begin"): 6,
        }
        assert UnmappedCall.objects.count() == 2
