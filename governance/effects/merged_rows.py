"""Fewer rows that cover exactly the same requests of the same accounts.

Where other policies deny part of a change in some accounts and none of it in others, both are one
row: what is left of the change, whatever other policies deny. Actions that the catalogue does not
have join the row of the same requests and accounts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from governance.effects.request_effects import RequestEffect
from policies.comparison import PolicyChange


def merged_rows(
    effects: Iterable[RequestEffect], account_ids: Sequence[str]
) -> tuple[RequestEffect, ...]:
    """Return some effects with those put together that say the same.

    `account_ids`: all accounts, in the order in which a row holds its own.
    """
    order = {account_id: number for number, account_id in enumerate(account_ids)}
    by_change: dict[tuple[object, ...], RequestEffect] = {}
    for effect in effects:
        key = (*_requests(effect), effect.unlisted, _change_bits(effect))
        known = by_change.get(key)
        while known is not None and not set(known.account_ids).isdisjoint(effect.account_ids):
            key = (*key, "of the same accounts")
            known = by_change.get(key)
        by_change[key] = effect if known is None else _united(known, effect, order)
    return tuple(_with_unlisted(list(by_change.values())))


def _requests(effect: RequestEffect) -> tuple[object, ...]:
    """Return in which requests an effect is, those included that other policies deny."""
    change = _change(effect)
    when = effect.when if change is None else change.when.words
    return (effect.verdict, effect.policy_type, change is not None, when, effect.reason)


def _change(effect: RequestEffect) -> PolicyChange | None:
    return None if effect.difference is None else effect.difference.change


def _change_bits(effect: RequestEffect) -> int:
    change = _change(effect)
    return effect.action_bits if change is None else change.actions.bits


def _leaves_out(effect: RequestEffect) -> bool:
    """Whether requests are left out that other policies deny."""
    return effect.difference is not None and effect.difference.when.path is not None


def _united(one: RequestEffect, other: RequestEffect, order: dict[str, int]) -> RequestEffect:
    """Return two effects as one; its words and witness are of that which leaves requests out."""
    first, second = (one, other) if _leaves_out(one) else (other, one)
    return replace(
        first,
        action_bits=first.action_bits | second.action_bits,
        account_ids=tuple(
            sorted((*first.account_ids, *second.account_ids), key=lambda each: order[each])
        ),
        parts=(*first.parts, *second.parts),
        unconditional_bits=first.unconditional_bits | second.unconditional_bits,
    )


def _with_unlisted(effects: Sequence[RequestEffect]) -> Iterable[RequestEffect]:
    """Yield the effects, unlisted actions beside listed ones in the same row."""
    unlisted: dict[tuple[object, ...], list[RequestEffect]] = {}
    for effect in effects:
        if effect.unlisted:
            unlisted.setdefault(_requests(effect), []).append(effect)
    for effect in effects:
        if effect.unlisted:
            continue
        beside = unlisted.get(_requests(effect), [])
        found = next((one for one in beside if _joins(one, effect)), None)
        if found is None:
            yield effect
        else:
            beside.remove(found)
            yield replace(effect, with_unlisted=True)
    for left in unlisted.values():
        yield from left


def _joins(unlisted: RequestEffect, effect: RequestEffect) -> bool:
    """Whether unlisted actions change in the same requests of the same accounts as others."""
    return (
        len(unlisted.account_ids) == len(effect.account_ids)
        and _leaves_out(effect) >= _leaves_out(unlisted)
        and set(unlisted.account_ids) == set(effect.account_ids)
    )
