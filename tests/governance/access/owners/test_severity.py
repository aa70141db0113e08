"""Severity is effect, then accounts, then environment."""

import pytest

from governance.access.owners.environments import Environment
from governance.access.owners.labels import UNKNOWN_LABEL, LabelSource, TargetLabel
from governance.access.owners.severity import EffectWeight, severity_of

PRODUCTION = TargetLabel(Environment.PRODUCTION, LabelSource.SET, protected=True)
SANDBOX = TargetLabel(Environment.SANDBOX, LabelSource.SET)
STAGING = TargetLabel(Environment.STAGING, LabelSource.SET)


@pytest.mark.parametrize(
    ("weight", "accounts", "label", "severity"),
    [
        (EffectWeight.OPENS_TO_ALL, 1, STAGING, "critical"),
        (EffectWeight.OPENS_TO_ALL, 1, SANDBOX, "high"),
        (EffectWeight.OPENS, 1, PRODUCTION, "high"),
        (EffectWeight.OPENS, 10, PRODUCTION, "critical"),
        (EffectWeight.OPENS, 10, UNKNOWN_LABEL, "critical"),
        (EffectWeight.WEAKENS, 1, SANDBOX, "low"),
        (EffectWeight.WEAKENS, 1, None, "medium"),
        (EffectWeight.NONE, 1, PRODUCTION, "low"),
        (EffectWeight.NONE, 10, PRODUCTION, "medium"),
        (EffectWeight.COSMETIC, 10_000, PRODUCTION, "low"),
    ],
)
def test_weighs_by_the_documented_table(weight, accounts, label, severity):
    labels = () if label is None else (label,)
    assert severity_of(weight, accounts=accounts, labels=labels) == severity


def test_one_account_in_production_raises_what_is_otherwise_in_sandboxes():
    several = (SANDBOX, SANDBOX, PRODUCTION)
    assert severity_of(EffectWeight.WEAKENS, accounts=3, labels=(SANDBOX, SANDBOX)) == "low"
    assert severity_of(EffectWeight.OPENS, accounts=10, labels=several) == "critical"
