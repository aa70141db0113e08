"""Statements of the organization's SCPs and RCPs by their Sid."""

from collections.abc import Iterator
from typing import Final

from django.urls import reverse

from governance.posture.state.organization import CONTROL_TYPES
from governance.posture.state.parsed_policies import parsed_contents
from governance.web.palette.hits import Hit
from inventory.models import Connection
from inventory.selectors.policies import policies
from inventory.viewing import Viewer
from policies import PolicyType

_SHORTEST: Final = 3
_MOST: Final = 6
# Policies whose text holds the words, of which some hold them in a Sid.
_MOST_POLICIES: Final = 50


def statements_named(viewer: Viewer, connection: Connection, query: str) -> list[Hit]:
    """Return the statements whose Sid holds a query, those that begin with it first."""
    if len(query) < _SHORTEST or not query.isalnum():
        return []
    wanted = query.casefold()
    found = [
        hit for hit in _statements(viewer, connection, query) if wanted in hit.label.casefold()
    ]
    found.sort(key=lambda hit: (not hit.label.casefold().startswith(wanted), hit.label, hit.note))
    return found[:_MOST]


def _statements(viewer: Viewer, connection: Connection, query: str) -> Iterator[Hit]:
    rows = list(
        policies(viewer, connection=connection)
        .filter(type__in=[one.value for one in CONTROL_TYPES], content__text__icontains=query)
        .order_by("name", "policy_id")[:_MOST_POLICIES]
    )
    parsed = parsed_contents((row.content_id, PolicyType(row.type)) for row in rows)
    for row in rows:
        policy = parsed.get(row.content_id)
        document = policy.document if policy else None
        page = reverse("policy", kwargs={"slug": connection.slug, "policy_id": row.policy_id})
        for number, statement in enumerate(document.statements if document else (), start=1):
            if statement.sid:
                yield Hit(statement.sid, row.name, "list-details", f"{page}#statement-{number}")
