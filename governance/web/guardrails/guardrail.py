"""The list of guardrails, one guardrail, and the change request that makes it hold."""

import json
from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.owners.targets import OwnedTarget, target_tree
from governance.baseline.guardrails.definitions import GUARDRAILS
from governance.baseline.guardrails.documents import (
    FRAMEWORK_LABELS,
    TOPIC_LABELS,
    GuardrailDocument,
    ManagementAccount,
    TargetSelection,
)
from governance.baseline.guardrails.outcome_counts import OutcomeCounts
from governance.baseline.guardrails.parameters import ParameterUnset, filled, parameters_of
from governance.baseline.guardrails.selectors import (
    GuardrailOverview,
    guardrail_overview,
    guardrail_overviews,
    guardrail_results,
    guardrail_trend,
)
from governance.changes.drift.guardrail_remedy import CannotRemedy, change_remedy
from governance.web.guardrails.frame import GuardrailScreen
from governance.web.parts import ages
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.filters import address
from governance.web.parts.markup import sentence
from governance.web.parts.pages import Crumb, Fact, Tab
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, GUARDRAIL_TABLES
from inventory.viewing import sees_whole

_RESULTS_SHOWN: Final = 100
# Until more are asked for: scope and history stand below the accounts on a narrow page.
_RESULTS_AT_FIRST: Final = 10
_TREND_DAYS: Final = 90
_MANAGEMENT_WORDS: Final = {
    ManagementAccount.INCLUDE: "included",
    ManagementAccount.EXCLUDE: "excluded",
    ManagementAccount.ONLY: "alone",
}
_NOT_HOLDING: Final = ("fails", "undecided", "not_covered")


class GuardrailListPage(Exporting, GuardrailScreen):
    """Every guardrail with its counts, the worst first."""

    required_right = rights.VIEW_GUARDRAILS
    tab = "list"
    shows_tables = GUARDRAIL_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    template_name = "governance/guardrails/list.html"

    def overviews(self) -> tuple[GuardrailOverview, ...]:
        """Return the guardrails with what was found of them."""
        found = guardrail_overviews(self.viewer, connection=self.connection, as_of=self.as_of)
        words = self.request.GET.get("q", "").strip().lower()
        return tuple(
            one
            for one in found
            if words in one.guardrail.document.title.lower() or words in one.guardrail.id
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the guardrails."""
        found = self.overviews()
        query = self.request.GET
        return super().get_context_data(
            overviews=[
                {
                    "one": one,
                    "href": self.href("guardrail", guardrail_id=one.guardrail.id),
                    "topic": TOPIC_LABELS[one.guardrail.document.topic],
                }
                for one in found
            ],
            rows={"counted": len(found)},
            row_noun="guardrail,guardrails",
            csv_href=address(query, format="csv"),
            json_href=address(query, format="json"),
            may_manage=self.may(rights.MANAGE_GUARDRAILS),
            **kwargs,
        )

    def export(self, kind: str) -> HttpResponseBase:
        """Send the guardrails with their counts."""
        return export_response(
            kind,
            name=f"{self.connection.slug}-guardrails",
            header=[
                *("id", "title", "topic", "severity", "kind", "enabled"),
                *("fails", "undecided", "not_covered", "excepted", "holds", "problem"),
            ],
            rows=(
                [
                    one.guardrail.id,
                    one.guardrail.document.title,
                    one.guardrail.document.topic.value,
                    one.guardrail.document.severity.value,
                    one.guardrail.document.kind,
                    one.guardrail.enabled,
                    one.counts.fails,
                    one.counts.undecided,
                    one.counts.not_covered,
                    one.counts.excepted,
                    one.counts.holds,
                    one.problem,
                ]
                for one in self.overviews()
            ),
        )


class OneGuardrail(GuardrailScreen):
    """A screen about one guardrail. Sets `overview`."""

    required_right = rights.VIEW_GUARDRAILS
    shows_tables = GUARDRAIL_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    overview: GuardrailOverview

    def begin(self) -> None:
        """Find the guardrail.

        :raises Http404: there is none of this id.
        """
        super().begin()
        guardrail_id = self.kwargs["guardrail_id"]
        found = guardrail_overview(
            self.viewer, connection=self.connection, guardrail_id=guardrail_id
        )
        if found is None:
            raise Http404(f"There is no guardrail {guardrail_id}.")
        self.overview = found

    @property
    def document(self) -> GuardrailDocument:
        """What the guardrail says."""
        return self.overview.guardrail.document

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one guardrail."""
        return []


class GuardrailPage(OneGuardrail):
    """What it states, where, what was found, and how to make it hold."""

    required_right = rights.VIEW_GUARDRAILS
    template_name = "governance/guardrails/guardrail.html"

    def get_title(self) -> str:
        """Return the guardrail's title."""
        return self.document.title

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the matrix and this guardrail."""
        return [Crumb("Guardrails", self.href("guardrails")), Crumb(self.overview.guardrail.id)]

    def get_facts(self) -> Sequence[Fact]:
        """Return family, kind and who wrote it."""
        guardrail = self.overview.guardrail
        facts = [
            Fact("Family", TOPIC_LABELS[self.document.topic]),
            Fact("Decided by", _KIND_WORDS[self.document.kind]),
        ]
        if guardrail.is_shipped:
            facts.append(Fact("Source", "Library, changed" if guardrail.is_changed else "Library"))
        else:
            facts.append(Fact("Source", "Your organization"))
        if guardrail.version:
            facts.append(Fact("Version", f"{guardrail.version} by {guardrail.made_by}"))
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add statement, scope, results, history and remedy."""
        overview, document = self.overview, self.document
        query = self.request.GET
        not_holding = guardrail_results(
            self.viewer,
            connection=self.connection,
            guardrail_id=overview.guardrail.id,
            outcomes=_NOT_HOLDING,
            under=query.get("under", ""),
            as_of=self.as_of,
        )
        counted = not_holding.count()
        shown = _RESULTS_SHOWN if query.get("accounts") == "all" else _RESULTS_AT_FIRST
        results = not_holding.order_by("outcome", "account_id")[:shown]
        remedy_text, remedy_problem = self.remedy()
        return super().get_context_data(
            overview=overview,
            document=document,
            counts=overview.counts,
            statements=[_pretty(one.as_json()) for one in document.effect],
            states=[_pretty(one.as_json()) for one in document.state],
            scope=_scope_lines(document),
            references=[
                (FRAMEWORK_LABELS[name], ", ".join(ids)) for name, ids in document.references
            ],
            results=[
                {
                    "one": one,
                    "href": self.href(
                        "guardrail-cell",
                        guardrail_id=overview.guardrail.id,
                        account_id=one.account_id,
                    )
                    + self.as_of_query,
                }
                for one in results
            ],
            not_holding=counted,
            more_href=address(query, accounts="all") if counted > shown < _RESULTS_SHOWN else "",
            more_shown=min(counted, _RESULTS_SHOWN),
            headline=_headline(overview.counts),
            lead_counts=[
                ("Fails", overview.counts.fails),
                ("Undecided", overview.counts.undecided),
                ("Not covered", overview.counts.not_covered),
                ("Excepted", overview.counts.excepted),
                ("Holds", overview.counts.holds),
            ],
            under=self.under(),
            versions=GUARDRAILS.versions(self.connection, overview.guardrail.id)[:20],
            trend=self.trend(),
            remedy_text=remedy_text,
            remedy_problem=remedy_problem,
            can_draft=document.remedy.policy_type is not None
            and overview.counts.fails > 0
            and self.may(rights.PROPOSE_CHANGE, None),
            may_manage=self.may(rights.MANAGE_GUARDRAILS),
            fix_href=self.href("guardrail-fix", guardrail_id=overview.guardrail.id),
            **kwargs,
        )

    def under(self) -> OwnedTarget | None:
        """Return the OU or root that the address limits the results to; None: none, or gone."""
        tree = target_tree(self.connection, as_of=self.as_of)
        return tree.by_id.get(self.request.GET.get("under", ""))

    def remedy(self) -> tuple[str, str]:
        """Return the remedy's policy with parameters filled in, or why that is not possible."""
        remedy = self.document.remedy
        if remedy.policy_type is None:
            return "", ""
        try:
            return _pretty(filled(remedy.policy, parameters_of(self.connection))), ""
        except ParameterUnset as error:
            return _pretty(remedy.policy), str(error)

    def trend(self) -> list[tuple[str, int, int]]:
        """Return the days on which the number of failing accounts changed, the latest first."""
        if not sees_whole(self.viewer, self.connection):
            return []
        days = guardrail_trend(
            self.connection,
            now=self.now,
            days=_TREND_DAYS,
            guardrail_id=self.overview.guardrail.id,
        )
        found: list[tuple[str, int, int]] = []
        for day in days:
            if not found or found[-1][1] != day.counts.fails:
                found.append((ages.day(day.day), day.counts.fails, day.counts.accounts))
        return found[::-1][:12]


def _headline(counts: OutcomeCounts) -> str:
    """Say in one sentence where a guardrail holds."""
    if not counts.accounts:
        return "No result: no account is in its scope, or it was not evaluated yet."
    whole = f"{counts.accounts:,} {'account' if counts.accounts == 1 else 'accounts'} in scope"
    unknown = [
        f"{count:,} {words}"
        for count, words in (
            (counts.undecided, "undecided"),
            (counts.not_covered, "not covered"),
            (counts.excepted, "excepted"),
        )
        if count
    ]
    if counts.fails:
        found = f"Fails in {counts.fails:,} of {whole}"
    else:
        found = f"Holds in {counts.holds:,} of {whole}"
    return ", ".join([found, *unknown]) + "."


class GuardrailFix(OneGuardrail):
    """Drafts the change request that makes a guardrail hold, and leads to it."""

    required_right = rights.VIEW_GUARDRAILS
    post_right = rights.PROPOSE_CHANGE
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make the draft, or say why not."""
        guardrail_id = self.overview.guardrail.id
        try:
            change = change_remedy(
                by=self.by, connection=self.connection, guardrail_id=guardrail_id, now=self.now
            )
        except (CannotRemedy, ParameterUnset, MayNot) as error:
            messages.error(request, sentence(error))
            return HttpResponseRedirect(self.href("guardrail", guardrail_id=guardrail_id))
        messages.success(
            request, "Draft created. Its checks show what it changes before anyone approves."
        )
        return HttpResponseRedirect(self.href("change-request", number=change.number))


_KIND_WORDS: Final = {
    "effect": "proof over SCPs and RCPs",
    "state": "facts that were read",
    "effect and state": "proof over SCPs and RCPs, and facts that were read",
}


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _scope_lines(document: GuardrailDocument) -> list[tuple[str, str]]:
    """Return a scope as labels with values."""
    scope = document.scope
    found = _chosen_lines(scope.chosen)
    if scope.core_accounts:
        core = ", ".join(one.replace("_", " ") for one in scope.core_accounts)
        found.append(("Core accounts", core))
    if not found:
        found = [("Accounts", "all")]
    found += [(f"Except {label}", value) for label, value in _chosen_lines(scope.excluded)]
    found.append(("Management account", _MANAGEMENT_WORDS[scope.management_account]))
    return found


def _chosen_lines(chosen: TargetSelection) -> list[tuple[str, str]]:
    lines = [
        ("OUs", ", ".join(chosen.organizational_units)),
        ("Accounts", ", ".join(chosen.accounts)),
        ("Environments", ", ".join(chosen.environments)),
        ("Tags", "; ".join(f"{key}: {', '.join(values)}" for key, values in chosen.tags)),
    ]
    return [(label, value) for label, value in lines if value]
