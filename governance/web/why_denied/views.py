"""Why denied: the page, what it reads from a pasted text, and its completions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render

from governance.access import rights
from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.requests.context_keys import KeySource, KeyValue
from governance.posture.requests.denial_answers import WhyDeniedAnswer
from governance.posture.requests.denial_parser import parse_denial
from governance.posture.requests.questions import (
    AssumedPolicy,
    ParsedDenial,
    Question,
    UncollectedPolicy,
    choices,
)
from governance.posture.requests.suggestions import SUGGESTED_FIELDS, suggestions
from governance.posture.requests.why_denied import explain
from governance.presentation.decision_wording import heading, summary
from governance.presentation.why_denied_address import claim_pairs, query_of, question_of
from governance.web.parts.pages import ConnectionPage
from governance.web.parts.targets import page_href
from governance.web.why_denied.trace import deny_reasons, shown_levels
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, DECISION_TABLES


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A context key in the form. `state`: value, absent or unknown; `source` in words."""

    name: str
    state: str
    value: str
    source: str
    matters: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class PastedDenial:
    """One of several denials in a pasted text. `href`: of its answer."""

    principal: str
    action: str
    resource: str
    href: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part that is assumed, with its choices."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    assumed: str


class WhyDenied(ConnectionPage):
    """Answers the question in the address; a POST turns a pasted text into such an address."""

    required_right = rights.VIEW_INVENTORY
    template_name = "governance/why_denied/page.html"
    page_title = "Why denied"
    section = "why-denied"
    shows_tables = DECISION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    # The question stays on the page, so that its time can be put right.
    tells_unknown_times = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the answer, or the empty form."""
        return self.shown(question_of(request.GET))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Read a pasted text and go to the address of its request, or say what was not read."""
        text = request.POST.get("text", "")
        reading = parse_denial(text)
        if not reading.is_whole:
            return self.shown(reading.question(), reading=reading, text=text, status=422)
        for note in reading.notes:
            messages.info(request, note)
        query = query_of(reading.question(), as_of=request.GET.get("as_of", ""))
        return HttpResponseRedirect(f"{request.path}?{query}")

    def shown(
        self,
        question: Question,
        *,
        reading: ParsedDenial | None = None,
        text: str = "",
        status: int = 200,
    ) -> HttpResponseBase:
        """Show the page for a question that may lack parts."""
        answer: WhyDeniedAnswer | None = None
        errors: dict[str, str] = {}
        unknown_time = self.unknown_time_words
        if reading is None and not unknown_time and (question.principal or question.action):
            try:
                answer = explain(
                    self.viewer, connection=self.connection, question=question, as_of=self.as_of
                )
            except CannotAnswer as error:
                errors = {error.field: str(error)}
        context = self.get_context_data(
            question=question,
            resource="" if question.resource == "*" else question.resource,
            errors=errors,
            reading=reading,
            pasted_denials=self.pasted_denials(reading) if reading else (),
            text=text,
            unknown_time=unknown_time,
            asked_as_of=self.request.GET.get("as_of", ""),
            claim_pairs=claim_pairs(question.claim),
            key_rows=key_rows(question, answer.keys if answer else (), answer),
            part_rows=part_rows(question),
            **self.run_links(),
            **(self.answered(answer) if answer else {}),
        )
        response: HttpResponseBase = self.render_to_response(context, status=status)
        return response

    def pasted_denials(self, reading: ParsedDenial) -> list[PastedDenial]:
        """Return the denials that a pasted text leaves a choice of."""
        as_of = self.request.GET.get("as_of", "")
        return [
            PastedDenial(
                one.principal,
                one.action,
                one.resource,
                f"{self.request.path}?{query_of(one.question(), as_of=as_of)}",
            )
            for one in reading.several[:_MOST_CHOICES]
        ]

    def answered(self, answer: WhyDeniedAnswer) -> dict[str, Any]:
        """Return what the page tells of an answer."""
        query = query_of(answer.question, as_of=moment_text(self.as_of))
        slug = self.connection.slug
        decision = answer.decision
        levels = shown_levels(answer, slug)
        return {
            "answer": answer,
            "head": heading(answer.decision),
            "summary": summary(answer),
            # A deny of which only the kind is unknown looks like any other deny.
            "outcome": "implicit_deny"
            if decision.is_denied and decision.decision == "unknown"
            else _LOOKS[decision.decision],
            "levels": [level for level in levels if not level.is_quiet],
            "quiet_levels": [level for level in levels if level.is_quiet],
            "reasons": deny_reasons(answer, slug),
            "link": self.request.build_absolute_uri(f"{self.request.path}?{query}"),
            "caller_href": _account_href(slug, answer.caller_account),
            "resource_href": _account_href(slug, answer.resource_account),
        }


_MOST_CHOICES: Final = 50
_LOOKS = {
    "allowed": "allowed",
    "explicitDeny": "explicit_deny",
    "implicitDeny": "implicit_deny",
    "unknown": "unknown",
}


def _account_href(slug: str, account: Any) -> str:
    return page_href(slug, account.target_id) if account else ""


def moment_text(moment: datetime | None) -> str:
    """Return a time as addresses hold it; empty for now."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


_SOURCES = {
    KeySource.GIVEN: "given",
    KeySource.DERIVED: "derived from the request",
    KeySource.INVENTORY: "a tag in the inventory",
    KeySource.ABSENT: "not in the request",
    KeySource.UNKNOWN: "not known",
}


def key_rows(
    question: Question, keys: Sequence[KeyValue], answer: WhyDeniedAnswer | None
) -> list[KeyRow]:
    """Return the keys that the form offers: those on which the answer hangs first."""
    if answer is None:
        rows = [
            KeyRow(key, "value", value, "given", False, True)
            for key, values in question.context
            for value in values
        ]
        return rows + [KeyRow(key, "absent", "", "given", False, True) for key in question.absent]
    deciding = {key.lower() for key in answer.decision.unknown_keys}
    absent = {key.lower() for key in question.absent}
    rows = []
    for key in keys:
        lowered = key.name.lower()
        given = key.source is KeySource.GIVEN
        state = "unknown" if key.is_unknown else "absent"
        if key.values or given:
            state = "value"
        may_change = given or key.is_unknown or lowered in absent
        rows += [
            KeyRow(key.name, state, value, _SOURCES[key.source], lowered in deciding, may_change)
            for value in key.values or ("",)
        ]
    return sorted(rows, key=lambda row: (not row.matters, not row.may_change, row.name.lower()))


def part_rows(question: Question) -> list[PartRow]:
    """Return the parts that are assumed, for the form."""
    labels = {
        UncollectedPolicy.RESOURCE_POLICY: ("Resource's policy", "it has none"),
        UncollectedPolicy.SESSION_POLICY: ("Session policy", "none was passed"),
        UncollectedPolicy.VPC_ENDPOINT_POLICY: ("VPC endpoint policy", "none"),
    }
    rows = []
    for part in UncollectedPolicy:
        label, none = labels[part]
        words = {
            AssumedPolicy.COLLECTED: "as collected",
            AssumedPolicy.NONE: none,
            AssumedPolicy.UNKNOWN: "not known",
        }
        offered = tuple((each.value, words[each]) for each in choices(part))
        rows.append(PartRow(part.value, label, offered, question.assumed(part).value))
    return rows


class WhyDeniedSuggestions(ConnectionPage):
    """Completions of one field, as options of its list."""

    required_right = rights.VIEW_INVENTORY

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with `<option>`s for the field that `of` names, by what it holds.

        Without `of`, context keys: they alone are offered before a letter is typed.

        :raises BadRequest: there is no such field.
        """
        field = request.GET.get("of", "key")
        if field not in SUGGESTED_FIELDS:
            raise BadRequest(f"of is {field!r}; it can be {', '.join(SUGGESTED_FIELDS)}.")
        found = suggestions(
            self.viewer,
            connection=self.connection,
            field=field,
            text=request.GET.get(field, ""),
            action=request.GET.get("action", ""),
            as_of=self.as_of,
        )
        return render(request, "governance/why_denied/options.html", {"options": found})
