"""A question as the address of its answer, so that every answer can be sent.

principal, action, resource, account
key, is, value       one of each for a context key: `is` is value, absent or unknown; a key
                     with several values comes several times
resource_policy, session_policy, endpoint_policy      none or unknown; of the first, collected too
claim, effect, policy      what AWS said: a type of policy, explicit or implicit, its ARN
"""

from itertools import zip_longest
from typing import Final
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import QueryDict

from governance.posture.requests.questions import (
    USUAL_ASSUMPTIONS,
    AssumedPolicy,
    Claim,
    Question,
    UncollectedPolicy,
    choices,
)
from governance.presentation.queries import refuse_longer
from policies.evaluation.layers import Decider

VALUE: Final = "value"
ABSENT: Final = "absent"
_STATES: Final = (VALUE, ABSENT)
_EXPLICIT: Final = {"explicit": True, "implicit": False, "": None}
SAID_NOTHING_MORE: Final = "said"
LONGEST_PART: Final = 8192


def question_of(query: QueryDict) -> Question:
    """Read the question in an address; its fields may be empty.

    :raises BadRequest: a choice that is none, or a part that is far too long.
    """
    refuse_longer(query, LONGEST_PART)
    context, absent = _context(query)
    return Question(
        principal=query.get("principal", "").strip(),
        action=query.get("action", "").strip(),
        resource=query.get("resource", "").strip() or "*",
        resource_account_id=query.get("account", "").strip(),
        context=context,
        absent=absent,
        parts=_parts(query),
        claim=_claim(query),
    )


def _context(query: QueryDict) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], tuple[str, ...]]:
    values: dict[str, list[str]] = {}
    spelled: dict[str, str] = {}
    absent: dict[str, None] = {}
    rows = zip_longest(
        query.getlist("key"), query.getlist("is"), query.getlist("value"), fillvalue=""
    )
    for key, state, value in rows:
        name = key.strip()
        if state not in (*_STATES, ""):
            raise BadRequest(f"is has the value {state!r}; it can be {' or '.join(_STATES)}.")
        if not name:
            continue
        if state == ABSENT:
            absent[name] = None
        elif value.strip():
            values.setdefault(spelled.setdefault(name.lower(), name), []).append(value.strip())
    return tuple((key, tuple(found)) for key, found in values.items()), tuple(absent)


def _parts(query: QueryDict) -> tuple[tuple[UncollectedPolicy, AssumedPolicy], ...]:
    found = []
    for part in UncollectedPolicy:
        given = query.get(part, "")
        if given and given not in choices(part):
            raise BadRequest(f"{part} is {given!r}; it can be {' or '.join(choices(part))}.")
        if given and given != USUAL_ASSUMPTIONS[part]:
            found.append((part, AssumedPolicy(given)))
    return tuple(found)


def _claim(query: QueryDict) -> Claim | None:
    kind, effect, policy = (query.get(name, "") for name in ("claim", "effect", "policy"))
    if not kind:
        return None
    if kind != SAID_NOTHING_MORE and kind not in set(Decider):
        raise BadRequest(f"claim is {kind!r}, which is not a type of policy.")
    if effect not in _EXPLICIT:
        raise BadRequest(f"effect is {effect!r}; it can be explicit or implicit.")
    decider = None if kind == SAID_NOTHING_MORE else Decider(kind)
    return Claim(decider, _EXPLICIT[effect], policy)


def query_of(question: Question, *, as_of: str = "") -> str:
    """Return the query string of a question's address, without a question mark."""
    pairs = [("principal", question.principal), ("action", question.action)]
    if question.resource != "*":
        pairs.append(("resource", question.resource))
    if question.resource_account_id:
        pairs.append(("account", question.resource_account_id))
    for key, values in question.context:
        for value in values:
            pairs += [("key", key), ("is", VALUE), ("value", value)]
    for key in question.absent:
        pairs += [("key", key), ("is", ABSENT), ("value", "")]
    pairs += [(part.value, assumed.value) for part, assumed in question.parts]
    pairs += claim_pairs(question.claim)
    if as_of:
        pairs.append(("as_of", as_of))
    return urlencode(pairs)


def claim_pairs(claim: Claim | None) -> list[tuple[str, str]]:
    """Return the parts of an address that hold what AWS said."""
    if claim is None:
        return []
    pairs = [("claim", claim.decider.value if claim.decider else SAID_NOTHING_MORE)]
    if claim.explicit is not None:
        pairs.append(("effect", "explicit" if claim.explicit else "implicit"))
    if claim.policy_arn:
        pairs.append(("policy", claim.policy_arn))
    return pairs
