"""A proposed change is read from a file, or each place that is wrong is named."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.changes.elsewhere.handing_out import handed_out_files, handed_out_zip
from governance.changes.proposals.files import ProposalInvalid, read_proposal
from governance.changes.proposals.named_objects import NamedObjects, NamedPolicy, named_objects
from governance.edits.operations import read_operations
from tests.factories.change_requests import change_request, with_evidence
from tests.factories.edits import NOW
from tests.factories.people import person
from tests.factories.policies import denying

SCP = "SERVICE_CONTROL_POLICY"
REGIONS = denying("ec2:*", "rds:*")
KNOWN = NamedObjects(
    policies={
        "p-regio001": NamedPolicy(
            "p-regio001", "deny-regions", SCP, False, REGIONS, frozenset({"ou-ab12-work0001"})
        ),
        "p-twice001": NamedPolicy("p-twice001", "twice", SCP, False, REGIONS, frozenset()),
        "p-twice002": NamedPolicy("p-twice002", "twice", "TAG_POLICY", False, "{}", frozenset()),
        "p-FullAWSAccess": NamedPolicy(
            "p-FullAWSAccess", "FullAWSAccess", SCP, True, REGIONS, frozenset({"r-ab12"})
        ),
    },
    targets={
        "r-ab12": "Root",
        "ou-ab12-work0001": "Workloads",
        "ou-ab12-prod0001": "Prod",
        "012345678901": "payments",
    },
)


def read(text, name="change.yaml", known=KNOWN):
    content = text if isinstance(text, bytes) else text.encode()
    return read_proposal(content, name=name, known=known)


def errors_of(text, name="change.yaml"):
    with pytest.raises(ProposalInvalid) as refused:
        read(text, name)
    return [(each.place, each.message) for each in refused.value.errors]


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


class TestOperations:
    def test_name_policies_and_targets_by_name_or_id(self):
        found = read(
            """
title: Close eu-west-3
reason: We leave Paris.
applied: elsewhere
operations:
  - kind: update_policy
    policy: deny-regions
    document:
      Version: "2012-10-17"
      Statement: [{Effect: Deny, Action: "ec2:*", Resource: "*"}]
  - kind: attach_policy
    policy_id: p-regio001
    target: payments
  - {kind: detach_policy, policy: deny-regions, target_id: ou-ab12-work0001}
rings:
  - {name: Canary, targets: [012345678901], soak_minutes: 30, gate: manual}
"""
        )
        assert found.texts["title"] == "Close eu-west-3"
        update, attach, detach = found.operations
        assert json.loads(update["text"])["Statement"][0]["Action"] == "ec2:*"
        assert attach == {
            "kind": "attach_policy",
            "policy_id": "p-regio001",
            "target_id": "012345678901",
        }
        assert detach["target_id"] == "ou-ab12-work0001"
        assert found.rings[0]["targets"] == ["012345678901"]
        assert found.rings[0]["soak_minutes"] == 30
        assert len(read_operations(list(found.operations))) == 3

    def test_refer_to_what_they_create(self):
        found = read(
            f"""
operations:
  - {{kind: create_policy, name: no-users, policy_type: {SCP}, text: "{{}}"}}
  - {{kind: attach_policy, policy: no-users, target: Prod}}
"""
        )
        assert found.operations[0]["policy_id"] == found.operations[1]["policy_id"] == "new-1"

    def test_may_be_json(self):
        operation = {"kind": "attach_policy", "policy": "deny-regions", "target": "Prod"}
        found = read(json.dumps({"operations": [operation]}), "change.json")
        assert found.operations[0]["target_id"] == "ou-ab12-prod0001"


class TestWantedPolicies:
    def test_become_what_leads_to_them(self):
        found = read(
            f"""
policies:
  - name: deny-regions
    type: {SCP}
    text: '{denying("ec2:*")}'
    targets: [Prod]
"""
        )
        kinds = [(one["kind"], one.get("target_id")) for one in found.operations]
        assert kinds == [
            ("update_policy", None),
            ("attach_policy", "ou-ab12-prod0001"),
            ("detach_policy", "ou-ab12-work0001"),
        ]

    def test_that_stand_so_already_are_no_change(self):
        text = json.dumps(json.loads(REGIONS), indent=8)
        content = zipped(**{f"{SCP}/deny-regions.json": text})
        assert "nothing would change" in errors_of(content, "policies.zip")[0][1]

    def test_are_created_where_there_is_none_of_that_type(self):
        content = zipped(**{f"a/{SCP}/no-users.json": denying("iam:CreateUser")})
        (made,) = read(content, "policies.zip").operations
        assert (made["kind"], made["name"]) == ("create_policy", "no-users")

    def test_of_aws_lose_no_target_that_is_not_named(self):
        found = read(
            f"""
policies:
  - {{name: FullAWSAccess, type: {SCP}, targets: [Prod], detached_from: [Root]}}
"""
        )
        kinds = [(one["kind"], one["target_id"]) for one in found.operations]
        assert kinds == [("attach_policy", "ou-ab12-prod0001"), ("detach_policy", "r-ab12")]

    def test_are_deleted_where_the_file_says_so(self):
        found = read(f"policies: [{{name: deny-regions, type: {SCP}, deleted: true}}]")
        assert found.operations == ({"kind": "delete_policy", "policy_id": "p-regio001"},)


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "place", "message"),
        [
            ("operations: [\n", "change.yaml, line 2", "expected"),
            ("title: a\ntitle: b\n", "change.yaml, line 2", "title is given twice"),
            ("a: &x 1\nb: *x\n", "change.yaml, line 1", "anchors"),
            ("title: !!python/object:os.system {}\n", "change.yaml, line 1", "tag"),
            ("- 1\n", "change.yaml, line 1", "give names"),
            ("", "change.yaml", "empty"),
            ("\x00", "change.yaml", "character 1"),
            ("titel: x\n", "change.yaml, line 1", "titel is not understood"),
            ("operations:\n  - kind: drop\n", "change.yaml, line 2", "give one of"),
            (
                "operations:\n  - kind: attach_policy\n    policy: nobody\n    target: Prod\n",
                "change.yaml, line 3",
                "'nobody' is not a policy",
            ),
            (
                "operations:\n  - kind: delete_policy\n    policy: twice\n",
                "change.yaml, line 3",
                "2 policies are called 'twice'",
            ),
            (
                "operations:\n  - kind: update_policy\n    policy: deny-regions\n    file: x\n",
                "change.yaml, line 4",
                "only a zip holds files",
            ),
            (
                "rings:\n  - name: a\n    targets: [Nowhere]\n",
                "change.yaml, line 3",
                "'Nowhere' is not a root",
            ),
            ("accounts: [{id: '1'}]\n", "change.yaml, line 1", "as operations"),
        ],
    )
    def test_name_their_place(self, text, place, message):
        found = errors_of(text)
        assert found[0][0] == place
        assert message in found[0][1]

    def test_of_a_policy_file_name_line_and_column(self):
        content = zipped(
            **{
                "change.yaml": f"policies:\n  - {{name: n, type: {SCP}, file: p.json}}\n",
                "p.json": '{"a":\n oops}',
            }
        )
        assert errors_of(content)[0][1].startswith("p.json, line 2, column 2")

    def test_deep_and_wide_files_are_refused_quickly(self):
        assert "nested" in errors_of("a: " + "[" * 400 + "]" * 400)[0][1]
        assert "more than" in errors_of("a: [" + "1," * 30_000 + "]")[0][1]


class TestArchives:
    @pytest.mark.parametrize(
        "name", ["../x.json", "/x.json", "a/../b.json", "a\\b.json", "C:x.json"]
    )
    def test_with_other_than_plain_paths_are_refused(self, name):
        assert errors_of(zipped(**{name: "{}"}), "x.zip") == [(name, "its path is not a plain one")]

    def test_that_unpack_to_much_are_refused(self):
        assert "larger than" in errors_of(zipped(**{"a.json": "0" * 5_000_000}), "x.zip")[0][1]

    def test_that_are_none_are_refused(self):
        assert "this is not a zip" in errors_of(b"PK\x03\x04 not really", "x.zip")[0][1]


@pytest.mark.django_db
class TestAHandOut:
    def test_is_read_back_as_what_it_asks_for(self, snapshot, viewer):
        asked = change_request(
            snapshot.connection,
            person("author"),
            applied="elsewhere",
            operations=[
                {"kind": "update_policy", "policy_id": "p-regio001", "text": denying("s3:*")},
                {
                    "kind": "attach_policy",
                    "policy_id": "p-regio001",
                    "target_id": "ou-ab12-test0001",
                },
            ],
        )
        with_evidence(asked, as_of=NOW)
        asked.state = "handed_out"
        content = handed_out_zip(handed_out_files(asked))
        known = named_objects(viewer, snapshot.connection)
        found = read(content, "change.zip", known)
        assert list(found.operations) == asked.operations
        assert found.texts["title"] == asked.title


@settings(max_examples=120, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text("operations: -[]{}\n'\"&*!|>#kindpolicy_ 01", max_size=300).map(str.encode),
    ),
    st.sampled_from(["change.yaml", "change.zip"]),
)
def test_any_bytes_are_a_proposal_or_refused(content, name):
    try:
        found = read_proposal(content, name=name, known=KNOWN)
    except ProposalInvalid as error:
        assert all(each.message and each.place for each in error.errors)  # noqa: PT017
    else:
        assert read_operations(list(found.operations))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=8)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
MEMBERS = st.sampled_from(
    ["kind", "policy", "policy_id", "target", "text", "document", "file", "name", "type", "targets"]
)
VALUES = st.one_of(
    JSON,
    st.sampled_from(["attach_policy", "create_policy", "deny-regions", "Prod", SCP, "new-1"]),
)


@settings(max_examples=120, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["title", "operations", "policies", "rings", "reason"]),
        st.one_of(JSON, st.lists(st.dictionaries(MEMBERS, VALUES, max_size=6), max_size=3)),
    )
)
def test_any_json_is_a_proposal_or_refused(value):
    try:
        found = read_proposal(json.dumps(value).encode(), name="change.json", known=KNOWN)
    except ProposalInvalid as error:
        assert all(each.message and each.place for each in error.errors)  # noqa: PT017
    else:
        assert read_operations(list(found.operations))


@pytest.mark.django_db
def test_the_example_of_the_documentation_is_read(snapshot, viewer):
    page = Path(__file__).resolve().parents[4] / "docs" / "change-files.md"
    (example,) = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    found = read(example, known=named_objects(viewer, snapshot.connection))
    assert [(one["kind"], one.get("target_id")) for one in found.operations] == [
        ("create_policy", None),
        ("attach_policy", "ou-ab12-prod0001"),
        ("update_policy", None),
        ("attach_policy", "222222222224"),
    ]
    assert found.rings[0]["targets"] == ["222222222224"]
