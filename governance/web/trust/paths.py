"""The Paths tab: what somebody can become and reach, who reaches something, and what to cut."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from governance.access import rights
from governance.posture.paths.answer import PathAnswer, find_paths
from governance.posture.paths.builds import GraphBuild, GraphBuildFailed, graph_or_build
from governance.posture.paths.explaining import ExplainedStep, explain_step
from governance.posture.paths.graph import TrustGraph
from governance.posture.paths.nodes import NodeKind, PathNode, Privilege
from governance.posture.paths.open_graph import open_graph_chunks
from governance.posture.paths.question import ADMINISTRATORS, ANYONE, OUTSIDE, node_label
from governance.posture.paths.reach import Direction
from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.who_can.ways import Standing
from governance.web.parts.exports import file_exported
from governance.web.parts.filters import address
from governance.web.parts.pages import ConnectionPage
from governance.web.trust.frame import TrustPage
from inventory.selectors.coverage import collected
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, DECISION_TABLES
from inventory.selectors.hierarchy import accounts

_SHOWN: Final = 100
_WAITING: Final = "governance/trust/graph_waiting.html"
_ICONS: Final = {
    NodeKind.USER: "user",
    NodeKind.ROLE: "user-shield",
    NodeKind.ROOT: "user",
    NodeKind.CONTROL: "shield-check",
    NodeKind.RESOURCE: "box",
    NodeKind.FEDERATED: "id-badge-2",
}
_STANDING_WORDS: Final = {
    Standing.ALWAYS: "Always",
    Standing.CONDITIONAL: "On conditions",
    Standing.UNKNOWN: "Not known",
}


@dataclass(frozen=True, slots=True)
class ShownNode:
    """A node as it is listed. `href`: its own page; `chain_href`: how it is reached."""

    label: str
    kind: str
    icon: str
    account_name: str
    account_id: str
    privilege: Privilege
    steps: int
    how: str
    standing: str
    href: str
    chain_href: str


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step of a chain, or one to cut. `remedy_text`: JSON to write; empty: there is none."""

    step: ExplainedStep
    standing: str
    kind_label: str
    remedy_text: str
    cuts_off: int = 0


class PathsPage(TrustPage):
    """Answers the question in the address."""

    required_right = rights.VIEW_TRUST
    template_name = "governance/trust/paths.html"
    tab = "paths"
    shows_tables = DECISION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES

    @cached_property
    def direction(self) -> Direction:
        """Which way edges are followed."""
        backward = self.request.GET.get("direction") == Direction.BACKWARD
        return Direction.BACKWARD if backward else Direction.FORWARD

    @cached_property
    def _asked(self) -> dict[str, str]:
        query = self.request.GET
        return {name: query.get(name, "").strip() for name in ("from", "to")}

    @property
    def _begins(self) -> str:
        return self._asked["to" if self.direction is Direction.BACKWARD else "from"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the form and the answer."""
        errors: dict[str, str] = {}
        answer: PathAnswer | None = None
        build: GraphBuild | None = None
        has_failed = False
        if self._begins:
            try:
                found = graph_or_build(self.viewer, connection=self.connection, as_of=self.as_of)
                if isinstance(found, GraphBuild):
                    build = found
                else:
                    answer = self._find(found)
            except CannotAnswer as error:
                errors[error.field] = str(error)
            except GraphBuildFailed:
                has_failed = True
        elif any(self._asked.values()):
            field = "to" if self.direction is Direction.BACKWARD else "from"
            errors[field] = "Give an ARN, an account's id, a vendor's name or anyone."
        return super().get_context_data(
            asked_from=self._asked["from"],
            asked_to=self._asked["to"],
            direction=self.direction.value,
            sure_only=self.request.GET.get("sure_only") == "1",
            as_of_text=self.request.GET.get("as_of", ""),
            errors=errors,
            build=build,
            has_failed=has_failed,
            answer_href=f"{self.request.path}{address(self.request.GET)}",
            examples=self._examples(),
            open_graph_href=reverse("trust-open-graph", kwargs={"slug": self.connection.slug})
            + self.as_of_query,
            as_of_query=self.as_of_query,
            proposes=self.may(rights.PROPOSE_CHANGE, None),
            **self.runs_around(),
            **(self._answered(answer) if answer is not None else {}),
            **kwargs,
        )

    def _find(self, graph: TrustGraph) -> PathAnswer:
        return find_paths(
            graph,
            connection=self.connection,
            start=self._asked["from"],
            end=self._asked["to"],
            direction=self.direction,
            sure_only=self.request.GET.get("sure_only") == "1",
        )

    def _examples(self) -> list[tuple[str, str]]:
        backward = Direction.BACKWARD.value
        return [
            ("What can anyone reach?", self._href(**{"from": ANYONE})),
            ("What can everyone outside reach?", self._href(**{"from": OUTSIDE})),
            (
                "Who from outside can become an administrator?",
                self._href(**{"from": OUTSIDE, "to": ADMINISTRATORS, "direction": backward}),
            ),
        ]

    def _href(self, **query: str) -> str:
        if self.as_of is not None:
            query["as_of"] = self.as_of.isoformat()
        return f"{self.request.path}?{urlencode(query)}"

    def _answered(self, answer: PathAnswer) -> dict[str, Any]:
        nodes = [int(node) for node in answer.nodes[:_SHOWN]]
        found = answer.cuts
        return {
            "answer": answer,
            "counts": answer.counts,
            "levels": [
                (level, answer.counts.by_privilege.get(level, 0))
                for level in Privilege
                if answer.counts.by_privilege.get(level)
            ],
            "nodes": self._nodes(answer, nodes),
            "nodes_total": len(answer.nodes),
            "chain": [self._step(answer.graph, one) for one in answer.chain],
            "cuts": [self._step(answer.graph, cut.edge, cut.weight) for cut in found.best],
            "cuts_total": found.total,
            "cuts_exact": found.is_exact,
            "unknown_accounts": len(answer.graph.unknown_accounts),
            "accounts_known": collected(
                self.viewer, connection=self.connection, as_of=self.as_of
            ).exists(),
        }

    @cached_property
    def _account_names(self) -> dict[str, str]:
        rows = accounts(self.viewer, connection=self.connection, as_of=self.as_of)
        return dict(rows.order_by().values_list("account_id", "name"))

    def _nodes(self, answer: PathAnswer, numbers: Sequence[int]) -> list[ShownNode]:
        return [self._node(answer, number) for number in numbers]

    def _node(self, answer: PathAnswer, number: int) -> ShownNode:
        graph = answer.graph
        node = graph.node(number)
        edge = graph.edge(int(answer.reached.by[number]))
        ends = {"from": self._asked["from"], "to": node.key}
        if answer.direction is Direction.BACKWARD:
            ends = {"from": node.key, "to": self._asked["to"], "direction": "backward"}
        return ShownNode(
            label=_label(node),
            kind=node.resource_type or node.kind.value.replace("_", " "),
            icon=_ICONS.get(node.kind, "world" if node.kind.is_outside else "building"),
            account_name=self._account_names.get(node.account_id, node.account_id),
            account_id=node.account_id,
            privilege=graph.privilege(number),
            steps=int(answer.reached.steps[number]),
            how=edge.way.kind.label,
            standing=_STANDING_WORDS[edge.standing],
            href=self._page(node),
            chain_href=self._href(**ends),
        )

    def _page(self, node: PathNode) -> str:
        slug = self.connection.slug
        if node.kind in {NodeKind.USER, NodeKind.ROLE}:
            return reverse("principal", kwargs={"slug": slug, "arn": node.id}) + self.as_of_query
        if node.account_id in self._account_names:
            at = {"slug": slug, "account_id": node.account_id}
            return reverse("account", kwargs=at) + self.as_of_query
        return ""

    def _step(self, graph: TrustGraph, edge: Any, cuts_off: int = 0) -> ShownStep:
        step = explain_step(self.viewer, graph, edge, connection=self.connection, as_of=self.as_of)
        statement = step.remedy.get("statement")
        return ShownStep(
            step,
            _STANDING_WORDS[edge.standing],
            edge.way.kind.label,
            json.dumps(statement, indent=2) if statement else "",
            cuts_off,
        )


def _label(node: PathNode) -> str:
    if node.kind in {NodeKind.USER, NodeKind.ROLE}:
        return node.name
    label = node_label(node)
    return f"{label[0].upper()}{label[1:]}"


class OpenGraphDownload(ConnectionPage):
    """The whole graph as a file for BloodHound."""

    required_right = rights.VIEW_TRUST
    section = "trust"
    template_name = "governance/trust/paths.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the file; where the graph is not built yet, say how far it is and try again."""
        try:
            graph = graph_or_build(self.viewer, connection=self.connection, as_of=self.as_of)
        except GraphBuildFailed:
            return render(request, _WAITING, {"has_failed": True}, status=500)
        if isinstance(graph, GraphBuild):
            waiting = render(request, _WAITING, {"build": graph}, status=202)
            waiting.headers["Refresh"] = "2"
            return waiting
        file_exported(self, title="Graph of paths", kind="json")
        response = StreamingHttpResponse(open_graph_chunks(graph), content_type="application/json")
        name = f"{self.connection.slug}-open-graph.json"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
