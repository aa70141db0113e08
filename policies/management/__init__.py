"""Effective management policies: what tag, backup, AI opt-out, declarative and chat policies of all
levels amount to at one target.
"""

from policies.management.answers import (
    Difference,
    Outcome,
    ToldSetting,
    differences,
    outcome,
    told_outcome,
    told_settings,
)
from policies.management.changes import SettingChange, setting_changes
from policies.management.effective import (
    AttachedSettings,
    Contribution,
    EffectivePolicy,
    EffectiveSetting,
    SettingsLevel,
    Trouble,
    TroubleKind,
    effective_policy,
    setting_key,
)

__all__ = [
    "AttachedSettings",
    "Contribution",
    "Difference",
    "EffectivePolicy",
    "EffectiveSetting",
    "Outcome",
    "SettingChange",
    "SettingsLevel",
    "ToldSetting",
    "Trouble",
    "TroubleKind",
    "differences",
    "effective_policy",
    "outcome",
    "setting_changes",
    "setting_key",
    "told_outcome",
    "told_settings",
]
