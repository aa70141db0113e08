"""How large a policy is against AWS's limit for its type."""

from dataclasses import dataclass
from datetime import date

from policies import PolicyType, policy_limits, policy_size


@dataclass(frozen=True, slots=True)
class Size:
    """Characters that count, of those that AWS allows since a day; `limit` None: it states none."""

    characters: int
    limit: int | None
    since: date | None = None

    @property
    def percent(self) -> int | None:
        """The share of the limit in per cent, None without a limit."""
        return None if not self.limit else round(100 * self.characters / self.limit)

    @property
    def words(self) -> str:
        """What to think of it, empty while there is room."""
        if self.limit is None or not self.tone:
            return ""
        left = self.limit - self.characters
        if left < 0:
            return f"{-left:,} characters too many: AWS would refuse to save it again."
        return f"Near the limit: {left:,} characters are left."

    @property
    def tone(self) -> str:
        """Amber from 90 % on, red above the limit."""
        if self.limit is None or self.characters < 0.9 * self.limit:
            return ""
        return "bad" if self.characters > self.limit else "warn"


def size_of(text: str, type_name: str, *, today: date) -> Size:
    """Measure a policy's text; a type that the engine does not know yet has no known limit."""
    try:
        limits = policy_limits(PolicyType(type_name), on=today)
    except ValueError:
        return Size(len(text), None)
    return Size(policy_size(text, limits), limits.characters, limits.since)
