"""What differs between two texts of a management policy."""

import json

from policies import PolicyType, parse_policy
from policies.management import SettingChange, setting_changes

TAG = PolicyType.TAG_POLICY
AI = PolicyType.AISERVICES_OPT_OUT_POLICY


def changes(before, after, kind=TAG):
    was, becomes = (parse_policy(json.dumps(one), kind).management for one in (before, after))
    assert was is not None
    assert becomes is not None
    return setting_changes(was, becomes)


def tags(**keys):
    return {"tags": {key: {"tag_value": {"@@assign": values}} for key, values in keys.items()}}


class TestSettingChanges:
    def test_the_order_of_values_makes_no_difference(self):
        assert changes(tags(cost=["a", "b"]), tags(cost=["b", "a"])) == ()

    def test_keys_of_tag_policies_ignore_case(self):
        assert changes(tags(cost=["a"]), tags(Cost=["a"])) == ()

    def test_a_value_that_differs_is_told_with_both(self):
        path = ("tags", "cost", "tag_value", "@@assign")
        assert changes(tags(cost=["a"]), tags(cost=["a", "b"])) == (
            SettingChange(path, ("a",), ("a", "b")),
        )

    def test_settings_come_and_go(self):
        found = changes(tags(cost=["a"]), tags(owner=["a"]))
        assert [(one.path[1], one.before, one.after) for one in found] == [
            ("cost", ("a",), None),
            ("owner", None, ("a",)),
        ]

    def test_other_types_keep_the_case_of_names(self):
        def services(name):
            return {"services": {name: {"opt_out_policy": {"@@assign": "optOut"}}}}

        assert len(changes(services("lex"), services("Lex"), AI)) == 2
