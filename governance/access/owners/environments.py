"""The values of labels, and how words in tags and names are read as one."""

import re
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final


class Environment(StrEnum):
    """What a target is for. SHARED serves several environments, production among them."""

    PRODUCTION = "production"
    STAGING = "staging"
    TEST = "test"
    DEVELOPMENT = "development"
    SANDBOX = "sandbox"
    SHARED = "shared"

    @property
    def is_production(self) -> bool:
        """Whether production runs here, alone or beside others."""
        return self in (Environment.PRODUCTION, Environment.SHARED)


class Criticality(StrEnum):
    """How much hangs on a target, the most first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


# Tags that are looked at where no rule names one.
ENVIRONMENT_TAGS: Final = ("environment", "env", "stage")
PRODUCTION_WORDS: Final = ("prod", "production", "prd")
_ENVIRONMENT_WORDS: Final[dict[Environment, tuple[str, ...]]] = {
    Environment.STAGING: ("stage", "staging", "stg", "uat", "preprod", "preproduction"),
    Environment.TEST: ("test", "testing", "tst", "qa", "nonprod", "nonproduction"),
    Environment.DEVELOPMENT: ("dev", "development", "develop"),
    Environment.SANDBOX: ("sandbox", "sbx", "poc"),
}
OTHER_WORDS: Final = tuple(word for words in _ENVIRONMENT_WORDS.values() for word in words)
_BY_WORD: Final = {
    word: environment for environment, words in _ENVIRONMENT_WORDS.items() for word in words
}
_CRITICALITY_WORDS: Final = {
    **{one.value: one for one in Criticality},
    "mission": Criticality.CRITICAL,
    "normal": Criticality.MEDIUM,
}


def words_of(text: str) -> list[str]:
    """Return the words of a name or a tag's value, in small letters."""
    return [word for word in re.split(r"[^a-z0-9]+", text.lower()) if word]


@lru_cache(maxsize=65_536)
def named_environment(text: str) -> Environment | None:
    """Return the environment by the words in a name or a tag's value; None: they do not say."""
    words = words_of(text)
    # "non-prod" and "pre-prod" before the "prod" in them.
    for first, second in pairwise(words):
        if first in ("non", "pre") and second in PRODUCTION_WORDS:
            return Environment.TEST if first == "non" else Environment.STAGING
    for word in words:
        if word in _BY_WORD:
            return _BY_WORD[word]
    if any(word in PRODUCTION_WORDS for word in words):
        return Environment.PRODUCTION
    return Environment.SHARED if words == ["shared"] else None


@lru_cache(maxsize=4096)
def named_criticality(text: str) -> Criticality | None:
    """Return the criticality by the words in a tag's value; None: they do not say."""
    return next((_CRITICALITY_WORDS[w] for w in words_of(text) if w in _CRITICALITY_WORDS), None)
