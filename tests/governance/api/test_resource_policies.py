"""/resource-policies: buckets with their policies, as they are and were."""

from datetime import timedelta

import pytest

from tests.factories.policies import content
from tests.factories.resources import BucketFactory, bucket_policy
from tests.factories.times import FIRST_RUN_AT

ACME = "/api/v1/organizations/acme"
LATER = FIRST_RUN_AT + timedelta(hours=1)


@pytest.fixture
def buckets(acme):
    text = bucket_policy({"Principal": "*"})
    common = {"connection": acme.connection, "seen_from": FIRST_RUN_AT}
    BucketFactory.create(name="data", content=content(text), **common)
    BucketFactory.create(name="vault", unknown={"policy": "AccessDenied"}, **common)
    BucketFactory.create(name="plain", region="us-east-1", seen_until=LATER, **common)
    return text


def told(viewer, address):
    answer = viewer.get(f"{ACME}{address}")
    assert answer.status_code == 200, answer.json()
    return answer.json()


class TestList:
    def test_tells_none_from_unknown(self, viewer, buckets):
        then = f"as_of={FIRST_RUN_AT:%Y-%m-%dT%H:%M:%SZ}"
        rows = told(viewer, f"/resource-policies?fields=name,policy&{then}")["results"]
        assert rows == [
            {"name": "data", "policy": "set"},
            {"name": "plain", "policy": "none"},
            {"name": "vault", "policy": "unknown"},
        ]

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("", ["data", "vault"]),
            ("policy=set", ["data"]),
            ("account_id=222222222222", ["data", "vault"]),
            ("region=us-east-1", []),
            ("service=s3&ordering=-name", ["vault", "data"]),
            ("ordering=service", ["data", "vault"]),
            ("ordering=-region", ["vault", "data"]),
            ("ordering=seen_from", ["data", "vault"]),
        ],
    )
    def test_keeps_what_the_filters_say(self, viewer, buckets, query, names):
        rows = told(viewer, f"/resource-policies?{query}")["results"]
        # Null where nothing was found because no account was ever read.
        assert [row["name"] for row in rows or []] == names

    def test_is_null_and_not_empty_before_any_account_was_read(self, viewer, acme):
        assert told(viewer, "/resource-policies")["results"] is None


class TestDetail:
    def test_gives_the_text_and_the_facts(self, viewer, buckets):
        row = told(viewer, "/resource-policies/arn:aws:s3:::data")
        assert row["policy_text"] == buckets
        assert row["facts"]["ownership"] == "BucketOwnerEnforced"
        assert row["url"].endswith("/resource-policies/arn:aws:s3:::data")

    def test_gives_no_text_where_it_could_not_be_read_and_says_why(self, viewer, buckets):
        row = told(viewer, "/resource-policies/arn:aws:s3:::vault")
        assert (row["policy"], row["policy_text"]) == ("unknown", None)
        assert row["unknown"] == {"policy": "AccessDenied"}

    def test_is_not_found_where_none_was_collected(self, viewer, acme):
        assert viewer.get(f"{ACME}/resource-policies/arn:aws:s3:::data").status_code == 404
