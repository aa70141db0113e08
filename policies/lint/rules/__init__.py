"""The rules for policies of statements, one module a group; `RULES` is all of them in order."""

from __future__ import annotations

from typing import Final

from policies.lint.rules.actions import check_actions
from policies.lint.rules.condition_keys import check_condition_keys
from policies.lint.rules.condition_values import check_condition_values
from policies.lint.rules.effect import check_effect
from policies.lint.rules.exemptions import check_exemptions
from policies.lint.rules.federated_sign_in import check_federated_sign_in
from policies.lint.rules.lockout import check_lockout
from policies.lint.rules.missing_keys import check_missing_keys
from policies.lint.rules.never_applies import check_applicability
from policies.lint.rules.principals import check_principals
from policies.lint.rules.region_lock import check_region_lock
from policies.lint.rules.request_tags import check_request_tags
from policies.lint.rules.resources import check_resources
from policies.lint.rules.source_addresses import check_source_addresses
from policies.lint.subject import Rule

RULES: Final[tuple[Rule, ...]] = (
    check_actions,
    check_resources,
    check_effect,
    check_applicability,
    check_condition_keys,
    check_condition_values,
    check_missing_keys,
    check_request_tags,
    check_source_addresses,
    check_region_lock,
    check_exemptions,
    check_lockout,
    check_principals,
    check_federated_sign_in,
)
