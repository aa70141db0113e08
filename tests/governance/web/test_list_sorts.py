"""Every list sorts by each column that has an order, or says here why it does not."""

from collections.abc import Iterator, Mapping
from typing import Final

import governance.web.urls  # noqa: F401, defines every list
from governance.web.parts.lists import RowListPage

# Worked out for the rows of one page: the order of all rows would need it of all rows.
WORKED_OUT: Final = "worked out for the rows of a page alone"
# Pages of a long list are found by an index in its order. Filters find what one would sort for.
NO_INDEX: Final = "too long to sort without an index of its own"
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
    "AuditPage": dict.fromkeys(
        ("action", "object_name", "actor_name", "outcome", "position"), NO_INDEX
    ),
    "ChangeQueue": {"approvals": WORKED_OUT},
    "ComparisonPage": {"before_after": UNORDERED},
    "ContractsPage": dict.fromkeys(("from", "to", "guards"), UNORDERED),
    "DenialList": _DENIED,
    "DenialsPage": _DENIED,
    "DetectionsPage": {
        **dict.fromkeys(("subject", "principal"), HIDDEN_FROM_SOME),
        **dict.fromkeys(("severity", "title", "count", "state"), NO_INDEX),
    },
    "FindingsPage": {
        "title": HIDDEN_FROM_SOME,
        "accounts": HIDDEN_FROM_SOME,
        "state": NO_INDEX,
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
    "ResourcePoliciesPage": {
        **dict.fromkeys(("service", "region", "seen_from"), NO_INDEX),
        **dict.fromkeys(("account_name", "policy", "exposure"), WORKED_OUT),
    },
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
