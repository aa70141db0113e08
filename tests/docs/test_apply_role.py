"""The templates of the apply role allow what a rollout calls, by name, and nothing else."""

import re
from pathlib import Path

import pytest

from governance.changes.rollout.calls import APPLY_ACTIONS

ROOT = Path(__file__).resolve().parents[2]
ACTIONS = sorted(APPLY_ACTIONS)


class TestApplyRole:
    @pytest.mark.parametrize(
        "file", ["docs/roles/apply.yaml", "docs/roles/terraform/apply/main.tf"]
    )
    def test_templates_allow_each_call_of_a_rollout_and_no_other(self, file):
        found = re.findall(r"organizations:\w+", (ROOT / file).read_text(encoding="utf-8"))
        assert found == ACTIONS

    def test_the_page_says_what_each_action_is_for(self):
        text = (ROOT / "docs/roles/README.md").read_text(encoding="utf-8")
        section = text.split("## What the apply role may do")[1].split("\n## ")[0]
        assert re.findall(r"^\| `(organizations:\w+)` \|", section, re.MULTILINE) == ACTIONS

    def test_the_simulated_role_allows_no_more_than_the_template(self):
        text = (ROOT / "demo/organization/profiles/management.yaml").read_text(encoding="utf-8")
        role = text.split("- name: OrgwardenApply")[1].split("\n  - name:")[0]
        assert re.findall(r"- (organizations:\w+)", role) == ACTIONS
