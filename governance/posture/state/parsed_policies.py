"""Policy texts as the engine reads them, parsed once a process."""

from collections.abc import Iterable, Mapping
from typing import Final

from governance.posture.state.process_cache import ProcessCache
from inventory.models import PolicyContent
from policies import ParsedPolicy, PolicyType, parse_policy

_MOST: Final = 16384

_parsed: Final[ProcessCache[tuple[str, PolicyType], ParsedPolicy]] = ProcessCache(most=_MOST)


def parsed_policy(sha256: str, text: str, policy_type: PolicyType) -> ParsedPolicy:
    """Return a text as a policy of one type; equal texts give the same object."""
    return _parsed.get((sha256, policy_type), lambda: parse_policy(text, policy_type))


def parsed_contents(wanted: Iterable[tuple[str, PolicyType]]) -> Mapping[str, ParsedPolicy]:
    """Return the stored texts by SHA-256, reading those not parsed yet in one query.

    Each text is wanted as one type. Call it with what a selector let the viewer see.
    """
    types = dict(wanted)
    found: dict[str, ParsedPolicy] = {}
    for sha256, policy_type in types.items():
        known = _parsed.known((sha256, policy_type))
        if known is not None:
            found[sha256] = known
    missing = [sha256 for sha256 in types if sha256 not in found]
    if missing:
        for sha256, text in PolicyContent.objects.filter(pk__in=missing).values_list("pk", "text"):
            found[sha256] = parsed_policy(sha256, text, types[sha256])
    return found
