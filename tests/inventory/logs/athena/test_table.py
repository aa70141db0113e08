"""The table's definition has the columns that the query reads, and partitions of all places."""

from __future__ import annotations

import re
from datetime import date

import pytest

from inventory.logs.athena.grouping import ATHENA, LogTable, query_of_day
from inventory.logs.athena.table import definition
from tests.factories.logs import LogSourceFactory


@pytest.fixture
def source():
    return LogSourceFactory.build(athena_database="logs", athena_table="cloudtrail")


def test_defines_every_column_that_the_query_reads(source):
    defined = definition(source, accounts=["111122223333"], regions=["eu-west-1"])
    query = query_of_day(LogTable("logs", "cloudtrail"), date(2026, 5, 1), dialect=ATHENA)
    columns = set(re.findall(r"^  (\w+) (?:string|struct|array)", defined, re.M))
    members = set(re.findall(r"[<,](\w+):", defined))

    words = set(re.findall(r"\b[a-z]+(?=[,. )]|$)", query))
    read = {word for word in words if word in columns}
    assert {"useridentity", "eventtime", "requestparameters", "recipientaccountid"} <= read
    for path in re.findall(r"\b(?:useridentity|tlsdetails)(?:\.\w+)+", query):
        column, *rest = path.split(".")
        assert column in columns
        assert set(rest) <= members, path


def test_finds_the_folder_of_an_account_region_and_day(source):
    defined = definition(source, accounts=["2" * 12, "1" * 12], regions=["eu-west-1"])

    assert (
        "'storage.location.template' = 's3://example-cloudtrail-logs/trails/AWSLogs/o-exampleorg1/"
        "${account}/CloudTrail/${region}/${day}'"
    ) in defined
    assert f"'projection.account.values' = '{'1' * 12},{'2' * 12}'" in defined
    assert "'projection.day.range' = '2026/04/01,NOW'" in defined


@pytest.mark.parametrize(
    ("accounts", "regions"),
    [([], ["eu-west-1"]), (["1' "], ["eu-west-1"]), (["1" * 12], []), (["1" * 12], ["eu'; "])],
)
def test_refuses_what_is_no_account_or_region(source, accounts, regions):
    with pytest.raises(ValueError, match="a table needs"):
        definition(source, accounts=accounts, regions=regions)
