"""Policy texts as the engine reads them, parsed once a process."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Final

from inventory.models import PolicyContent
from policies import ParsedPolicy, PolicyType, parse_policy

_MOST: Final = 16384

_parsed: OrderedDict[tuple[str, PolicyType], ParsedPolicy] = OrderedDict()
_lock: Final = Lock()


def parsed_policy(sha256: str, text: str, policy_type: PolicyType) -> ParsedPolicy:
    """Return a text as a policy of one type; equal texts give the same object."""
    key = (sha256, policy_type)
    with _lock:
        found = _parsed.get(key)
        if found is not None:
            _parsed.move_to_end(key)
            return found
    found = parse_policy(text, policy_type)
    with _lock:
        found = _parsed.setdefault(key, found)
        if len(_parsed) > _MOST:
            _parsed.popitem(last=False)
    return found


def parsed_contents(wanted: Iterable[tuple[str, PolicyType]]) -> Mapping[str, ParsedPolicy]:
    """Return the stored texts by SHA-256, reading those not parsed yet in one query.

    Each text is wanted as one type. Call it with what a selector let the viewer see.
    """
    types = dict(wanted)
    found: dict[str, ParsedPolicy] = {}
    with _lock:
        for sha256, policy_type in types.items():
            known = _parsed.get((sha256, policy_type))
            if known is not None:
                found[sha256] = known
    missing = [sha256 for sha256 in types if sha256 not in found]
    if missing:
        for sha256, text in PolicyContent.objects.filter(pk__in=missing).values_list("pk", "text"):
            found[sha256] = parsed_policy(sha256, text, types[sha256])
    return found
