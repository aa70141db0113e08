"""The policies that an effect leaves requests to: "except requests that other policies deny"."""

from governance.effects.compared_states import ComparedStates
from governance.effects.request_effects import RequestEffect
from policies import Effect, default_compiler


def other_denies(states: ComparedStates, effect: RequestEffect) -> tuple[str, ...]:
    """Return the SHA-256 of each policy that may deny some of an effect's requests beside it.

    Of its type, in force on the way to its accounts before the change. Where one of them changes,
    so may what the effect comes to, though its words stay the same. Empty where the effect is
    told with all that limits it.
    """
    if effect.difference is None or effect.difference.when.path is None:
        return ()
    control = states.before.control(effect.policy_type)
    compiler, found, seen = default_compiler(), set[str](), set[str]()
    for account_id in effect.account_ids:
        step: str | None = account_id
        while step is not None and step not in seen:
            seen.add(step)
            for policy in control.attached.get(step, ()):
                if policy.sha256 in found or policy.document is None:
                    continue
                if any(
                    one.effect is Effect.DENY and one.action_bits & effect.action_bits
                    for one in compiler.document(policy.document)
                ):
                    found.add(policy.sha256)
            name = states.before.names.get(step)
            step = name.parent_id if name else None
    return tuple(sorted(found))
