"""The baseline as a file: read with lines and suggestions, written back byte for byte."""

import json

import pytest

from governance.baseline.structure.collected import collected_structure
from governance.baseline.structure.document import document_digest
from governance.baseline.structure.file_writing import baseline_file
from governance.baseline.structure.files import (
    BaselineFileInvalid,
    baseline_schema,
    read_baseline_file,
)
from governance.baseline.structure.importing import baseline_export, baseline_import
from governance.baseline.structure.models import BaselineVersion
from governance.baseline.structure.versions import structure_of
from tests.factories.edits import NOW
from tests.factories.people import person
from tests.governance.drift.conftest import acting

FILE = """\
# What we agreed.
format: 1
organizational_units:
  r-ab12: Root
  ou-ab12-work0001: Root/Workloads
  ou-ab12-prod0001: Root/Workloads/Prod
accounts:
  Root/Workloads/Prod:
    "222222222222": payments
policies:
  p-regio001:
    name: deny-regions
    type: SERVICE_CONTROL_POLICY
    attached_to: [Root/Workloads]
    text: '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ec2:*","Resource":"*"}]}'
detached_defaults:
  p-FullAWSAccess: [ou-ab12-prod0001]
policy_types: [SERVICE_CONTROL_POLICY]
"""


def errors_of(text):
    with pytest.raises(BaselineFileInvalid) as invalid:
        read_baseline_file(text.encode(), root_id="r-ab12")
    return [(error.line, error.message) for error in invalid.value.errors]


class TestRead:
    def test_ous_are_named_by_path_or_id(self):
        structure = read_baseline_file(FILE.encode())
        assert structure.scope == ("r-ab12",)
        assert structure.accounts["222222222222"].parent_id == "ou-ab12-prod0001"
        assert structure.attachments == {"p-regio001": {"ou-ab12-work0001"}}
        assert not structure.is_attached("p-FullAWSAccess", "ou-ab12-prod0001")
        assert structure.is_attached("p-FullAWSAccess", "222222222222")

    def test_what_is_left_out_says_nothing(self):
        structure = read_baseline_file(FILE.encode())
        assert (structure.trusted_services, structure.delegations) == (None, None)

    @pytest.mark.parametrize(
        ("was", "becomes", "line", "said"),
        [
            ("policy_types:", "policy_type:", 18, "did you mean policy_types?"),
            ("    type: SERVICE_C", "    type: SERVICE_K", 13, "did you mean SERVICE_CONTROL_POLI"),
            ("[Root/Workloads]", "[Root/Workload]", 14, "did you mean Root/Workloads?"),
            ("Root/Workloads/Prod\n", "Root/Worloads/Prod\n", 6, "did you mean Root/Workloads?"),
            ('"222222222222"', '"2222"', 9, "give 12 digits"),
            ('"Action":"ec2:*",', "", 15, "AWS would not take the text"),
            ("format: 1", "format: 2", 2, "give format: 1"),
            ("r-ab12: Root", "r-zz99: Root", 4, "another organization's root"),
            ("format: 1", "format: &a 1", 2, "anchors"),
            (
                "    attached_to: [Root/W",
                "    tags: {a: [b]}\n    attached_to: [Root/W",
                14,
                "key and v",
            ),
            ("    attached_to: [Root/W", "    tag: {}\n    attached_to: [Root/W", 14, "mean tags?"),
            ("policy_types:", "delegation_policy: '{}x'\npolicy_types:", 18, "is not JSON"),
        ],
    )
    def test_an_error_has_its_line_and_a_suggestion(self, was, becomes, line, said):
        found = errors_of(FILE.replace(was, becomes, 1))
        assert any(number == line and said in message for number, message in found), found

    def test_the_schema_lists_every_policy_type(self):
        from inventory.policy_types import POLICY_TYPES

        members = baseline_schema()["properties"]["policies"]["additionalProperties"]
        assert members["properties"]["type"]["enum"] == [kind.name for kind in POLICY_TYPES]


class TestWrite:
    def test_a_collected_structure_is_read_back_as_it_was(self, snapshot):
        structure = collected_structure(snapshot.connection)
        again = read_baseline_file(baseline_file(structure).encode(), root_id="r-ab12")
        assert document_digest(again.as_json()) == document_digest(structure.as_json())

    def test_names_with_slashes_and_texts_of_lines_survive(self, snapshot):
        structure = collected_structure(snapshot.connection)
        unit = structure.units["ou-ab12-prod0001"]
        structure.units["ou-ab12-prod0001"] = type(unit)("R&D / 100%2F", unit.parent_id)
        policy = structure.policies["p-regio001"]
        text = json.dumps(json.loads(policy.text), indent=2) + "\n"
        structure.policies["p-regio001"] = type(policy)(policy.name, policy.type, text)
        again = read_baseline_file(baseline_file(structure).encode())
        assert again.as_json() == structure.as_json()

    def test_tags_and_the_delegation_policy_survive_where_anything_is_said_of_them(self, snapshot):
        structure = collected_structure(snapshot.connection)
        structure.policy_tags = {"p-regio001": {"team": "123", "note": "a: b"}}
        structure.delegation_policy = '{"Version": "2012-10-17",\n "Statement": []}\n'
        again = read_baseline_file(baseline_file(structure).encode())
        assert again.as_json() == structure.as_json()
        structure.policy_tags = structure.delegation_policy = None
        again = read_baseline_file(baseline_file(structure).encode())
        assert again.as_json() == structure.as_json()
        assert "policy_tags" not in again.as_json()


class TestImport:
    def test_the_same_bytes_come_back(self, snapshot):
        content = FILE.replace("\n", "\r\n").encode()
        made = baseline_import(
            by=acting(person("security")),
            connection=snapshot.connection,
            content=content,
            reason="From the repository.",
            now=NOW,
        )
        stored = BaselineVersion.objects.get(pk=made.pk)
        assert baseline_export(stored).encode() == content
        assert structure_of(stored).policies["p-regio001"].name == "deny-regions"

    def test_with_an_error_the_version_before_stays(self, snapshot):
        by = acting(person("security"))
        given = {"by": by, "connection": snapshot.connection, "reason": "Again.", "now": NOW}
        baseline_import(content=FILE.encode(), **given)
        with pytest.raises(BaselineFileInvalid):
            baseline_import(content=FILE.replace("format: 1", "format: 9").encode(), **given)
        assert [one.number for one in BaselineVersion.objects.all()] == [1]
