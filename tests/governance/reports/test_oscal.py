"""A report as OSCAL assessment results, against the rules of NIST's model of 1.1.2.

`oscal_1_1_2.json` holds these rules for the objects that reports have, transcribed from NIST's
metaschema: no light library ships the schema of this version. compliance-trestle 5.2 (its models
are of 1.2.1, which adds to 1.1.2) took such a document as valid.
"""

import json
import re
from pathlib import Path
from uuid import UUID

import pytest

from governance.presentation.report_oscal import nist_control_id, oscal_results
from governance.reports.contents import report_contents
from tests.governance.reports.conftest import GUARDRAIL, NOW

REPORT_ID = UUID("0e5b3ae4-4c4f-4d1b-9a3e-5f6a7b8c9d0e")
OBJECTS = json.loads(Path(__file__).with_name("oscal_1_1_2.json").read_text("utf-8"))["objects"]
# NIST's data types, as patterns of its JSON Schema.
FORMS = {
    "uuid": r"(?i:[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})",
    "token": r"[^\W\d][\w.\-]*",
    "string": r"\S(.*\S)?",
    "markup-line": r"[^\n]+",
    "markup-multiline": r"(?s:.+)",
    "uri": r"[a-zA-Z][a-zA-Z0-9+\-.]+:.+",
    "uri-reference": r"\S+",
    "dateTime-with-timezone": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)",
}


def faults(value, place=""):
    """Yield what NIST's schema would refuse of an object."""
    rules = OBJECTS[place]
    for name, rule in rules.items():
        if " required" in rule and name not in value:
            yield f"{place} lacks {name}"
    for name, inner in value.items():
        if name not in rules:
            yield f"{place} may not have {name}"
            continue
        form, *flags = rules[name].split()
        if "many" in flags and not (isinstance(inner, list) and inner):
            yield f"{place}/{name} is not a list of one or more"
            continue
        allowed: list[str] = next(
            (flag.split("|") for flag in flags if flag not in ("many", "required")), []
        )
        for each in inner if "many" in flags else [inner]:
            if form == "object":
                yield from faults(each, f"{place}/{name}".lstrip("/"))
            elif not isinstance(each, str) or not re.fullmatch(FORMS[form], each):
                yield f"{place}/{name} is {each!r}"
            elif allowed and each not in allowed:
                yield f"{place}/{name} may not be {each!r}"


@pytest.fixture
def written(seen_by_ada, connection, excepted):
    contents = report_contents(
        seen_by_ada, connection=connection, target_id="r-ab12", made_by="ada", now=NOW
    )
    return oscal_results(REPORT_ID, contents)


class TestDocument:
    def test_has_the_members_and_forms_that_the_schema_requires(self, written):
        assert set(written) == {"assessment-results"}
        assert sorted(set(faults(written["assessment-results"]))) == []

    def test_every_rule_finds_its_fault(self, written):
        document = written["assessment-results"]
        (result,) = document["results"]
        result["findings"][0]["target"]["status"]["state"] = "fine"
        result["observations"][0]["uuid"] = "1"
        result["risks"] = []
        result["severity"] = "high"
        del document["metadata"]["title"]

        assert sorted(faults(document)) == [
            "metadata lacks title",
            "results may not have severity",
            "results/findings/target/status/state may not be 'fine'",
            "results/observations/uuid is '1'",
            "results/risks is not a list of one or more",
        ]

    def test_says_satisfied_only_of_what_was_proven_in_every_account(self, written):
        (result,) = written["assessment-results"]["results"]
        states = {one["target"]["target-id"]: one["target"]["status"] for one in result["findings"]}

        assert states["root-user-is-not-used"] == {"state": "satisfied", "reason": "pass"}
        assert states[GUARDRAIL] == {"state": "not-satisfied", "reason": "fail"}
        assert states["no-iam-users"] == {"state": "not-satisfied", "reason": "other"}

    def test_refers_only_to_what_it_holds(self, written):
        (result,) = written["assessment-results"]["results"]
        observed = {one["uuid"] for one in result["observations"]}
        risks = {one["uuid"] for one in result["risks"]}
        items = {one["uuid"] for one in result["local-definitions"]["inventory-items"]}

        for one in result["findings"]:
            assert {each["observation-uuid"] for each in one.get("related-observations", ())} <= (
                observed
            )
            assert {each["risk-uuid"] for each in one.get("related-risks", ())} <= risks
        for one in result["observations"]:
            assert {each["subject-uuid"] for each in one.get("subjects", ())} <= items
        assert result["risks"][0]["status"] == "deviation-approved"

    @pytest.mark.parametrize(
        ("reference", "control_id"),
        [("AC-6", "ac-6"), ("SC-28(1)", "sc-28.1"), ("AC-2 (1)", "ac-2.1")],
    )
    def test_names_controls_as_nists_catalogue_does(self, reference, control_id):
        assert nist_control_id(reference) == control_id
