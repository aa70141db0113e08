"""What an organization's principals did, and what a change of its policies would have decided.

Here are records alone; replaying them, which needs the whole engine, is `policies.usage.replay`.
"""

from policies.usage.record import (
    ContextText,
    NotUsage,
    UsageRecord,
    read_usage,
    usage_as_json,
    usage_of_json,
    write_usage,
)

__all__ = [
    "ContextText",
    "NotUsage",
    "UsageRecord",
    "read_usage",
    "usage_as_json",
    "usage_of_json",
    "write_usage",
]
