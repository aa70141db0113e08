"""/trust-edges and /trust-findings: who can get in from where, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.api.parts.account_lists import InAccountsEndpoint
from governance.api.parts.endpoints import DetailEndpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.representations import AccountsKnownRepresentation, Representation
from governance.filtering.trust import TrustEdgeFilters, TrustFindingFilters
from governance.posture.trust.models import TrustEdge, TrustFinding
from governance.posture.trust.selectors import (
    edge_history,
    edge_of,
    findings_of_edges,
    trust_edges,
    trust_findings,
    was_worked_out,
)
from inventory.selectors.freshness import TRUST_TABLES
from policies.trust import GuardKind, TrustPrincipalKind, TrustSeverity

TOPIC = "Trust"
_COLLECTORS = ("iam.", "s3.")
GUARD_KINDS = [str(each) for each in GuardKind]
PRINCIPAL_KINDS = [str(each) for each in TrustPrincipalKind]
_SEVERITIES = [str(each) for each in TrustSeverity]


class TrustGuardRepresentation(serializers.Serializer[Any]):
    """A condition that whoever comes in has to meet."""

    kind = serializers.ChoiceField(choices=GUARD_KINDS)
    key = serializers.CharField(allow_blank=True)
    operator = serializers.CharField(allow_blank=True, help_text="As written.")
    values = serializers.ListField(child=serializers.CharField())
    holds = serializers.BooleanField(
        help_text="Whether everything it admits is within the purpose of such a guard."
    )
    leaves_open = serializers.CharField(help_text="What it still admits.")


class TrustPrincipalRepresentation(serializers.Serializer[Any]):
    """Principal's kind."""

    kind = serializers.ChoiceField(choices=PRINCIPAL_KINDS)
    id = serializers.CharField()
    account_id = serializers.CharField(allow_null=True)
    account_name = serializers.CharField(
        allow_null=True, help_text="Of the organization's accounts alone."
    )
    provider = serializers.CharField(
        allow_null=True, help_text="Host of an OpenID Connect provider, or saml."
    )
    tenant = serializers.CharField(
        allow_null=True, help_text="The tenant that the conditions leave of a shared provider."
    )
    vendor = serializers.CharField(allow_null=True, help_text="The external party by name.")


class TrustFindingRepresentation(Representation):
    """One thing that is wrong, as one version of it was seen."""

    key = serializers.CharField()
    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=_SEVERITIES)
    account_id = serializers.CharField()
    account_name = serializers.CharField(allow_null=True)
    subject_arn = serializers.CharField(
        help_text="ARN of the role, user, resource or provider; of an SCP or RCP its id."
    )
    edge_key = serializers.CharField(
        allow_blank=True, help_text="Of the edge in /trust-edges; empty: of no single edge."
    )
    statement = serializers.IntegerField(
        allow_null=True, help_text="Its place in the policy, from 0."
    )
    message = serializers.CharField()
    remedy = serializers.JSONField(
        help_text="What to write instead: text, and where it can be said condition or statement."
    )
    evidence = serializers.JSONField(help_text="Facts, by code.")
    found_in = serializers.ChoiceField(choices=TrustFinding.FoundIn.choices)
    seen_from = serializers.DateTimeField()
    seen_until = serializers.DateTimeField(allow_null=True, help_text="Null: current.")


class TrustEdgeRepresentation(Representation):
    """One way in, as one version of it was seen."""

    key = serializers.CharField(help_text="Identifies the edge across versions.")
    url = serializers.SerializerMethodField()
    account_id = serializers.CharField(help_text="Account of the role or resource.")
    account_name = serializers.CharField(allow_null=True)
    resource_arn = serializers.CharField()
    resource_name = serializers.CharField()
    service = serializers.CharField(help_text="As ARNs name it, such as s3; iam for roles.")
    resource_type = serializers.CharField()
    region = serializers.CharField()
    source = serializers.ChoiceField(choices=TrustEdge.Source.choices)  # type: ignore[assignment]
    through = serializers.CharField(
        allow_blank=True, help_text="What grants it, if not a policy, such as kms grant."
    )
    policy_sha256 = serializers.CharField(source="content_id", allow_null=True)
    statement = serializers.IntegerField(
        allow_null=True, help_text="Its place in the policy, from 0; null: it is not a policy."
    )
    sid = serializers.CharField(allow_blank=True)
    principal = serializers.SerializerMethodField()
    actions = serializers.ListField(child=serializers.CharField())
    crossing = serializers.ChoiceField(
        choices=TrustEdge.Crossing.choices, help_text="Which boundary it crosses."
    )
    state = serializers.ChoiceField(
        choices=TrustEdge.EdgeState.choices,
        help_text="open: without a guard that holds. guarded. blocked: no request passes. "
        "undecided: see `undecided`.",
    )
    guards = TrustGuardRepresentation(many=True)
    blocked_by = serializers.JSONField(
        allow_null=True,
        help_text="What blocks every request: by, target_id, policy, statement, sid, because.",
    )
    undecided = serializers.ListField(child=serializers.CharField())
    witness = serializers.JSONField(
        allow_null=True, help_text="A request that passes; null: blocked, or none is confirmed."
    )
    finding_codes = serializers.SerializerMethodField(help_text="Codes of its findings.")
    seen_from = serializers.DateTimeField(
        help_text="Start of the run that first found it in this state."
    )
    seen_until = serializers.DateTimeField(
        allow_null=True,
        help_text="Start of the run that found it changed or deleted; null: current.",
    )

    def get_url(self, row: TrustEdge) -> str:
        """Return the edge's address."""
        return reverse(
            "api:trust-edge",
            kwargs={"slug": self.context["slug"], "edge_key": row.key},
            request=self.context["request"],
        )

    def get_principal(self, row: Any) -> TrustPrincipalRepresentation:
        """Return who is let in."""
        shown = {
            "kind": row.principal_kind,
            "id": row.principal_id,
            "account_id": row.principal_account_id or None,
            "account_name": row.principal_account_name,
            "provider": row.provider or None,
            "tenant": row.tenant or None,
            "vendor": row.vendor or None,
        }
        serialized: Any = TrustPrincipalRepresentation(shown).data
        return serialized  # type: ignore[no-any-return]

    def get_finding_codes(self, row: TrustEdge) -> list[str]:
        """Return the codes of the findings about it, each once."""
        return sorted({one.code for one in self.context["findings"].get(row.key, ())})


class EdgeVersionRepresentation(serializers.Serializer[Any]):
    """What an edge was like for a time."""

    state = serializers.CharField()
    crossing = serializers.CharField()
    actions = serializers.ListField(child=serializers.CharField())
    seen_from = serializers.DateTimeField()
    seen_until = serializers.DateTimeField(allow_null=True)


class TrustEdgeDetailRepresentation(TrustEdgeRepresentation):
    """An edge with its policy's text, what is wrong with it, and its versions."""

    policy_text = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField(help_text="Its versions, the newest first.")

    def get_policy_text(self, row: TrustEdge) -> str | None:
        """Return the text of what lets in, null where it is no policy."""
        return row.content.text if row.content else None

    @extend_schema_field(TrustFindingRepresentation(many=True))
    def get_findings(self, row: TrustEdge) -> list[TrustFindingRepresentation]:
        """Return what is wrong with it."""
        found: Any = self.context["findings"].get(row.key, [])
        serialized: Any = TrustFindingRepresentation(found, many=True).data
        return serialized  # type: ignore[no-any-return]

    @extend_schema_field(EdgeVersionRepresentation(many=True))
    def get_history(self, row: TrustEdge) -> list[EdgeVersionRepresentation]:
        """Return its versions."""
        serialized: Any = EdgeVersionRepresentation(self.context["history"], many=True).data
        return serialized  # type: ignore[no-any-return]


class TrustEdgeList(InAccountsEndpoint):
    """Who can get in from where."""

    shows_tables = TRUST_TABLES
    topic = TOPIC
    rights = {"GET": rights.VIEW_TRUST}
    representation = TrustEdgeRepresentation
    coverage_representation = AccountsKnownRepresentation
    queryset = TrustEdge.objects.none()
    collectors = _COLLECTORS
    filterset_class = TrustEdgeFilters
    orderings = {
        "crossing": by("crossing_rank", "resource_name", "key"),
        "resource_name": by("resource_name", "key"),
        "account_id": by("account_id", "key"),
        "seen_from": by("seen_from", "key"),
    }
    usual_ordering = "crossing"

    def rows(self) -> Any:
        """Return the edges."""
        return trust_edges(self.viewer, connection=self.connection, as_of=self.as_of)

    def context(self, rows: Sequence[TrustEdge]) -> Mapping[str, Any]:
        """Return what is wrong with a page's edges."""
        found = findings_of_edges(
            self.viewer,
            connection=self.connection,
            keys=[row.key for row in rows],
            as_of=self.as_of,
        )
        return {"slug": self.connection.slug, "findings": found}

    def was_read(self) -> bool:
        """Whether trust of any account was computed."""
        return was_worked_out(self.viewer, connection=self.connection, as_of=self.as_of)

    def get(self, request: Request, **kwargs: str) -> Response:
        """List the ways in that begin or end in an account that you may see, the worst first.

        An edge is computed of collected policies and grants once a run has ended. `results` is
        null where that was never done; `coverage` says how completely the accounts are known.
        """
        return self.respond()


class TrustEdgeDetails(DetailEndpoint):
    """One way in."""

    shows_tables = TRUST_TABLES
    topic = TOPIC
    rights = {"GET": rights.VIEW_TRUST}
    representation = TrustEdgeDetailRepresentation

    def get(self, request: Request, **kwargs: str) -> Response:
        """Get one edge by its key, with its policy, findings and versions."""
        key = kwargs["edge_key"]
        row = edge_of(self.viewer, connection=self.connection, key=key, as_of=self.as_of)
        if row is None:
            raise self.missing(f"edge {key}")
        given: dict[str, Any] = {"connection": self.connection}
        findings = findings_of_edges(self.viewer, keys=[key], as_of=self.as_of, **given)
        serialized = self.serialized(
            row,
            slug=self.connection.slug,
            findings=findings,
            history=edge_history(self.viewer, key=key, **given),
        )
        return self.answer(serialized)


class TrustFindingList(InAccountsEndpoint):
    """What is wrong with who may get in."""

    shows_tables = TRUST_TABLES
    topic = TOPIC
    rights = {"GET": rights.VIEW_TRUST}
    representation = TrustFindingRepresentation
    coverage_representation = AccountsKnownRepresentation
    queryset = TrustFinding.objects.none()
    collectors = _COLLECTORS
    filterset_class = TrustFindingFilters
    orderings = {
        "severity": by("severity_rank", "code", "key"),
        "code": by("code", "key"),
        "account_id": by("account_id", "key"),
        "seen_from": by("seen_from", "key"),
    }
    usual_ordering = "severity"

    def rows(self) -> Any:
        """Return the findings."""
        return trust_findings(self.viewer, connection=self.connection, as_of=self.as_of)

    def was_read(self) -> bool:
        """Whether trust of any account was computed."""
        return was_worked_out(self.viewer, connection=self.connection, as_of=self.as_of)

    def get(self, request: Request, **kwargs: str) -> Response:
        """List what is wrong with trust in accounts that you may see, the worst first."""
        return self.respond()
