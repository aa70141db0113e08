"""Guardrails on screen: the matrix, one result with its proof, one guardrail and its remedy."""

import re
from http import HTTPStatus

import plotly.graph_objects as go
import pytest
from django.urls import reverse

from governance.changes.models import ChangeRequest
from governance.web.guardrails import matrix_reading
from inventory.viewing import Place
from tests.factories.guardrail_results import GuardrailResultFactory, tallied
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot

pytestmark = pytest.mark.django_db

PAYMENTS, WEBSITE = "222222222222", "222222222223"
GUARDRAIL = "cloudtrail-stays-on"
PROD, TEST = "ou-ab12-prod0001", "ou-ab12-test0001"


@pytest.fixture
def connection():
    made = organization_snapshot().connection
    GuardrailResultFactory.create(connection=made, account_id=PAYMENTS)
    GuardrailResultFactory.create(connection=made, account_id=WEBSITE, outcome="undecided")
    tallied(made)
    return made


@pytest.fixture
def ada(client, connection):
    client.force_login(person("security", username="ada"))
    return client


def address(connection, name="guardrails", **kwargs):
    return reverse(name, kwargs={"slug": connection.slug, **kwargs})


def cell(connection, account_id=PAYMENTS, name="guardrail-cell"):
    return address(connection, name, guardrail_id=GUARDRAIL, account_id=account_id)


class TestMatrix:
    def test_shows_of_an_ou_the_worst_and_in_how_many_accounts(self, ada, connection):
        page = ada.get(address(connection))
        said = {cell.said for line in page.context["lines"] for cell in line.cells}

        assert "Fails in 1 of 2" in said
        assert page.context["total"].fails == 1

    def test_shows_the_accounts_of_an_open_ou_with_their_own_cells(self, ada, connection):
        first = ada.get(address(connection))
        closed = [line for line in first.context["lines"] if line.is_account]
        units = [line.row.target_id for line in first.context["lines"]]
        opened = ada.get(address(connection), {"open": units})
        accounts = {
            line.row.target_id: line.cells[0].look
            for line in opened.context["lines"]
            if line.is_account
        }

        assert closed == []
        assert (accounts[PAYMENTS], accounts[WEBSITE]) == ("fails", "undecided")

    def test_finds_one_account_by_name(self, ada, connection):
        page = ada.get(address(connection), {"q": "payments"})
        assert [line.row.name for line in page.context["lines"]] == ["payments", "payments-test"]

    def test_leads_from_a_cell_of_an_account_to_its_result_and_from_an_ou_to_its_accounts(
        self, ada, connection
    ):
        units = [line.row.target_id for line in ada.get(address(connection)).context["lines"]]
        text = ada.get(address(connection), {"open": units}).content.decode()
        assert f'<td class="fails"><a href="of/{GUARDRAIL}/accounts/{PAYMENTS}/">' in text
        assert '<td class="fails"><b></b></td>' in text
        there = ada.get(address(connection, "guardrail", guardrail_id=GUARDRAIL), {"under": PROD})
        assert [row["one"].account_id for row in there.context["results"]] == [PAYMENTS, WEBSITE]
        other = ada.get(address(connection, "guardrail", guardrail_id=GUARDRAIL), {"under": TEST})
        assert other.context["results"] == []
        assert "No account there fails" in other.content.decode()

    def test_shows_accounts_as_rows_page_by_page(self, ada, connection, monkeypatch):
        monkeypatch.setattr(matrix_reading, "_ACCOUNTS_SHOWN", 2)
        first = ada.get(address(connection), {"rows": "accounts"})
        names = [line.row.name for line in first.context["lines"]]
        after = ada.get(address(connection) + first.context["pages"]["next"])

        assert len(names) == 2
        assert not set(names) & {line.row.name for line in after.context["lines"]}
        assert after.context["pages"]["previous"] == "?rows=accounts"
        inside = ada.get(address(connection), {"rows": "accounts", "under": PROD})
        assert [line.row.target_id for line in inside.context["lines"]] == [PAYMENTS, WEBSITE]

    def test_shows_few_accounts_of_an_open_ou_and_leads_to_the_others(
        self, ada, connection, monkeypatch
    ):
        monkeypatch.setattr(matrix_reading, "_ACCOUNTS_IN_UNIT", 1)
        page = ada.get(address(connection), {"open": PROD})
        last = next(line for line in page.context["lines"] if line.is_account)

        assert (last.more, last.more_href) == (1, f"?rows=accounts&under={PROD}")

    def test_opens_level_by_level_where_ous_are_many(self, ada, connection, monkeypatch):
        monkeypatch.setattr(matrix_reading, "_UNITS_SHOWN", 3)
        closed = [line.row.target_id for line in ada.get(address(connection)).context["lines"]]
        opened = ada.get(address(connection), {"open": "ou-ab12-work0001"}).context["lines"]

        assert PROD not in closed
        assert PROD in [line.row.target_id for line in opened]

    def test_names_in_the_table_where_a_guardrail_fails_and_what_fails_in_one_account(
        self, ada, connection
    ):
        rows = ada.get(address(connection), {"view": "table"}).context["guardrail_rows"]
        assert [(one.counts.fails, one.places[0].label) for one in rows] == [(1, "Workloads/Prod")]
        text = ada.get(address(connection), {"view": "table", "q": PAYMENTS}).content.decode()
        assert f'<a href="of/{GUARDRAIL}/accounts/{PAYMENTS}/">Nobody stops' in text

    @pytest.mark.parametrize("name", ["view", "rows"])
    def test_refuses_a_view_or_rows_that_there_are_not(self, ada, connection, name):
        answer = ada.get(address(connection), {name: "pie"})
        assert answer.status_code == HTTPStatus.BAD_REQUEST

    def test_draws_the_same_rows_and_columns_as_a_heatmap(self, ada, connection):
        page = ada.get(address(connection), {"view": "heatmap"})
        figure = page.context["chart"].figure
        go.Figure(figure | {"layout": {}})
        trace = figure["data"][0]
        at = trace["meta"]["rows"].index(PROD)

        assert trace["meta"]["rows"] == [line.row.target_id for line in page.context["lines"]]
        assert trace["meta"]["columns"] == [GUARDRAIL]
        assert (trace["text"][at], trace["customdata"][at]) == (["✕"], ["Fails in 1 of 2"])
        assert "plotly.js" in page.content.decode()
        assert "plotly.js" not in ada.get(address(connection)).content.decode()

    def test_says_that_nothing_was_worked_out_rather_than_that_all_holds(self, client, db):
        made = organization_snapshot().connection
        client.force_login(person("viewer"))
        text = client.get(address(made)).content.decode()

        assert "Not evaluated yet" in text

    def test_exports_each_result(self, ada, connection):
        answer = ada.get(address(connection), {"format": "csv"})
        text = b"".join(answer.streaming_content).decode()

        assert f"{GUARDRAIL},Nobody stops or alters CloudTrail,critical,{PAYMENTS}" in text

    def test_counts_only_what_a_viewer_may_see(self, client, connection):
        client.force_login(person("viewer", Place(connection.pk, WEBSITE)))
        page = client.get(address(connection))

        assert (page.context["total"].fails, page.context["total"].undecided) == (0, 1)
        assert client.get(cell(connection)).status_code == HTTPStatus.NOT_FOUND


class TestResult:
    @pytest.mark.parametrize("name", ["guardrail-cell", "guardrail-cell-panel"])
    def test_shows_the_counterexample_with_a_way_to_trace_it(self, ada, connection, name):
        text = ada.get(cell(connection, name=name)).content.decode()

        assert "arn:aws:iam::222222222222:role/ops" in text
        assert "cloudtrail:StopLogging" in text
        assert "/why-denied/?" in text


class TestGuardrail:
    def test_says_what_it_states_where_it_fails_and_what_to_do(self, ada, connection):
        text = ada.get(address(connection, "guardrail", guardrail_id=GUARDRAIL)).content.decode()

        assert "Nobody stops or alters CloudTrail" in text
        assert "payments" in text
        assert "StopLogging" in text

    def test_says_the_result_and_the_remedy_before_ten_accounts_and_then_all(
        self, ada, connection, monkeypatch
    ):
        monkeypatch.setattr("governance.web.guardrails.guardrail._RESULTS_AT_FIRST", 1)
        page = address(connection, "guardrail", guardrail_id=GUARDRAIL)
        text = ada.get(page).content.decode()
        parts = [text.index(part) for part in ("Fails in ", ">Remedy<", "Where it does not hold")]
        assert parts == sorted(parts)
        assert text.count('<td class="first">') == 1
        (more,) = re.findall(r'href="([^"]*accounts=all[^"]*)"', text)
        assert ada.get(f"{page}{more}").content.decode().count('<td class="first">') > 1

    def test_drafts_a_change_request_that_attaches_the_remedy(self, ada, connection):
        ada.post(address(connection, "guardrail-fix", guardrail_id=GUARDRAIL))
        change = ChangeRequest.objects.get()

        assert change.title == "Make it hold: Nobody stops or alters CloudTrail"

    def test_lists_every_guardrail_of_the_library(self, ada, connection):
        page = ada.get(address(connection, "guardrail-list"))
        assert GUARDRAIL in {row["one"].guardrail.id for row in page.context["overviews"]}
