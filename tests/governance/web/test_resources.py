"""The screens of resources that have policies of their own."""

import csv
from datetime import timedelta

import pytest
from django.urls import reverse

from inventory.resource_facts import AccessGrant, AclGrant, BucketFacts, GranteeKind
from inventory.selectors.resource_policies import resource_collectors
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import person
from tests.factories.policies import content
from tests.factories.principals import ACCOUNT_ID
from tests.factories.resources import BLOCKED, BucketFactory, account_block, bucket_policy
from tests.factories.runs import CoverageFactory, DeniedCoverageFactory, InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT

LATER = FIRST_RUN_AT + timedelta(days=3)
EVERYBODY = {"Principal": "*"}
OPEN = BucketFacts("BucketOwnerEnforced").as_json()


@pytest.fixture
def connection(db):
    made = ConnectionFactory.create(slug="acme", name="Acme")
    AccountFactory.create(connection=made, account_id=ACCOUNT_ID, name="payments")
    return made


@pytest.fixture
def run(connection):
    return InventoryRunFactory.create(connection=connection, started_at=FIRST_RUN_AT)


@pytest.fixture
def bucket(connection):
    """Return a function that stores a bucket with a policy of these statements."""

    def bucket(name, *statements, **values):
        text = content(bucket_policy(*statements)) if statements else None
        given = {"content": text, "seen_from": FIRST_RUN_AT} | values
        return BucketFactory.create(connection=connection, name=name, **given)

    return bucket


@pytest.fixture
def read(client, connection, run):
    """Return a function that returns a page's text without markup's spaces."""
    client.force_login(person("viewer"))

    def read(name, status=200, query=None, **kwargs):
        answer = client.get(reverse(name, kwargs={"slug": "acme", **kwargs}), query or {})
        assert answer.status_code == status
        return " ".join(answer.content.decode().split())

    return read


class TestResourcesOfOtherServices:
    def test_show_grants_and_urls_and_nothing_of_buckets(self, read, connection, run):
        grant = AccessGrant(
            GranteeKind.PRINCIPAL, "arn:aws:iam::999999999999:role/r", "kms grant", ("kms:Decrypt",)
        )
        key = BucketFactory.create(
            connection=connection,
            **{"service": "kms", "resource_type": "key", "name": "alias/mail"},
            **{"arn": f"arn:aws:kms:eu-west-1:{ACCOUNT_ID}:key/1", "seen_from": FIRST_RUN_AT},
            facts={"grants": [grant.as_json()]},
        )
        page = read("resource-policy", resource_arn=key.arn)
        assert "arn:aws:iam::999999999999:role/r" in page
        assert "kms grant: kms:Decrypt" in page
        assert "Block Public Access" not in page
        assert "Access control lists" not in page
        assert "alias/mail" in read("resource-policies")

    def test_tell_of_the_reading_of_their_own_collector(self, read, connection, run):
        queue = BucketFactory.create(
            connection=connection,
            **{"service": "sqs", "resource_type": "queue", "name": "jobs", "facts": {}},
            **{"arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT_ID}:jobs", "seen_from": FIRST_RUN_AT},
            unknown={"policy": "AccessDenied"},
        )
        for collector, remedy in (("applications.sqs_queues", "mend it"), ("s3.buckets", "other")):
            DeniedCoverageFactory.create(
                run=run,
                account_id=ACCOUNT_ID,
                collector=collector,
                region="eu-west-1",
                remedy=remedy,
            )
        page = read("resource-policy", resource_arn=queue.arn)
        assert "Mend it" in page
        assert "other" not in page.partition("Not known")[2].partition("</section>")[0]


class TestList:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ({"q": "LOG"}, ["org-logs"]),
            ({"q": "arn:aws:s3:::plain"}, ["plain"]),
            ({"region": "us-east-1"}, ["plain"]),
            ({"service": "kms"}, []),
            ({"account_id": ACCOUNT_ID}, ["org-logs", "plain", "vault"]),
            ({"policy": "set"}, ["org-logs"]),
            ({"policy": ["none", "unknown"]}, ["plain", "vault"]),
            ({"policy": "unknown"}, ["vault"]),
        ],
    )
    def test_keeps_what_the_filters_say(self, client, read, bucket, query, found):
        bucket("org-logs", {"Principal": {"AWS": ACCOUNT_ID}})
        bucket("plain", region="us-east-1")
        bucket("vault", unknown={"policy": "AccessDenied"})
        address = reverse("resource-policies", kwargs={"slug": "acme"})
        answer = client.get(address, {**query, "format": "csv"})
        rows = list(csv.DictReader(b"".join(answer).decode().splitlines()))
        assert [row["name"] for row in rows] == found

    def test_tells_public_from_blocked_and_both_from_unknown(self, client, read, bucket):
        bucket("blocked", EVERYBODY)
        bucket("by-acl", facts=BucketFacts(None, GRANTS).as_json())
        bucket("closed")
        bucket("sealed", unknown={"policy": "AccessDenied"})
        bucket("vault", unknown={"policy": "AccessDenied"}, facts=OPEN)
        answer = client.get(reverse("resource-policies", kwargs={"slug": "acme"}))
        said = {row.name: row.exposure.words for row in answer.context["rows"].object_list}
        assert said == {
            "blocked": "Blocked",
            "by-acl": "Open by ACL",
            "closed": "Not public",
            "sealed": "Blocked",
            "vault": "Not known",
        }

    def test_says_in_how_many_accounts_buckets_are_not_known(self, read, bucket):
        assert "S3 was read in no account yet" in read("resource-policies")
        bucket("plain")
        assert "S3 has never been read completely in 1 of 1 accounts" in read("resource-policies")


GRANTS = (AclGrant("http://acs.amazonaws.com/groups/global/AllUsers", "READ"),)


class TestResource:
    def test_shows_the_policy_with_lint_and_whether_it_is_public(self, read, bucket, connection):
        row = bucket("assets", EVERYBODY, facts=OPEN)
        account_block(connection, ACCOUNT_ID, None)
        shown = read("resource-policy", resource_arn=row.arn)
        assert "Public by policy" in shown
        assert "s3:GetObject" in shown
        assert ">Lint</h2>" in shown

    def test_says_blocked_where_the_account_blocks(self, read, bucket, connection):
        row = bucket("assets", EVERYBODY, facts=OPEN)
        account_block(connection, ACCOUNT_ID, BLOCKED)
        assert ">Blocked<" in read("resource-policy", resource_arn=row.arn)

    def test_is_not_known_rather_than_none_where_the_bucket_refused(self, read, bucket, run):
        row = bucket("vault", unknown={"policy": "AccessDenied", "acl": "AccessDenied"})
        DeniedCoverageFactory.create(run=run, account_id=ACCOUNT_ID, collector="s3.buckets")
        shown = read("resource-policy", resource_arn=row.arn)
        assert "Its policy could not be read (AccessDenied)" in shown
        assert "No policy" not in shown

    def test_says_that_there_is_none_where_s3_says_so(self, read, bucket):
        shown = read("resource-policy", resource_arn=bucket("plain").arn)
        assert "AWS says that this resource has no policy of its own" in shown

    def test_is_shown_as_it_was_and_how_it_changed(self, read, bucket):
        before = bucket("data", EVERYBODY, seen_until=LATER)
        bucket("data", {"Principal": {"AWS": ACCOUNT_ID}}, seen_from=LATER)
        then = {"as_of": FIRST_RUN_AT.isoformat()}
        assert ">*<" not in read("resource-policy", resource_arn=before.arn)
        was = read("resource-policy", query=then, resource_arn=before.arn)
        assert "&quot;*&quot;" in was
        assert "The resource was first seen" in read(
            "resource-policy-history", resource_arn=before.arn
        )

    def test_is_not_found_where_none_was_collected(self, read):
        assert read("resource-policy", status=404, resource_arn="arn:aws:s3:::nowhere")


class TestAccount:
    def test_lists_its_buckets_and_its_own_block(self, read, bucket, connection, run):
        bucket("data", EVERYBODY)
        account_block(connection, ACCOUNT_ID, BLOCKED)
        CoverageFactory.create(run=run, account_id=ACCOUNT_ID, collector="s3.buckets")
        shown = read("account-resources", account_id=ACCOUNT_ID)
        assert ">data</a>" in shown
        assert "RestrictPublicBuckets" in shown

    def test_lists_resources_of_every_service(self, read, bucket, connection, run):
        bucket("data")
        arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT_ID}:jobs"
        bucket("jobs", service="sqs", resource_type="queue", arn=arn)
        shown = read("account-resources", account_id=ACCOUNT_ID)
        assert ">jobs</a>" in shown
        assert 'sqs <span class="ink-2">queue</span>' in shown
        assert "2 resources" in shown

    def test_says_which_services_were_denied_and_which_never_read(self, read, bucket, run):
        bucket("data")
        DeniedCoverageFactory.create(run=run, account_id=ACCOUNT_ID, collector="data.kms_keys")
        shown = read("account-resources", account_id=ACCOUNT_ID)
        assert "KMS keys: last collection incomplete" in shown
        assert "Never collected" in shown
        assert "API Gateway REST APIs" in shown.partition("Never collected")[2]

    def test_says_never_collected_rather_than_no_resource(self, read):
        shown = read("account-resources", account_id=ACCOUNT_ID)
        assert "Never collected" in shown
        assert "No resource" not in shown

    def test_says_that_there_is_none_only_where_every_service_was_read(self, read, run):
        for collector in resource_collectors():
            CoverageFactory.create(run=run, account_id=ACCOUNT_ID, collector=collector)
        assert "No resource" in read("account-resources", account_id=ACCOUNT_ID)


class TestPalette:
    def test_finds_a_bucket_by_part_of_its_name(self, client, read, bucket):
        row = bucket("org-trail-logs")
        found = read("palette", query={"q": "trail"})
        assert reverse("resource-policy", kwargs={"slug": "acme", "resource_arn": row.arn}) in found
