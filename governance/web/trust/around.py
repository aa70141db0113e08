"""Trust in and out of an account, an OU, a role, a user or a resource, as a part of its page."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.urls import reverse

from governance.access import rights
from governance.posture.paths.answer import blast_radius
from governance.posture.paths.building import graph_at_hand
from governance.posture.trust.models import TrustEdge
from governance.posture.trust.selectors import (
    edges_into,
    edges_out_of,
    last_reading,
    trust_findings,
)
from governance.web.parts.pages import ConnectionPage
from governance.web.trust.groups import shown_edges, worst_first, worst_of
from governance.web.trust.reading import WITHIN

_SHOWN: Final = 4
_PRINCIPALS: Final = (":role/", ":user/", ":assumed-role/")


@dataclass(frozen=True, slots=True)
class TrustSide:
    """One direction. `crossing`: edges across an account boundary; `within`: the others."""

    title: str
    icon: str
    empty: str
    rows: Any
    crossing: int
    within: int
    href: str


class TrustAround(ConnectionPage):
    """Who can get in and where it may get to, read after the page it stands on.

    The address has `target_id` (an account, OU or root) or `arn` (a role, user or resource).
    """

    required_right = rights.VIEW_TRUST
    template_name = "governance/trust/around.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add both directions.

        Of neither: the whole organization.

        :raises BadRequest: the address names both.
        """
        target_id, arn = (self.request.GET.get(name, "") for name in ("target_id", "arn"))
        if target_id and arn:
            raise BadRequest("Give either target_id or arn.")
        shared = {"as_of": self.request.GET.get("as_of", "")}
        can_be_let_in = not arn or any(part in arn for part in _PRINCIPALS)
        sides = [
            self.side(
                ("Trust in", "login", "Nobody outside the account is trusted."),
                edges_into(
                    self.viewer,
                    connection=self.connection,
                    target_id=target_id,
                    resource_arn=arn,
                    as_of=self.as_of,
                ),
                {**shared, **({"to": target_id} if target_id else {"resource_arn": arn})},
            )
        ]
        if can_be_let_in:
            # Who signs in through a provider of the account is not the account itself.
            sides.append(
                self.side(
                    ("Trust out", "logout", "No other account lets it in by name."),
                    edges_out_of(
                        self.viewer,
                        connection=self.connection,
                        target_id=target_id,
                        principal_id=arn,
                        as_of=self.as_of,
                    ).exclude(crossing=TrustEdge.Crossing.FEDERATED),
                    {**shared, **({"comes_from": target_id} if target_id else {"principal": arn})},
                )
            )
        return super().get_context_data(
            sides=sides,
            reach=self.reach(target_id or arn),
            trust_is_read=last_reading(self.connection) is not None,
            as_of_query=f"?{urlencode(shared)}" if shared["as_of"] else "",
            **kwargs,
        )

    def reach(self, key: str) -> dict[str, Any] | None:
        """Return how far whoever has this account or principal gets; None: of an OU or resource.

        `counts` is None where this process has not built the graph of paths of that state.
        """
        is_principal = any(part in key for part in _PRINCIPALS)
        if not is_principal and not (key.isdecimal() and len(key) == 12):
            return None
        graph = graph_at_hand(self.viewer, connection=self.connection, as_of=self.as_of)
        query = urlencode({"from": key})
        paths = reverse("trust-paths", kwargs={"slug": self.connection.slug})
        return {
            "counts": None if graph is None else blast_radius(graph, key),
            "is_at_hand": graph is not None,
            "href": f"{paths}?{query}",
        }

    def side(
        self, said: tuple[str, str, str], edges: "QuerySet[TrustEdge]", query: dict[str, str]
    ) -> TrustSide:
        """Return one direction with its worst edges. `query`: of the filtered table."""
        findings = trust_findings(self.viewer, connection=self.connection, as_of=self.as_of)
        crossing = edges.exclude(WITHIN)
        worst = worst_first(crossing, worst_of(crossing, findings), findings, start=0, most=_SHOWN)
        address = urlencode({name: value for name, value in query.items() if value})
        return TrustSide(
            *said,
            rows=shown_edges(self, worst),
            crossing=crossing.order_by().count(),
            within=edges.filter(Q(WITHIN)).order_by().count(),
            href=f"{reverse('trust', kwargs={'slug': self.connection.slug})}?{address}",
        )
