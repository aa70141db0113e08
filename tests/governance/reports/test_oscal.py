"""A report as OSCAL assessment results, against what NIST's schema of 1.1.2 requires.

The members and forms below are written off that schema by hand, for the objects that reports have:
no kept library that is light ships it. compliance-trestle 5.2 (its models are made from the schema
of 1.2.1, which adds to 1.1.2) took such a document as valid.
"""

import re
from uuid import UUID

import pytest

from governance.presentation.report_oscal import nist_control_id, oscal_results
from governance.reports.contents import report_contents
from tests.governance.reports.conftest import GUARDRAIL, NOW

REPORT_ID = UUID("0e5b3ae4-4c4f-4d1b-9a3e-5f6a7b8c9d0e")
# Of each object by its place: the members that it has to have, and the others that it may have.
SCHEMA = {
    "assessment-results": (
        {"uuid", "metadata", "import-ap", "results"},
        {"local-definitions", "back-matter"},
    ),
    "metadata": (
        {"title", "last-modified", "version", "oscal-version"},
        {"roles", "parties", "responsible-parties"},
    ),
    "roles[]": ({"id", "title"}, set()),
    "parties[]": ({"uuid", "type"}, {"name"}),
    "responsible-parties[]": ({"role-id", "party-uuids"}, set()),
    "import-ap": ({"href"}, set()),
    "activities[]": ({"uuid", "description"}, {"title", "props", "related-controls"}),
    "results[]": (
        {"uuid", "title", "description", "start", "reviewed-controls"},
        {"end", "props", "local-definitions", "observations", "risks", "findings", "remarks"},
    ),
    "reviewed-controls": ({"control-selections"}, {"control-objective-selections"}),
    "related-controls": ({"control-selections"}, {"control-objective-selections"}),
    "include-controls[]": ({"control-id"}, set()),
    "include-objectives[]": ({"objective-id"}, set()),
    "inventory-items[]": ({"uuid", "description"}, {"props"}),
    "props[]": ({"name", "value"}, {"ns"}),
    "observations[]": (
        {"uuid", "description", "methods", "collected"},
        {"title", "props", "subjects"},
    ),
    "subjects[]": ({"subject-uuid", "type"}, {"title"}),
    "risks[]": ({"uuid", "title", "description", "statement", "status"}, {"deadline"}),
    "findings[]": (
        {"uuid", "title", "description", "target"},
        {"props", "related-observations", "related-risks"},
    ),
    "target": ({"type", "target-id", "status"}, {"title"}),
    "status": ({"state"}, {"reason"}),
    "related-observations[]": ({"observation-uuid"}, set()),
    "related-risks[]": ({"risk-uuid"}, set()),
    "resources[]": ({"uuid"}, {"title", "description"}),
}
TOKEN = re.compile(r"[A-Za-z_][\w.\-]*", re.ASCII)
UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
TEXT = re.compile(r"\S(.*\S)?")
FORMS = {
    **dict.fromkeys(("uuid", "subject-uuid", "observation-uuid", "risk-uuid"), UUIDS),
    **dict.fromkeys(("control-id", "objective-id", "target-id", "role-id", "name-of-prop"), TOKEN),
    **dict.fromkeys(("last-modified", "start", "end", "collected", "deadline"), TIME),
    **dict.fromkeys(("title", "value", "version"), TEXT),
}


def faults(value, place=""):
    """Yield what NIST's schema would refuse."""
    if isinstance(value, dict):
        required, others = SCHEMA.get(place, (set(), set(value)))
        yield from (f"{place} lacks {name}" for name in required - set(value))
        yield from (f"{place} may not have {name}" for name in set(value) - required - others)
        for name, inner in value.items():
            yield from faults(inner, name)
    elif isinstance(value, list):
        if not value:
            yield f"{place} is an empty list"
        for inner in value:
            yield from faults(inner, f"{place}[]")
    elif place in FORMS and not FORMS[place].fullmatch(str(value)):
        yield f"{place} is {value!r}"


@pytest.fixture
def written(seen_by_ada, connection, excepted):
    contents = report_contents(
        seen_by_ada, connection=connection, target_id="r-ab12", made_by="ada", now=NOW
    )
    return oscal_results(REPORT_ID, contents)


class TestDocument:
    def test_has_the_members_and_forms_that_the_schema_requires(self, written):
        assert sorted(set(faults(written))) == []
        assert set(written) == {"assessment-results"}

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
