"""What an organization's principals did, and what a change of its policies would have decided."""

from policies.usage.joint import ReplayEffect
from policies.usage.record import (
    ContextText,
    NotUsage,
    UsageRecord,
    read_usage,
    usage_as_json,
    usage_of_json,
    write_usage,
)
from policies.usage.replay import (
    ControlTrees,
    ReplayedUse,
    UsageReplay,
    UsageReplayer,
    replay_usage,
)
from policies.usage.used_context import owner_of

__all__ = [
    "ContextText",
    "ControlTrees",
    "NotUsage",
    "ReplayEffect",
    "ReplayedUse",
    "UsageRecord",
    "UsageReplay",
    "UsageReplayer",
    "owner_of",
    "read_usage",
    "replay_usage",
    "usage_as_json",
    "usage_of_json",
    "write_usage",
]
