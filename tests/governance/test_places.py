"""Whoever holds roles in a part of an organization finds nothing of the rest, anywhere."""

import random
import re
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from demo.smoke.addresses import addresses
from demo.smoke.samples import stored_things
from governance.access.rights import RightReach, rights_of
from governance.access.roles import Role
from governance.baseline.guardrails.shipped import shipped_guardrails
from governance.detections.rules.shipped import shipped_rules
from inventory.models import OrganizationalUnit, Principal
from inventory.viewing import Place
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import (
    AccountFactory,
    OrganizationalUnitFactory,
    OrganizationResourcePolicyFactory,
    RootFactory,
)
from tests.factories.people import person
from tests.factories.policies import content
from tests.factories.principals import RoleFactory
from tests.factories.resources import BucketFactory, bucket_policy
from tests.factories.rich_snapshots import DEPLOYER_ACCOUNT, rich_snapshot
from tests.factories.runs import InventoryRunFactory
from tests.factories.times import FIRST_RUN_AT
from tests.governance.api.addresses import VALUES

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
ROLE_TEMPLATE = "docs/roles/log-archive.yaml"
REFUSED_AS_A_WHOLE = {HTTPStatus.FORBIDDEN, HTTPStatus.METHOD_NOT_ALLOWED}
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


PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
UUID_PARAMETER = re.compile(r"<uuid:\w+>")


def _patterns(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    """Yield every address's pattern, those by a regular expression aside."""
    for entry in resolver.url_patterns:
        route = getattr(entry.pattern, "_route", None)
        if route is None:
            continue
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, prefix + str(route))
        elif isinstance(entry, URLPattern):
            yield prefix + str(route), entry


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
    visitor, _ = (person("administrator", username=name) for name in ("administrator", "staff"))
    return {
        **stored_things(visitor).parameters(),
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
    return leaked_by(client.get(path), path, hidden)


def leaked_by(answer, path: str, hidden) -> list[str]:
    """Return what of `hidden` is in the answer of an address, and not in the address."""
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, path
    text = body_of(answer)
    # The library's guardrails and detection rules speak of log archives wherever they are used.
    for library_id in (*shipped_guardrails(), *shipped_rules(), ROLE_TEMPLATE):
        text = text.replace(library_id, "")
    return [word for word in hidden if word in text and word not in path]


class TestPartOfAnOrganization:
    def test_hides_the_rest_on_every_page_and_endpoint(self, acme, parameters):
        client = signed_in(person("viewer", Place(acme.connection.pk, WORKLOADS)))
        found, visited = {}, 0
        for address in addresses(parameters):
            assert not address.lacking, f"{address.path}: give its parameter a value in Workloads"
            more = () if "?" in address.path or address.path.startswith("/api/") else ASKED
            for query in ("", *more):
                visited += 1
                path = address.path + query
                answer = client.get(path)
                if words := leaked_by(answer, path, HIDDEN):
                    found[path] = words
                # Rights and methods are decided before a query is read.
                if answer.status_code in REFUSED_AS_A_WHOLE:
                    break
        for path in QUESTIONS:
            if words := leaked(client, path, HIDDEN):
                found[path] = words
        assert found == {}
        assert visited > 300

    @pytest.mark.parametrize("role", Role.values)
    def test_gives_a_role_there_no_more_than_its_rights(self, acme, role):
        client = signed_in(person(role, Place(acme.connection.pk, WORKLOADS)))
        held = rights_of(role, reach=RightReach.ANYWHERE)
        lacking = {}
        for prefix, pattern in _patterns(get_resolver(), "/"):
            view = getattr(pattern.callback, "view_class", None)
            right = getattr(view, "required_right", None)
            if isinstance(right, str) and right not in held:
                path = UUID_PARAMETER.sub(VALUES["job_id"], prefix)
                path = PARAMETER.sub(lambda found: VALUES.get(found[1], "1"), path)
                lacking[path] = client.get(path).status_code
        assert len(lacking) >= (2 if role == Role.ADMINISTRATOR else 5)
        assert {path: code for path, code in lacking.items() if code != HTTPStatus.FORBIDDEN} == {}

    def test_finds_nothing_of_an_organization_where_no_role_is_held(self, acme):
        other = ConnectionFactory.create()
        client = signed_in(person("administrator", Place(other.pk)))
        found = {}
        for prefix, pattern in _patterns(get_resolver(), "/"):
            callback = pattern.callback
            view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
            if "<slug:slug>" not in prefix or not hasattr(view, "get"):
                continue
            path = PARAMETER.sub(lambda found: VALUES.get(found[1], "1"), prefix)
            code = client.get(path).status_code
            if code not in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
                found[path] = code
        assert found == {}


class TestRandomPlaces:
    @pytest.mark.parametrize("seed", range(8))
    def test_show_what_lies_in_them_and_nothing_else(self, db, seed):
        draw = random.Random(seed)
        connection = ConnectionFactory.create(slug="acme")
        rows = {"connection": connection, "seen_from": FIRST_RUN_AT}
        InventoryRunFactory.create(connection=connection, started_at=FIRST_RUN_AT)
        RootFactory.create(**rows)
        units: list[OrganizationalUnit] = []
        inside: dict[str, str] = {}
        for number in range(draw.randint(3, 8)):
            parent = draw.choice([None, *units])
            unit = OrganizationalUnitFactory.create(
                name=f"unit {number}", target_id=f"ou-ab12-rand{number:04}", parent=parent, **rows
            )
            units.append(unit)
        for number in range(12):
            account_id = f"77{number:010}"
            parent = draw.choice([None, *units])
            account = AccountFactory.create(
                name=f"account {number}", account_id=account_id, parent=parent, **rows
            )
            RoleFactory.create(name=f"role{number}", connection=connection, account_id=account_id)
            inside[account_id] = account.path
        chosen = draw.sample([*(one.target_id for one in units), *inside], draw.randint(1, 3))
        places = [Place(connection.pk, target_id) for target_id in chosen]
        expected = {
            account_id
            for account_id, path in inside.items()
            if account_id in chosen or set(path.split("/")) & set(chosen)
        }
        client = signed_in(person("viewer", *places))

        listed = client.get("/api/v1/organizations/acme/accounts?limit=100").json()["results"]
        assert {one["account_id"] for one in listed or ()} == expected
        hidden = set(inside) - expected
        for name in LISTS:
            assert leaked(client, name, hidden) == [], (seed, name)


LISTS = (
    *(f"/api/v1/organizations/acme/{name}" for name in (
        "principals", "organizational-units", "policies", "coverage", "inventory-runs",
        "structure-findings", "who-can?action=s3:GetObject", "snapshots", "",
    )),
    *(f"/o/acme/{name}/" for name in ("organization", "accounts", "principals", "posture")),
)  # fmt: skip
