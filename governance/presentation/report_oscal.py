"""A report as OSCAL assessment results (NIST, version 1.1.2, JSON).

A guardrail is an activity and a finding, whose target is the objective of the guardrail's id; what
does not hold is an observation about accounts, which are inventory items; an exception in force is
a risk with an approved deviation. A finding is satisfied only where every account was proven.
https://pages.nist.gov/OSCAL-Reference/models/v1.1.2/assessment-results/json-reference/
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID, uuid5

from governance.presentation.report_text import (
    KNOWLEDGE_WORDS,
    OUTCOME_WORDS,
    counterexample_sentence,
    counts_sentence,
    coverage_sentence,
    is_proven,
)
from governance.reports.guardrail_section import results_for

OSCAL_VERSION: Final = "1.1.2"
_NAMESPACE: Final = "urn:orgwarden:oscal"
_NIST: Final = "nist_800_53"
_TOKEN: Final = re.compile(r"[A-Za-z_][\w.\-]*", re.ASCII)
_ENHANCEMENT: Final = re.compile(r"^([a-z]{2}-\d+)\s*\((\d+)\)$")


def oscal_results(report_id: UUID, contents: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of one report. The same report has the same ids each time."""
    return {"assessment-results": _OscalWriter(report_id, contents).document()}


def nist_control_id(reference: str) -> str:
    """Return a control of NIST 800-53 as OSCAL's catalogue names it: AC-6(1) is ac-6.1."""
    lowered = reference.strip().lower()
    return _ENHANCEMENT.sub(r"\1.\2", lowered)


class _OscalWriter:
    """Writes one document."""

    def __init__(self, report_id: UUID, contents: Mapping[str, Any]) -> None:
        self._report_id = report_id
        self._contents = contents
        self._names: dict[str, str] = {}
        self._observations: list[dict[str, Any]] = []

    def _uuid(self, *parts: object) -> str:
        return str(uuid5(self._report_id, ":".join(map(str, parts))))

    def document(self) -> dict[str, Any]:
        """Return all members."""
        contents = self._contents
        organization, subtree = contents["organization"], contents["subtree"]
        title = f"{organization['name']}: {' / '.join(subtree['path'])}"
        findings = [
            self._finding(one)
            for one in contents["guardrails"]
            if one["accounts"] or one["problem"]
        ]
        self._observe_drift()
        self._observe_coverage()
        run = contents["run"] or {}
        result = {
            "uuid": self._uuid("result"),
            "title": f"Guardrails in {' / '.join(subtree['path'])}",
            "description": coverage_sentence(contents["coverage"]),
            "start": run.get("started_at") or contents["made_at"],
            "end": run.get("finished_at") or contents["made_at"],
            "props": self._properties(
                ("target-id", subtree["target_id"]),
                ("organization-id", organization["organization_id"]),
                ("inventory-run", run.get("id")),
            ),
            "local-definitions": {"inventory-items": self._inventory_items()},
            "reviewed-controls": self._reviewed_controls(contents["guardrails"]),
            "observations": self._observations,
            "risks": [self._risk(one) for one in contents["exceptions"]],
            "findings": findings,
            "remarks": self._remarks(),
        }
        plan = self._uuid("plan")
        person = self._uuid("person", contents["made_by"])
        return {
            "uuid": str(self._report_id),
            "metadata": {
                "title": title,
                "last-modified": contents["made_at"],
                "version": contents["made_at"],
                "oscal-version": OSCAL_VERSION,
                "roles": [{"id": "assessor", "title": "Assessor"}],
                "parties": [{"uuid": person, "type": "person", "name": contents["made_by"]}],
                "responsible-parties": [{"role-id": "assessor", "party-uuids": [person]}],
            },
            "import-ap": {"href": f"#{plan}"},
            "local-definitions": {
                "activities": [self._activity(one) for one in contents["guardrails"]]
            },
            "results": [_without_empty(result)],
            "back-matter": {
                "resources": [
                    {
                        "uuid": plan,
                        "title": "Active guardrails",
                        "description": "The guardrails of the organization are its plan.",
                    }
                ]
            },
        }

    def _properties(self, *pairs: tuple[str, Any]) -> list[dict[str, str]]:
        return [
            {"name": name, "ns": _NAMESPACE, "value": " ".join(str(value).split())}
            for name, value in pairs
            if value not in (None, "")
        ]

    def _remarks(self) -> str:
        said = []
        if self._contents["sees_part"]:
            said.append("Who made it sees a part of the organization; the rest is not counted.")
        run = self._contents["run"]
        if run is None:
            said.append("No inventory run has read the whole organization.")
        elif run["is_stale"]:
            said.append("The newest inventory run is stale.")
        if disabled := self._contents["disabled"]:
            said.append(f"Disabled guardrails: {', '.join(one['id'] for one in disabled)}.")
        return " ".join(said)

    def _reviewed_controls(self, guardrails: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        controls = sorted(
            {
                nist_control_id(one)
                for guardrail in guardrails
                for one in guardrail["references"].get(_NIST, ())
            }
        )
        controls = [one for one in controls if _TOKEN.fullmatch(one)]
        chosen: dict[str, Any] = {"include-all": {}}
        if controls:
            chosen = {"include-controls": [{"control-id": one} for one in controls]}
        found: dict[str, Any] = {"control-selections": [chosen]}
        if guardrails:
            objectives = [{"objective-id": one["id"]} for one in guardrails]
            found["control-objective-selections"] = [{"include-objectives": objectives}]
        return found

    def _activity(self, one: Mapping[str, Any]) -> dict[str, Any]:
        activity = {
            "uuid": self._uuid("activity", one["id"]),
            "title": one["title"],
            "description": one["why"] or one["title"],
            "props": [
                {"name": "method", "value": "TEST"},
                *self._properties(
                    ("guardrail", one["id"]),
                    ("severity", one["severity"]),
                    *(
                        (name.replace("_", "-"), reference)
                        for name, references in one["references"].items()
                        for reference in references
                    ),
                ),
            ],
        }
        if one["references"].get(_NIST):
            controls = self._reviewed_controls([one])
            activity["related-controls"] = controls
        return activity

    def _finding(self, one: Mapping[str, Any]) -> dict[str, Any]:
        proven = is_proven(one)
        fails = one["counts"]["fails"] > 0
        target: dict[str, Any] = {
            "type": "objective-id",
            "target-id": one["id"],
            "title": one["title"],
            "status": {
                "state": "satisfied" if proven else "not-satisfied",
                "reason": "pass" if proven else "fail" if fails else "other",
            },
        }
        related = [
            self._observation(one, number, each) for number, each in enumerate(one["results"])
        ]
        risks = [
            {"risk-uuid": self._uuid("exception", each["number"])}
            for each in self._contents["exceptions"]
            if each["guardrail_id"] == one["id"]
        ]
        return _without_empty(
            {
                "uuid": self._uuid("finding", one["id"]),
                "title": one["title"],
                "description": counts_sentence(one),
                "props": self._properties(
                    ("severity", one["severity"]),
                    *(
                        (f"accounts-{name.replace('_', '-')}", count)
                        for name, count in one["counts"].items()
                    ),
                ),
                "target": target,
                "related-observations": [{"observation-uuid": each} for each in related],
                "related-risks": risks,
            }
        )

    def _observation(self, one: Mapping[str, Any], number: int, alike: Mapping[str, Any]) -> str:
        shown = results_for(alike)
        said = [
            f"{OUTCOME_WORDS[shown['outcome']]}: {shown['because'] or one['title']}",
            counterexample_sentence(shown["counterexample"]),
        ]
        if len(shown["accounts"]) > 1:
            said.append(f"Said of {shown['accounts'][0]['account_id']}; the others are alike.")
        return self._observe(
            self._uuid("observation", one["id"], number),
            " ".join(filter(None, said)),
            shown["accounts"],
            collected=one["read_at"],
            outcome=shown["outcome"],
        )

    def _observe(
        self,
        uuid: str,
        description: str,
        accounts: Sequence[Mapping[str, Any]],
        *,
        collected: str | None,
        method: str = "TEST",
        **properties: Any,
    ) -> str:
        self._names.update((each["account_id"], each["name"]) for each in accounts)
        self._observations.append(
            _without_empty(
                {
                    "uuid": uuid,
                    "description": description,
                    "props": self._properties(*properties.items()),
                    "methods": [method],
                    "subjects": [
                        {
                            "subject-uuid": self._uuid("account", each["account_id"]),
                            "type": "inventory-item",
                            "title": each["name"],
                        }
                        for each in accounts
                    ],
                    "collected": collected or self._contents["made_at"],
                }
            )
        )
        return uuid

    def _observe_drift(self) -> None:
        drift = self._contents["drift"]
        for one in drift["items"]:
            about = one["account_id"]
            accounts = [{"account_id": about, "name": one["target_name"]}] if about else []
            verified = "" if one["verified"] else " It cannot be verified now."
            self._observe(
                self._uuid("drift", one["id"]),
                f"Drift: {one['label']}: {one['target_name']}. {one['effect']}.{verified}",
                accounts,
                collected=one["last_seen_at"],
                method="EXAMINE",
                severity=one["severity"],
                drift=one["kind"],
                state=one["state"],
            )

    def _observe_coverage(self) -> None:
        by_knowledge: dict[str, list[Mapping[str, Any]]] = {}
        for one in self._contents["coverage"]["accounts"]:
            by_knowledge.setdefault(one["knowledge"], []).append(one)
        for knowledge, accounts in by_knowledge.items():
            self._observe(
                self._uuid("coverage", knowledge),
                f"Coverage: {KNOWLEDGE_WORDS[knowledge].lower()}.",
                accounts,
                collected=None,
                method="EXAMINE",
                coverage=knowledge,
            )

    def _inventory_items(self) -> list[dict[str, Any]]:
        return [
            {
                "uuid": self._uuid("account", account_id),
                "description": f"AWS account {name} ({account_id})",
                "props": [{"name": "asset-id", "value": account_id}],
            }
            for account_id, name in sorted(self._names.items())
        ]

    def _risk(self, one: Mapping[str, Any]) -> dict[str, Any]:
        ends = datetime.combine(date.fromisoformat(one["until"]), time.max, tzinfo=UTC)
        statement = one["reason"]
        if one["mitigation"]:
            statement += f" Mitigated by: {one['mitigation']}"
        return {
            "uuid": self._uuid("exception", one["number"]),
            "title": f"Exception E-{one['number']} from {one['guardrail_id']}",
            "description": f"Excepted until {one['until']}: {', '.join(one['targets'])}",
            "statement": statement,
            "status": "deviation-approved",
            "deadline": ends.replace(microsecond=0).isoformat(),
        }


def _without_empty(members: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what OSCAL does not take empty: lists of nothing, objects of nothing, no text."""
    found = {}
    for name, value in members.items():
        if isinstance(value, Mapping) and name == "local-definitions":
            value = {inner: each for inner, each in value.items() if each}
        if value not in ("", [], {}, None):
            found[name] = value
    return found
