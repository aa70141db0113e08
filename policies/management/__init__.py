"""Effective management policies: what tag, backup, AI opt-out, declarative and chat policies of all
levels amount to at one target.
"""

from policies.management.answers import (
    AwsSetting,
    Outcome,
    SettingMismatch,
    aws_outcome,
    aws_settings,
    differences,
    outcome,
)
from policies.management.changes import SettingChange, setting_changes
from policies.management.effective import (
    AttachedSettings,
    ComputedEffectivePolicy,
    Contribution,
    EffectiveSetting,
    PolicyProblem,
    PolicyProblemKind,
    SettingsLevel,
    effective_policy,
    setting_key,
)

__all__ = [
    "AttachedSettings",
    "AwsSetting",
    "ComputedEffectivePolicy",
    "Contribution",
    "EffectiveSetting",
    "Outcome",
    "PolicyProblem",
    "PolicyProblemKind",
    "SettingChange",
    "SettingMismatch",
    "SettingsLevel",
    "aws_outcome",
    "aws_settings",
    "differences",
    "effective_policy",
    "outcome",
    "setting_changes",
    "setting_key",
]
