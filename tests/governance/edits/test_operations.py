"""Operations have one form as JSON, and what has another is told by its place."""

import contextlib
import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.edits.operations import (
    MEMBERS,
    MOST_OPERATIONS,
    Operation,
    OperationKind,
    OperationsInvalid,
    read_operations,
)

ATTACH = {"kind": "attach_policy", "policy_id": "p-abcd1234", "target_id": "123456789012"}

WRONG = [
    ({}, (), "give a list of operations"),
    ([7], (0,), "give an object with `kind`"),
    ([{"kind": "explode"}], (0, "kind"), "give one of update_policy"),
    ([{"kind": ["attach_policy"]}], (0, "kind"), "give one of update_policy"),
    ([{**ATTACH, "force": True}], (0, "force"), "attach_policy has no such member"),
    ([{"kind": "attach_policy", "policy_id": "p-abcd1234"}], (0, "target_id"), "needs it, as text"),
    ([{**ATTACH, "policy_id": "arn:aws:x"}], (0, "policy_id"), "give a policy id such as"),
    ([{**ATTACH, "target_id": "12345"}], (0, "target_id"), "a root, an OU or an account"),
    (
        [{"kind": "move_account", "target_id": "ou-ab12-abcd1234", "parent_id": "r-ab12"}],
        (0, "target_id"),
        "12 digits",
    ),
    (
        [{"kind": "move_account", "target_id": "123456789012", "parent_id": "210987654321"}],
        (0, "parent_id"),
        "the root",
    ),
    (
        [{"kind": "update_policy", "policy_id": "p-abcd1234", "text": "x" * 60_001}],
        (0, "text"),
        "at most 60,000",
    ),
    (
        [
            {
                "kind": "create_policy",
                "policy_id": "new-1",
                "name": " ",
                "policy_type": "SERVICE_CONTROL_POLICY",
                "text": "{}",
            }
        ],
        (0, "name"),
        "1 to 128",
    ),
    (
        [
            {
                "kind": "create_policy",
                "policy_id": "new-1",
                "name": "Boundary",
                "policy_type": "PERMISSION_BOUNDARY",
                "text": "{}",
            }
        ],
        (0, "policy_type"),
        "give one of SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY, TAG_POLICY",
    ),
    (
        [{"kind": "tag_policy", "policy_id": "p-abcd1234", "tags": {}}],
        (0, "tags"),
        "give an object of tags",
    ),
    (
        [{"kind": "tag_policy", "policy_id": "p-abcd1234", "tags": {"aws:x": "1"}}],
        (0, "tags"),
        "begin with aws:",
    ),
    (
        [
            {
                "kind": "create_organizational_unit",
                "target_id": "ou-ab12-abcd1234",
                "parent_id": "r-ab12",
                "name": "Fresh",
            }
        ],
        (0, "target_id"),
        "a name of your own",
    ),
    (
        [{"kind": "delete_organizational_unit", "target_id": "123456789012"}],
        (0, "target_id"),
        "the id of an OU",
    ),
    ([ATTACH] * (MOST_OPERATIONS + 1), (), f"at most {MOST_OPERATIONS}"),
]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)


class TestReadOperations:
    @pytest.mark.parametrize(("value", "path", "words"), WRONG)
    def test_tells_what_is_wrong_and_where(self, value, path, words):
        with pytest.raises(OperationsInvalid) as raised:
            read_operations(value)
        told = dict(raised.value.errors)
        assert words in told[path]

    def test_reads_back_what_it_writes(self):
        values = {"policy_id": "new-1", "target_id": "123456789012", "parent_id": "r-ab12"}
        values |= {"name": "A name", "policy_type": "RESOURCE_CONTROL_POLICY", "text": "{}"}
        given: dict[str, Any] = {**values, "tags": (("team", "blue"), ("old", None))}
        for kind in OperationKind:
            members = {name: given[name] for name in MEMBERS[kind]}
            if kind is OperationKind.CREATE_ORGANIZATIONAL_UNIT:
                members["target_id"] = "new-2"
            elif "organizational_unit" in kind:
                members["target_id"] = "ou-ab12-abcd1234"
            operation = Operation(kind, **members)
            assert read_operations(json.loads(json.dumps([operation.as_json()]))) == (operation,)

    @given(JSON)
    def test_raises_nothing_but_its_own_error(self, value):
        read: Sequence[Operation] = ()
        with contextlib.suppress(OperationsInvalid):
            read = read_operations(value)
        assert all(isinstance(operation, Operation) for operation in read)
