"""One report: a page that prints well, and the same as CSV, JSON and OSCAL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse

from governance.access import rights
from governance.baseline.guardrails.documents import FRAMEWORK_LABELS
from governance.baseline.landing_zone.logging_health import (
    LOG_HEALTH_LABELS,
    LOG_SERVICE_LABELS,
    LogServiceHealth,
)
from governance.jobs.life import job_find
from governance.presentation.freshness_wording import unread_words
from governance.presentation.report_oscal import oscal_results
from governance.presentation.report_text import (
    KNOWLEDGE_WORDS,
    OUTCOME_WORDS,
    counterexample_sentence,
    counts_sentence,
    is_unknown,
    report_document,
)
from governance.reports.guardrail_section import results_for
from governance.reports.models import SubtreeReport
from governance.web.parts.exports import Exporting, export_response
from governance.web.parts.pages import Crumb
from governance.web.reports.file_rows import FILE_HEADS, file_rows
from governance.web.reports.listing import LONGEST_WAIT
from governance.web.reports.summary import most_severe, summary_rows
from policies.guardrails.wording import LEFT_OUT

# More accounts than this of one proof, and more proofs of one guardrail, are in the files alone.
_ACCOUNTS_SHOWN: Final = 10
_PROOFS_SHOWN: Final = 3


class ReportPage(Exporting):
    """A report as a document."""

    required_right = rights.MAKE_REPORT
    section = "reports"
    page_title = "Report"
    template_name = "governance/reports/report.html"
    formats = ("csv", "json", "oscal")

    def begin(self) -> None:
        """Find the report.

        :raises Http404: there is none, its time is over, or its maker saw another part.
        """
        super().begin()
        self.as_of = None
        if self.job is None:
            raise Http404("There is no such report, or its time is over.")

    @cached_property
    def job(self) -> SubtreeReport | None:
        """The report of the address."""
        return job_find(
            SubtreeReport,
            self.viewer,
            connection=self.connection,
            job_id=self.kwargs["job_id"],
            now=self.now,
        )

    @property
    def contents(self) -> Mapping[str, Any]:
        """What the report says.

        :raises Http404: it is not made yet, or failed.
        """
        found = self.job.result if self.job else None
        if found is None:
            raise Http404("The report is not made yet.")
        contents: Mapping[str, Any] = found
        return contents

    def get_title(self) -> str:
        """Return what the report is about."""
        result = self.job.result if self.job else None
        return f"Report: {result['subtree']['name']}" if result else self.page_title

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the organization, the list and this report."""
        return [
            Crumb(self.connection.name),
            Crumb("Reports", self.href("reports")),
            Crumb(self.get_title()),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the report says, or how far it is."""
        job = self.job
        waits = job is not None and job.is_waited_for
        late = waits and job is not None and job.requested_at < self.now - LONGEST_WAIT
        made = self.shown(job.result) if job is not None and job.result else {}
        return super().get_context_data(
            job=job, waits=waits and not late, late=late, **made, **kwargs
        )

    def shown(self, contents: Mapping[str, Any]) -> dict[str, Any]:
        """Return a report with its words, numbers and times."""
        guardrails = [self.guardrail(one) for one in contents["guardrails"]]
        run = contents["run"]
        coverage = contents["coverage"]
        return {
            "report": contents,
            "made_at": _time(contents["made_at"]),
            "run": run and {**run, "started_at": _time(run["started_at"])},
            "path": " / ".join(contents["subtree"]["path"]),
            "guardrails": guardrails,
            "failing": [one for one in guardrails if one["results"]],
            "unknown": [one for one in guardrails if one["is_unknown"] and not one["results"]],
            "summary": summary_rows(contents),
            "most_severe": most_severe(guardrails),
            "core_rows": [
                {**one, "look": f"core_{one['state']}"}
                for one in contents["landing_zone"]["core_accounts"]
            ],
            "exceptions": [
                {**one, "used_at": _time(one["used_at"])} for one in contents["exceptions"]
            ],
            "drift_read_at": _time(contents["drift"]["read_at"]),
            "drift_items": [
                {**one, "first_seen_at": _time(one["first_seen_at"])}
                for one in contents["drift"]["items"]
            ],
            "coverage_counts": [
                (KNOWLEDGE_WORDS[name], count)
                for name, count in coverage["counts"].items()
                if count
            ],
            "coverage_of_organization": [
                {
                    "words": unread_words(one["label"], one["state"]),
                    "last_complete_at": _time(one["last_complete_at"]),
                }
                for one in coverage.get("organization", ())
            ],
            "coverage_accounts": [
                {
                    **one,
                    "words": KNOWLEDGE_WORDS[one["knowledge"]],
                    "oldest_complete_at": _time(one["oldest_complete_at"]),
                }
                for one in coverage["accounts"]
            ],
            "health_words": list(LOG_HEALTH_LABELS.values()),
            "lacking_alike": _alike(contents["logging"]["accounts"]),
            "logging_rows": [
                (
                    LOG_SERVICE_LABELS[service],
                    [
                        contents["logging"]["counts"][service.value][health]
                        for health in LogServiceHealth
                    ],
                )
                for service in LOG_SERVICE_LABELS
            ],
        }

    def guardrail(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """Return a guardrail with its sentence, references and results."""
        unknown = is_unknown(one)
        return {
            **one,
            "said": counts_sentence(one),
            "look": "unknown" if unknown else one["worst"],
            "is_unknown": unknown,
            "frameworks": [
                (label, ", ".join(one["references"][name.value]))
                for name, label in FRAMEWORK_LABELS.items()
                if one["references"].get(name.value)
            ],
            "results": [_result(each) for each in one["results"][:_PROOFS_SHOWN]],
            "more_results": [_result(each) for each in one["results"][_PROOFS_SHOWN:]],
        }

    def export(self, kind: str) -> HttpResponseBase:
        """Send the report as a file."""
        name = f"{self.connection.slug}-report-{self.contents['subtree']['target_id']}"
        job = self.job
        if kind == "csv" or job is None:
            return export_response(
                kind, name=name, header=FILE_HEADS, rows=file_rows(self.contents)
            )
        if kind == "oscal":
            return _json_file(oscal_results(job.pk, self.contents), f"{name}-oscal.json")
        return _json_file(report_document(self.contents), f"{name}.json")


def _json_file(document: Mapping[str, Any], name: str) -> HttpResponse:
    response = JsonResponse(document, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _result(alike: Mapping[str, Any]) -> dict[str, Any]:
    shown = results_for(alike)
    accounts = shown["accounts"]
    days = {one["since"] for one in accounts}
    because = shown["because"] or ""
    request = shown["counterexample"] or {}
    return {
        **shown,
        # The first page says it of all of them.
        "because": because.removesuffix(LEFT_OUT).rstrip(),
        "words": OUTCOME_WORDS[shown["outcome"]],
        "look": shown["outcome"],
        # What the reason does not say yet: the values of keys.
        "sentence": counterexample_sentence(request) if request.get("context") else "",
        "first": accounts[0],
        "total": len(accounts),
        "since": _time(days.pop()) if len(days) == 1 else None,
        "accounts": [{**one, "since": _time(one["since"])} for one in accounts[:_ACCOUNTS_SHOWN]],
        "more": max(0, len(accounts) - _ACCOUNTS_SHOWN),
    }


def _alike(accounts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return accounts in which logging lacks the same, together; most accounts first."""
    found: dict[str, dict[str, Any]] = {}
    for one in accounts:
        problems = [{**each, "regions": ", ".join(each["regions"])} for each in one["problems"]]
        group = found.setdefault(repr(problems), {"problems": problems, "accounts": []})
        group["accounts"].append(one)
    for group in found.values():
        group["total"] = len(group["accounts"])
        group["more"] = max(0, group["total"] - _ACCOUNTS_SHOWN)
        group["accounts"] = group["accounts"][:_ACCOUNTS_SHOWN]
    return sorted(found.values(), key=lambda group: -group["total"])


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
