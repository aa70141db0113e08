"""Lists sort, filter, page and export, all by their address."""

import csv
import json
import re

import django_filters
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.test import RequestFactory
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from governance.access import rights
from governance.filtering.scope import FilterScope, ScopedFilterSet
from governance.web.parts.exports import csv_cell
from governance.web.parts.filters import address, filter_chips
from governance.web.parts.lists import Column, ListPage
from governance.web.parts.rights_view import RightMissing
from inventory.models import Account
from inventory.selectors.hierarchy import accounts
from inventory.viewing import Viewer
from tests.factories.connections import ConnectionFactory
from tests.factories.organization import AccountFactory
from tests.factories.people import person


class AccountFilters(ScopedFilterSet):
    """Name and state."""

    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains")
    state = django_filters.ChoiceFilter(
        choices=[("ACTIVE", "Active"), ("SUSPENDED", "Suspended")], label="State"
    )
    email = django_filters.CharFilter(label="Email")

    class Meta:
        model = Account
        fields: list[str] = []


class AccountList(ListPage):
    """A list as screens define theirs."""

    required_right = rights.VIEW_INVENTORY
    template_name = "governance/list.html"
    page_title = "Accounts"
    columns = (
        Column("name", "Name", ("name",), lambda row: row.name),
        Column("id", "Id", ("account_id",), lambda row: row.account_id),
        Column("tags", "Tags", (), lambda row: row.tags, hidden=True),
        Column("length", "Length", (), lambda row: row.length, numeric=True),
        Column("actions", ""),
    )
    row_template = "governance/style/row.html"
    default_sort = "name"
    filterset_class = AccountFilters
    page_size = 10
    row_noun = "account,accounts"
    export_name = "accounts"

    def get_rows(self):
        return accounts(self.viewer, connection=self.connection)

    def enrich(self, rows):
        for row in rows:
            row.length = row.accounts = len(row.name)
        return rows


@pytest.fixture
def connection(db):
    return ConnectionFactory.create(slug="acme")


@pytest.fixture
def ask(connection):
    user = person("viewer")

    def ask(query: str = "", *, htmx: bool = False, who=user):
        headers = {"HX-Request": "true"} if htmx else {}
        request = RequestFactory().get(f"/o/acme/list/{query}", headers=headers)
        request.user = who
        request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]  # as its middleware does
        request.resolver_match = None
        return AccountList.as_view()(request, slug="acme")

    return ask


def names(answer) -> list[str]:
    return [row.name for row in answer.context_data["rows"].object_list]


class TestSorting:
    def test_follows_the_address_and_only_columns_that_sort(self, ask, connection):
        for name in ("b", "a", "c"):
            AccountFactory.create(connection=connection, name=name)

        assert names(ask()) == ["a", "b", "c"]
        assert names(ask("?sort=-name")) == ["c", "b", "a"]
        with pytest.raises(BadRequest, match="this list sorts by name, id"):
            ask("?sort=email")

    def test_of_the_sorted_column_turns_round_and_goes_back_to_the_first_page(self, ask):
        heads = ask("?sort=name&page=3&state=ACTIVE").context_data["table_heads"]

        assert heads[0].sort == "ascending"
        assert heads[0].href == "?state=ACTIVE&sort=-name"
        assert heads[2].href == ""


class TestPages:
    def test_never_show_a_row_twice_although_names_are_equal(self, ask, connection):
        for _ in range(25):
            AccountFactory.create(connection=connection, name="same")

        seen = [
            row.account_id
            for page in (1, 2, 3)
            for row in ask(f"?page={page}").context_data["rows"].object_list
        ]

        assert len(seen) == len(set(seen)) == 25

    def test_past_the_end_are_the_last_one(self, ask, connection):
        AccountFactory.create(connection=connection, name="only")

        assert names(ask("?page=99")) == ["only"]

    def test_cost_the_same_queries_for_ten_thousand_rows(
        self, ask, connection, django_assert_max_num_queries
    ):
        template = AccountFactory.build(connection=connection)
        Account.objects.bulk_create(
            Account(
                connection=connection,
                account_id=f"{number:012d}",
                name=f"account-{number:05d}",
                email=f"{number}@example.org",
                arn=f"arn:{number}",
                state="ACTIVE",
                parent_id=template.parent_id,
                path=template.path,
                joined_method="CREATED",
                seen_from=template.seen_from,
                fingerprint=f"{number}",
            )
            for number in range(10_000)
        )

        # The person's rights (2), the connection, the count and the page.
        with django_assert_max_num_queries(5):
            answer = ask("?page=1000")
            found = names(answer)

        assert found[-1] == "account-09999"
        assert len(answer.context_data["rows"].object_list) == 10


class TestFilters:
    def test_keep_only_rows_that_match_and_are_shown_as_chips(self, ask, connection):
        AccountFactory.create(connection=connection, name="payments", state="ACTIVE")
        AccountFactory.create(connection=connection, name="payments-old", state="SUSPENDED")

        answer = ask("?q=payments&state=SUSPENDED")

        assert names(answer) == ["payments-old"]
        first = answer.context_data["chips"][0]
        assert (first.label, first.said) == ("State", "Suspended")
        assert first.without == "?q=payments"

    def test_refuse_a_value_that_they_do_not_know(self, ask):
        with pytest.raises(BadRequest, match="state"):
            ask("?state=GONE")

    def test_offer_their_choices_with_addresses_and_ask_for_text(self, connection):
        query = QueryDict("q=x&page=2")
        scope = FilterScope(Viewer(sees_inventory=True), connection, None, timezone.now())
        filters = AccountFilters(query, queryset=Account.objects.none(), scope=scope)

        chips = filter_chips(filters, query)

        by_name = {chip.name: chip for chip in chips}
        assert "q" not in by_name
        assert [choice.href for choice in by_name["state"].choices] == [
            "?q=x&state=ACTIVE",
            "?q=x&state=SUSPENDED",
        ]
        assert by_name["email"].choices == ()

    def test_leave_the_rest_of_the_address_alone(self):
        assert address(QueryDict("tag=a&tag=b&page=4"), sort="name") == "?tag=a&tag=b&sort=name"

    def test_that_leave_nothing_over_say_so_and_offer_to_remove_them(self, ask, connection):
        AccountFactory.create(connection=connection, name="payments")

        page = ask("?q=nothing").render().content.decode()

        assert "No row matches" in page
        assert "Remove the filters" in page


class TestPartial:
    def test_is_the_table_with_the_filters_and_the_export_that_go_with_it(self, ask, connection):
        AccountFactory.create(connection=connection, name="payments", state="ACTIVE")

        part = ask("?q=pay&sort=-name", htmx=True).render().content.decode()

        assert "<html" not in part
        assert 'id="rows"' in part
        assert "?q=pay&amp;sort=-name&amp;format=csv" in part
        assert "?q=pay&amp;sort=-name&amp;state=ACTIVE" in part
        assert '<input type="hidden" name="sort" value="-name">' in part
        assert part.count('hx-swap-oob="true"') == 3


class TestExport:
    def test_has_exactly_the_filtered_rows_of_all_pages(self, ask, connection):
        for number in range(15):
            AccountFactory.create(connection=connection, name=f"payments-{number:02d}")
        AccountFactory.create(connection=connection, name="other")

        answer = ask("?q=payments&format=csv&page=2")

        text = b"".join(answer.streaming_content).decode()
        rows = list(csv.DictReader(text.splitlines()))
        assert [row["name"] for row in rows] == [f"payments-{number:02d}" for number in range(15)]
        assert rows[0]["length"] == "11"
        assert set(rows[0]) == {"name", "id", "tags", "length"}
        assert answer.headers["Content-Disposition"] == 'attachment; filename="acme-accounts.csv"'

    def test_as_json_keeps_types(self, ask, connection):
        AccountFactory.create(connection=connection, name="=1+1", tags={"owner": "a"})

        records = json.loads(b"".join(ask("?format=json").streaming_content))

        assert records[0]["name"] == "=1+1"
        assert records[0]["tags"] == {"owner": "a"}
        assert records[0]["length"] == 4

    def test_of_nothing_is_an_empty_file_not_an_error(self, ask):
        assert json.loads(b"".join(ask("?format=json").streaming_content)) == []
        assert b"".join(ask("?format=csv").streaming_content) == b"name,id,tags,length\r\n"

    def test_knows_no_other_format(self, ask):
        with pytest.raises(BadRequest, match="csv or json"):
            ask("?format=xlsx")

    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
    def test_keeps_spreadsheets_from_running_text(self, text):
        assert csv_cell(text) == f"'{text}"

    def test_leaves_numbers_and_plain_text_as_they_are(self):
        assert csv_cell(-1) == "-1"
        assert csv_cell("a=b") == "a=b"
        assert csv_cell(None) == ""
        assert csv_cell(["-a", "b"]) == "'-a b"


class TestViewer:
    def test_without_the_right_sees_nothing(self, ask):
        with pytest.raises(RightMissing, match=re.escape(rights.VIEW_INVENTORY)):
            ask(who=AnonymousUser())
