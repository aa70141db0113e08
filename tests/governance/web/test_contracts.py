"""Screens of contracts: the list, one contract, declaring by hand and from an edge, files."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance.contracts.models import TrustContract
from tests.factories.contracts import PAYMENTS, WEBSITE, trust_contract
from tests.factories.owners import OwnershipFactory
from tests.factories.people import LONG_AGO, person, prove
from tests.factories.times import FIRST_RUN_AT
from tests.factories.trust import TrustEdgeFactory

pytestmark = pytest.mark.django_db

FORM = {
    **{"from_kind": "account", "from_value": WEBSITE, "to_kind": "account", "to_value": PAYMENTS},
    **{"actions": "sts:AssumeRole", "purpose": "The website reads payments."},
}


@pytest.fixture
def connection(snapshot):
    return snapshot.connection


@pytest.fixture
def to(connection):
    def address(name, **kwargs):
        return reverse(name, kwargs={"slug": connection.slug, **kwargs})

    return address


@pytest.fixture
def author(client):
    client.force_login(person("author", username="ada"))
    return client


@pytest.fixture
def edge(connection):
    return TrustEdgeFactory.create(
        connection=connection,
        seen_from=FIRST_RUN_AT,
        principal_account_id=WEBSITE,
        crossing="organization",
        resource_name="deploy",
    )


class TestDeclaring:
    def test_a_draft_or_a_proposal_is_made(self, author, to):
        author.post(to("contract-declare"), FORM)
        author.post(to("contract-declare"), {**FORM, "submit": "1"})
        states = TrustContract.objects.order_by("number").values_list("state", flat=True)
        assert list(states) == ["draft", "proposed"]

    def test_what_is_wrong_stands_beside_its_field(self, author, to):
        wrong = {**FORM, "from_value": "webite", "to_value": "", "until": "2020-01-01"}
        form = author.post(to("contract-declare"), wrong).context["form"]
        assert set(form.errors) == {"to_value"}
        form = author.post(to("contract-declare"), {**wrong, "to_value": "x"}).context["form"]
        assert set(form.errors) == {"from_value", "to_value", "until"}
        assert "did you mean website?" in str(form.errors["from_value"])

    def test_an_edge_is_adopted_with_its_own_terms(self, author, to, edge):
        form = author.get(f"{to('contract-declare')}?edge={edge.key}").context["form"]
        assert form.initial["from_value"] == WEBSITE
        assert form.initial["to_value"] == edge.resource_arn

    def test_many_edges_are_adopted_at_once_and_those_with_a_contract_stay(
        self, author, to, connection, edge
    ):
        other = TrustEdgeFactory.create(
            connection=connection,
            seen_from=FIRST_RUN_AT,
            principal_account_id=WEBSITE,
            crossing="organization",
            resource_name="audit",
        )
        within = TrustEdgeFactory.create(
            connection=connection, seen_from=FIRST_RUN_AT, crossing="account"
        )
        listing = author.get(to("trust"), {"unfold": "organization"}).content.decode()
        assert f'name="item" value="{edge.key}"' in listing
        keys = [edge.key, other.key, within.key]
        answer = author.get(to("contracts-adopt"), {"item": keys})
        stays = {row.key: row.stays for row in answer.context["rows"]}
        assert stays[within.key].startswith("the edge stays within its account")
        assert answer.context["page_title"] == "Adopt 2 edges"
        given = {"item": keys, "purpose": "Deploys.", "until": "2020-01-01"}
        assert "until" in author.post(to("contracts-adopt"), given).context["form"].errors

        author.post(to("contracts-adopt"), {**given, "until": "", "submit": "on"})
        made = TrustContract.objects.order_by("number")
        assert [(one.state, one.purpose) for one in made] == [("proposed", "Deploys.")] * 2
        assert {one.terms.target.value for one in made} == {edge.resource_arn, other.resource_arn}

    def test_a_successor_begins_with_the_terms_of_the_contract(self, author, to, connection):
        active = trust_contract(connection, person("author"), state="active")
        address = f"{to('contract-declare')}?replaces={active.number}"
        assert author.get(address).context["form"].initial["purpose"] == active.purpose
        author.post(address, {**FORM, "purpose": "Another year."})
        assert TrustContract.objects.get(number=2).replaces == active


class TestContract:
    def test_shows_edges_and_who_can_approve_and_takes_the_approval(
        self, author, client, to, connection, edge
    ):
        ben = person("approver", username="ben")
        OwnershipFactory.create(
            connection=connection, target_id=PAYMENTS, user=ben, confirmed_at=LONG_AGO
        )
        contract = trust_contract(connection, person("author"))
        author.post(to("contract-act", contract_number=1), {"act": "submit"})
        shown = author.get(to("contract", contract_number=1))
        assert [row.edge.key for row in shown.context["edges"]] == [edge.key]
        assert not shown.context["acts"].verdicts
        client.force_login(ben)
        assert client.get(to("contract", contract_number=1)).context["acts"].verdicts
        given = {"verdict": "approve", "digest": contract.digest}
        asked = client.post(to("contract-review", contract_number=1), given)
        assert "/step-up/" in asked.headers["Location"]
        prove(client)
        client.post(to("contract-review", contract_number=1), given)
        (review,) = client.get(to("contract", contract_number=1)).context["reviews"]
        assert (review.look, review.counts) == ("approved", True)

    def test_is_ended_with_a_reason(self, author, to, connection):
        contract = trust_contract(connection, person("author"), state="active")
        author.post(to("contract-act", contract_number=1), {"act": "end", "reason": ""})
        contract.refresh_from_db()
        assert contract.state == "active"
        author.post(to("contract-act", contract_number=1), {"act": "end", "reason": "Moved."})
        contract.refresh_from_db()
        assert contract.state == "ended"

    def test_another_version_is_saved(self, author, to, connection):
        trust_contract(connection, person("author"))
        author.post(
            to("contract-edit", contract_number=1), {**FORM, "purpose": "Other.", "version": "1"}
        )
        late = {**FORM, "purpose": "Late.", "version": "1"}
        answer = author.post(to("contract-edit", contract_number=1), late)
        assert "edited after you opened it" in str(answer.context["form"].errors)


class TestListAndFiles:
    def test_the_list_names_both_ends(self, author, to, connection):
        trust_contract(connection, person("author"), state="active")
        (row,) = author.get(to("contracts")).context["rows"]
        assert (row.from_name, row.to_name) == ("account website", "account payments")
        assert list(author.get(f"{to('contracts')}?q=nothing").context["rows"]) == []
        assert list(author.get(f"{to('contracts')}?sort=-edges").context["rows"]) == [row]

    def test_of_an_earlier_time_the_list_has_those_in_force_then(self, author, to, connection):
        ended = trust_contract(connection, person("author"), state="active")
        TrustContract.objects.filter(pk=ended.pk).update(
            state="ended", decided_at=FIRST_RUN_AT, ended_at=FIRST_RUN_AT + timedelta(hours=2)
        )
        trust_contract(
            connection,
            person("author"),
            state="active",
            number=2,
            decided_at=FIRST_RUN_AT + timedelta(hours=2),
        )
        then = (FIRST_RUN_AT + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
        shown = author.get(f"{to('contracts')}?as_of={then}")
        assert [(row.number, row.look) for row in shown.context["rows"]] == [(1, "active")]
        assert "Declare a contract" not in shown.content.decode()

    def test_a_file_is_previewed_and_then_declared(self, author, to, connection):
        trust_contract(connection, person("author"), state="active")
        text = author.get(to("contract-export")).content.decode().replace("reads", "writes")
        upload = {"file": SimpleUploadedFile("contracts.yaml", text.encode())}
        assert author.post(to("contract-import"), upload).context["new_count"] == 1
        assert TrustContract.objects.count() == 1
        author.post(to("contract-import"), {"apply": "1", "content": text})
        assert TrustContract.objects.get(number=2).state == "draft"

    def test_edges_in_the_table_are_filtered_by_contract(self, author, to, connection, edge):
        other = TrustEdgeFactory.create(
            connection=connection, seen_from=FIRST_RUN_AT, crossing="external"
        )
        contract = trust_contract(connection, person("author"), state="active")
        contract.matches.create(connection=connection, edge_key=edge.key, matched_from=FIRST_RUN_AT)

        def keys(query):
            groups = author.get(to("trust") + f"?unfold=organization&unfold=external&{query}")
            return {row.edge.key for _, rows in groups.context["groups"] for row in rows}

        assert keys("contract=C-1") == keys("contract=any") == {edge.key}
        assert keys("contract=none") == {other.key}
