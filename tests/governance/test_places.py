"""Whoever holds roles in a part of an organization finds nothing of the rest, anywhere."""

from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from inventory.models import Principal
from inventory.viewing import Place
from tests.factories.organization import OrganizationResourcePolicyFactory
from tests.factories.people import person
from tests.factories.policies import content
from tests.factories.principals import RoleFactory
from tests.factories.resources import BucketFactory, bucket_policy
from tests.factories.rich_snapshots import DEPLOYER_ACCOUNT, rich_snapshot
from tests.factories.times import FIRST_RUN_AT

pytestmark = pytest.mark.django_db

WORKLOADS, PROD, SECURITY = "ou-ab12-work0001", "ou-ab12-prod0001", "ou-ab12-sec00001"
LOG_ARCHIVE = "333333333331"
# What stands outside of Workloads and may be nowhere in an answer. The management account's id is
# no secret: it is in the ARN of every account and OU.
HIDDEN = (
    *(LOG_ARCHIVE, "log-archive", "444444444441", "retired", "555555555551", "stray"),
    *(SECURITY, "ou-ab12-susp0001", "p-unatt001", "HiddenRole", "hidden-bucket"),
    *("hidden-text", "management@"),
)
COMPARED = {"from": FIRST_RUN_AT.isoformat(), "until": "now"}
ASKED = (
    *("?format=csv", "?format=json", f"?as_of={FIRST_RUN_AT.isoformat().replace('+', '%2B')}"),
    "?q=3333",
)
QUESTIONS = (
    f"/o/acme/find/?{urlencode({'q': '333'})}",
    f"/o/acme/find/?{urlencode({'q': 'Hidden'})}",
    f"/o/acme/find/?{urlencode({'q': 'hidden-bucket'})}",
    f"/o/acme/find/?{urlencode({'q': 'log-arch'})}",
    f"/o/acme/who-can/?{urlencode({'action': 's3:GetObject', 'part': 'answer'})}",
    f"/o/acme/who-can/?{urlencode({'action': 's3', 'part': 'answer'})}",
    f"/o/acme/who-can/?{urlencode({'action': 's3:GetObject', 'format': 'csv'})}",
    "/api/v1/organizations/acme/who-can?action=iam:CreateRole",
    *(
        f"/o/acme/organization/compare/{part}?{urlencode(COMPARED)}"
        for part in ("", "trees/", "effect/", "effect/part/", f"trees/{WORKLOADS}/children/")
    ),
)


@pytest.fixture
def acme(db):
    """The rich organization, with a role, a bucket and a policy in what is hidden."""
    cache.clear()
    made = rich_snapshot("acme")
    rows = {"connection": made.connection, "account_id": LOG_ARCHIVE}
    RoleFactory.create(name="HiddenRole", **rows)
    BucketFactory.create(
        name="hidden-bucket", content=content(bucket_policy({"Principal": "*"})), **rows
    )
    OrganizationResourcePolicyFactory.create(
        connection=made.connection, content=content('{"Statement": "hidden-text"}')
    )
    made.accounts["management"].email = "management@example.org"
    made.accounts["management"].save()
    return made


@pytest.fixture
def parameters(acme):
    """A value for each parameter of an address, all of what is in Workloads."""
    role = Principal.objects.get(name="Deployer")
    for name in ("administrator", "staff"):
        person("administrator", username=name)
    return {
        **stored_things().parameters(),
        "slug": "acme",
        "account_id": DEPLOYER_ACCOUNT,
        "target_id": WORKLOADS,
        "policy_id": "p-regio001",
        "principal_id": str(role.pk),
        "arn": role.arn,
        "resource_arn": "arn:aws:s3:::acme-data",
        "kind": "role",
        "name": "Deployer",
        "service": "s3",
        "action": "GetObject",
        "finding_key": f"no_scp_of_its_own:{WORKLOADS}",
        "run_id": str(acme.run.pk),
        "earlier": str(acme.run.pk),
        "later": "now",
    }


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body_of(answer) -> str:
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return raw.decode()


def leaked(client: Client, path: str, hidden) -> list[str]:
    """Return what of `hidden` an address answers with; what is in the address itself is no leak."""
    answer = client.get(path)
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, path
    text = body_of(answer)
    return [word for word in hidden if word in text and word not in path]


class TestPartOfAnOrganization:
    def test_hides_the_rest_on_every_page_and_endpoint(self, acme, parameters):
        client = signed_in(person("viewer", Place(acme.connection.pk, WORKLOADS)))
        found, visited = {}, 0
        for address in addresses(parameters):
            assert not address.lacking, f"{address.path}: give its parameter a value in Workloads"
            more = ("",) if "?" in address.path or address.path.startswith("/api/") else ASKED
            for query in ("", *more):
                visited += 1
                path = address.path + query
                if words := leaked(client, path, HIDDEN):
                    found[path] = words
        for path in QUESTIONS:
            if words := leaked(client, path, HIDDEN):
                found[path] = words
        assert found == {}
        assert visited > 300
