"""A report as lines of a spreadsheet: one a guardrail, a result in an account, or another fact."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from governance.presentation.freshness_wording import unread_words
from governance.presentation.report_text import (
    KNOWLEDGE_WORDS,
    OUTCOME_WORDS,
    counterexample_sentence,
    counts_sentence,
    is_unknown,
)
from governance.reports.guardrail_section import results_for

FILE_HEADS: Final = (
    *("section", "id", "title", "severity", "state", "target_id", "target_name"),
    *("because", "counterexample", "since", "until", "exception"),
)


def file_rows(contents: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Yield the lines, cells as `FILE_HEADS` names them."""
    subtree = contents["subtree"]
    hidden = "; a part of the organization is hidden" if contents["sees_part"] else ""
    yield _row(
        "report",
        title=f"{contents['organization']['name']}: {' / '.join(subtree['path'])}",
        target_id=subtree["target_id"],
        target_name=subtree["name"],
        because=f"Made by {contents['made_by']}{hidden}",
        since=contents["made_at"],
    )
    for one in contents["guardrails"]:
        yield from _guardrail_rows(one)
    for one in contents["disabled"]:
        yield _row(
            "guardrail",
            id=one["id"],
            title=one["title"],
            severity=one["severity"],
            state="Disabled",
            because=one["reason"],
        )
    for one in contents["exceptions"]:
        yield _row(
            "exception",
            id=f"E-{one['number']}",
            title=one["guardrail_id"],
            state=one["kind"],
            target_name=", ".join(one["targets"]),
            because=one["reason"],
            until=one["until"],
        )
    for one in contents["drift"]["items"]:
        yield _row(
            "drift",
            id=one["id"],
            title=one["label"],
            severity=one["severity"],
            state=one["state"] if one["verified"] else f"{one['state']}, not verified",
            target_id=one["target_id"],
            target_name=one["target_name"],
            because=one["effect"],
            since=one["first_seen_at"],
        )
    yield from _landing_zone_rows(contents["landing_zone"])
    yield from _logging_rows(contents["logging"])
    for one in contents["coverage"].get("organization", ()):
        yield _row(
            "coverage",
            state=one["state"],
            target_name="organization",
            because=unread_words(one["label"], one["state"]),
            since=one["last_complete_at"],
        )
    for one in contents["coverage"]["accounts"]:
        counted = f"{one['complete']} of {one['total']} collectors complete, {one['denied']} denied"
        yield _row(
            "coverage",
            state=KNOWLEDGE_WORDS[one["knowledge"]],
            target_id=one["account_id"],
            target_name=one["name"],
            because=counted,
            since=one["oldest_complete_at"],
        )


def _guardrail_rows(one: Mapping[str, Any]) -> Iterator[list[Any]]:
    known = OUTCOME_WORDS.get(one["worst"], "No account in scope")
    said = {"id": one["id"], "title": one["title"], "severity": one["severity"]}
    yield _row(
        "guardrail",
        **said,
        state="Not evaluated" if is_unknown(one) else known,
        because=counts_sentence(one),
        since=one["read_at"],
    )
    for alike in one["results"]:
        for account in alike["accounts"]:
            shown = results_for(alike, account["account_id"])
            yield _row(
                "result",
                **said,
                state=OUTCOME_WORDS[alike["outcome"]],
                target_id=account["account_id"],
                target_name=account["name"],
                because=shown["because"],
                counterexample=counterexample_sentence(shown["counterexample"]),
                since=account["since"],
                exception=f"E-{account['exception']}" if account["exception"] else "",
            )


def _landing_zone_rows(zone: Mapping[str, Any]) -> Iterator[list[Any]]:
    for one in zone["core_accounts"]:
        yield _row(
            "core_account",
            id=one["purpose"],
            title=one["label"],
            state=one["state"],
            target_id=one["account_id"],
            target_name=one["name"],
            because=one["because"],
        )
    for one in zone["findings"]:
        yield _row(
            "landing_zone",
            id=one["kind"],
            title=one["title"],
            severity=one["severity"],
            state="found" if one["verified"] else "not verified",
            target_id=one["target_id"],
            target_name=one["target_name"],
            because=one["because"],
        )


def _logging_rows(logging: Mapping[str, Any]) -> Iterator[list[Any]]:
    for account in logging["accounts"]:
        for problem in account["problems"]:
            yield _row(
                "logging",
                title=problem["service"],
                state=problem["label"],
                target_id=account["account_id"],
                target_name=account["name"],
                because=f"{problem['because']} ({', '.join(problem['regions'])})",
            )


def _row(section: str, **cells: Any) -> list[Any]:
    return [section, *(cells.get(name, "") for name in FILE_HEADS[1:])]
