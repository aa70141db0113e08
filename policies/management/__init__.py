"""Effective management policies: what tag, backup, AI opt-out, declarative and chat policies of all
levels amount to at one target.
"""

from policies.management.effective import (
    AttachedSettings,
    Contribution,
    EffectivePolicy,
    EffectiveSetting,
    SettingsLevel,
    Trouble,
    TroubleKind,
    effective_policy,
)

__all__ = [
    "AttachedSettings",
    "Contribution",
    "EffectivePolicy",
    "EffectiveSetting",
    "SettingsLevel",
    "Trouble",
    "TroubleKind",
    "effective_policy",
]
