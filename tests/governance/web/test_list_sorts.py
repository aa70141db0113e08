"""Every list sorts by each column that has an order, or says here why it does not."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import governance.web.urls
from governance.web.parts.keyset import KeysetRowListPage
from governance.web.parts.lists import RowListPage
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person
from tests.governance.web.test_rights import patterns

# Worked out for the rows of one page: the order of all rows would need it of all rows.
WORKED_OUT: Final = "worked out for the rows of a page alone"
# Pages of a long list are found by an index in its order. Filters find what one would sort for.
NO_INDEX: Final = "too long to sort without an index of its own"
# Its other column of time is sorted by instead.
IN_ORDER_OF_TIME: Final = "as they were recorded"
# Tags, guards, policies: there is no first one.
UNORDERED: Final = "several values, or a text, without an order"
# Who may not see a subject must not learn its place in the order either.
HIDDEN_FROM_SOME: Final = "in parts hidden from some viewers"

_USED: Final = {
    **dict.fromkeys(("resource", "region", "denied", "first_day"), NO_INDEX),
    "used_from": UNORDERED,
}
_DENIED: Final = {
    **dict.fromkeys(("action", "resource", "account_id", "region"), NO_INDEX),
    "policy": WORKED_OUT,
}
_ACCOUNTS: Final = {"tags": UNORDERED, "coverage": WORKED_OUT}
UNSORTED: Final[Mapping[str, Mapping[str, str]]] = {
    "AccountUsage": _USED,
    "AccountsPage": _ACCOUNTS,
    "AuditPage": {"position": IN_ORDER_OF_TIME},
    "ChangeQueue": {"approvals": WORKED_OUT},
    "ComparisonPage": {"before_after": UNORDERED},
    "ContractsPage": dict.fromkeys(("from", "to", "guards"), UNORDERED),
    "DenialList": _DENIED,
    "DenialsPage": _DENIED,
    "DetectionsPage": dict.fromkeys(("subject", "principal"), HIDDEN_FROM_SOME),
    "FindingsPage": {
        "title": HIDDEN_FROM_SOME,
        "accounts": HIDDEN_FROM_SOME,
        "who": WORKED_OUT,
    },
    "PolicyAccountsTab": {"via": UNORDERED},
    "PolicyAttachmentsTab": dict.fromkeys(("accounts", "since"), WORKED_OUT),
    "PolicyUsage": _DENIED,
    "PrincipalNamesPage": dict.fromkeys(("trust_texts", "last_use"), WORKED_OUT),
    "PrincipalUsage": {**_USED, "account_id": NO_INDEX},
    "PrincipalsPage": {
        **dict.fromkeys(
            ("path", "managed_policies", "inline_policies", "boundary_arn", "created_at"), NO_INDEX
        ),
        **dict.fromkeys(("account_name", "last_use"), WORKED_OUT),
    },
    "ResourcePoliciesPage": dict.fromkeys(("account_name", "policy", "exposure"), WORKED_OUT),
    "RunCoverage": {"account": WORKED_OUT, "message": UNORDERED, "calls": WORKED_OUT},
    "RunPage": {
        **dict.fromkeys(("name", "collectors_complete", "seconds"), WORKED_OUT),
        "problem": UNORDERED,
    },
    "RunSuspected": {"account_name": WORKED_OUT},
    "RunsPage": dict.fromkeys(("accounts", "calls"), WORKED_OUT),
    "UnitPage": _ACCOUNTS,
    "UsagePage": {**_USED, "action": NO_INDEX, "account_id": NO_INDEX},
    "WhoCanHow": {
        "standing": WORKED_OUT,
        "conditions": UNORDERED,
        "accounts": WORKED_OUT,
        "example": UNORDERED,
    },
    "WhoCanPage": {"conditions": UNORDERED, "allowed_by": UNORDERED, "last_used": WORKED_OUT},
    "WithinAccountsPage": {
        "principal": NO_INDEX,
        "guards": UNORDERED,
        "state": NO_INDEX,
        "severity": WORKED_OUT,
    },
}
# Sums over the days that are looked at, each list's own: no index holds them.
SUMMED: Final[Mapping[str, set[str]]] = {"denials": {"count"}}


def lists(base: type[RowListPage] = RowListPage) -> Iterator[type[RowListPage]]:
    for one in base.__subclasses__():
        if one.__module__.startswith("governance.") and "columns" in dir(one):
            yield one
        yield from lists(one)


def test_every_shown_column_sorts_or_says_why_not():
    unsorted = {
        page.__name__: {
            column.key
            for column in page.columns
            if column.label and not column.hidden and not column.order_by
        }
        for page in lists()
    }
    told = {name: set(columns) for name, columns in UNSORTED.items()}
    assert {name: keys for name, keys in unsorted.items() if keys} == told


def long_lists() -> dict[str, type[KeysetRowListPage]]:
    """Return the lists that are too long to count, by the name of their address."""
    found: dict[str, Any] = {}
    for pattern in patterns(governance.web.urls.urlpatterns):
        view = getattr(pattern.callback, "view_class", object)
        if issubclass(view, KeysetRowListPage) and not pattern.pattern.converters:
            found[str(pattern.name)] = view
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(long_lists()))
def test_pages_of_a_long_list_are_found_by_an_index_in_each_order(client, name):
    slug = ConnectionFactory.create().slug
    client.force_login(person("administrator"))
    where = reverse(name, kwargs={} if name == "audit" else {"slug": slug})
    view = long_lists()[name]
    orders = {one.key for one in view.columns if one.order_by} - SUMMED.get(name, set())
    assert orders
    sorted_anew, most = [], view.page_size + 1
    with database.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        # Backwards as well, as an index is.
        for order in sorted(orders):
            with CaptureQueriesContext(database) as queries:
                assert client.get(where, {"sort": order}).status_code == 200
            asked = next(
                query["sql"]
                for query in queries
                if " ORDER BY " in query["sql"] and query["sql"].endswith(f" LIMIT {most}")
            )
            cursor.execute(f"EXPLAIN {asked}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            if re.search(r"(?<!Incremental )Sort  ", plan):
                sorted_anew.append(f"{order}: {plan}")
    assert not sorted_anew, "\n".join(sorted_anew)
