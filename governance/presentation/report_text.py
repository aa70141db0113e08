"""What a report says in sentences, and the report as one JSON document."""

from collections.abc import Mapping
from typing import Any, Final

from governance.presentation.freshness_wording import unread_words
from governance.reports.guardrail_section import results_for

OUTCOME_WORDS: Final = {
    "fails": "Fails",
    "undecided": "Undecided",
    "not_covered": "Not covered",
    "excepted": "Excepted",
    "holds": "Holds",
}
KNOWLEDGE_WORDS: Final = {
    "unknown": "Never read",
    "denied": "Denied",
    "failed": "Failed",
    "partial": "Read in part",
    "stale": "Stale",
    "collected": "Read",
    "skipped": "Suspended or closed",
}
"""How well accounts were read, the worst first."""


def report_document(contents: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report with the id of the first account put into each proof, as its file has it."""
    return {
        **contents,
        "guardrails": [
            {**one, "results": [results_for(each) for each in one["results"]]}
            for one in contents["guardrails"]
        ],
    }


def counterexample_sentence(request: Mapping[str, Any] | None) -> str:
    """Say a request that is allowed and should not be; empty: there is none."""
    if not request:
        return ""
    principal = request.get("principal") or ""
    if isinstance(principal, Mapping):
        principal = principal.get("arn") or principal.get("id") or ""
    context = request.get("context") or {}
    given = ", ".join(
        f"{key} = {_said(value)}" for key, value in context.items() if value is not None
    )
    said = f"{principal or 'A principal'} may call {request.get('action', '')}"
    if resource := request.get("resource"):
        said += f" on {resource}"
    return f"{said} with {given}." if given else f"{said}."


def counts_sentence(one: Mapping[str, Any]) -> str:
    """Say in how many accounts a guardrail is how; it was never worked out, or could not be."""
    if one["problem"]:
        return f"Could not be evaluated: {one['problem']}"
    if one["read_at"] is None:
        return "Never evaluated."
    said = [
        f"{OUTCOME_WORDS[name].lower()} in {one['counts'][name]:,}"
        for name in OUTCOME_WORDS
        if one["counts"][name]
    ]
    if not said:
        return "No account is in its scope."
    total = one["accounts"]
    return f"{', '.join(said).capitalize()} of {total:,} account{'' if total == 1 else 's'}."


def is_unknown(one: Mapping[str, Any]) -> bool:
    """Whether a guardrail was never worked out, or could not be the last time."""
    return bool(one["problem"]) or one["read_at"] is None


def is_proven(one: Mapping[str, Any]) -> bool:
    """Whether a guardrail was found to hold in every account of its scope."""
    return one["worst"] == "holds" and not is_unknown(one)


def coverage_sentence(coverage: Mapping[str, Any]) -> str:
    """Say how many accounts were read how well."""
    counts = coverage["counts"]
    said = [
        f"{KNOWLEDGE_WORDS[name].lower()}: {count:,}" for name, count in counts.items() if count
    ]
    sentence = f"Accounts by reading: {', '.join(said)}." if said else "No account is visible here."
    # Reports made earlier do not have it.
    own = [unread_words(one["label"], one["state"]) for one in coverage.get("organization", ())]
    return f"{sentence} Of the organization itself: {'; '.join(own)}." if own else sentence


def _said(value: Any) -> str:
    return " or ".join(map(str, value)) if isinstance(value, list) else str(value)
