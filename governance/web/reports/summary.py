"""A report's first page: how everything stands, and the guardrails to begin with."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from governance.baseline.guardrails.selectors import SEVERITY_ORDER
from governance.baseline.landing_zone.logging_health import LOG_SERVICE_LABELS, LogServiceHealth
from governance.presentation.report_text import KNOWLEDGE_WORDS, OUTCOME_WORDS, is_unknown

_MOST_SEVERE: Final = 10


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """What stands of one subject. `counts`: looks with words (empty: the look's) and a number."""

    label: str
    counts: tuple[tuple[str, str, int], ...] = ()
    said: str = ""


def summary_rows(contents: Mapping[str, Any]) -> list[SummaryRow]:
    """Return a row for each part of a report."""
    return [
        SummaryRow("Guardrails", tuple(_guardrails(contents["guardrails"]))),
        _exceptions(contents["exceptions"]),
        _drift(contents["drift"]),
        SummaryRow("Core accounts", _core_accounts(contents["landing_zone"]["core_accounts"])),
        _logging(contents["logging"]["counts"]),
        SummaryRow("Coverage", said=", ".join(_coverage(contents["coverage"]))),
    ]


def most_severe(guardrails: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the guardrails that fail, by severity and in how many accounts; so many at most."""
    failing = [one for one in guardrails if one["worst"] == "fails" and not is_unknown(one)]
    failing.sort(key=lambda one: (SEVERITY_ORDER[one["severity"]], -one["counts"]["fails"]))
    return failing[:_MOST_SEVERE]


def _guardrails(guardrails: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, str, int]]:
    """Yield how many guardrails are how at worst."""
    found = dict.fromkeys((*OUTCOME_WORDS, "unknown", ""), 0)
    for one in guardrails:
        found["unknown" if is_unknown(one) else one["worst"]] += 1
    words = {**OUTCOME_WORDS, "unknown": "Not evaluated", "": "No account in scope"}
    for name, count in found.items():
        if count:
            yield name or "skipped", words[name], count


def _exceptions(exceptions: Sequence[Mapping[str, Any]]) -> SummaryRow:
    if not exceptions:
        return SummaryRow("Exceptions", said="None in force.")
    first = min(one["until"] for one in exceptions)
    never = sum(one["used_at"] is None for one in exceptions)
    said = f"{len(exceptions)} in force, {never} never needed. The next one ends on {first}."
    return SummaryRow("Exceptions", said=said)


def _drift(drift: Mapping[str, Any]) -> SummaryRow:
    if drift["read_at"] is None:
        return SummaryRow("Drift", said="Not known: it was never checked.")
    found = Counter(one["severity"] for one in drift["items"])
    said = "" if found else "None is open."
    if not drift["baseline_version"]:
        said = f"{said} There is no baseline to compare with.".strip()
    counts = tuple((name, "", found[name]) for name in SEVERITY_ORDER if found[name])
    return SummaryRow("Drift", counts, said)


def _core_accounts(core_accounts: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str, int], ...]:
    found = Counter(one["state"] for one in core_accounts)
    return tuple((f"core_{state}", "", count) for state, count in found.items())


def _logging(counts: Mapping[str, Mapping[str, int]]) -> SummaryRow:
    accounts = max(sum(of_service.values()) for of_service in counts.values())
    good = ", ".join(
        f"{label} in {counts[service.value][LogServiceHealth.GOOD.value]:,}"
        for service, label in LOG_SERVICE_LABELS.items()
    )
    return SummaryRow("Logging", said=f"On, of {accounts:,} accounts: {good}.")


def _coverage(coverage: Mapping[str, Any]) -> Iterable[str]:
    for name, count in coverage["counts"].items():
        if count:
            yield f"{KNOWLEDGE_WORDS[name].lower()}: {count:,}"
    own = len(coverage.get("organization", ()))
    if own:
        yield f"organization incomplete: {own:,} collector{'' if own == 1 else 's'}"
