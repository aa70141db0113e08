"""What a simulation found, as JSON: for the API's answers and for jobs that are kept."""

from collections.abc import Iterable, Sequence
from typing import Final

from governance.edits.operations import JsonObject
from governance.effects.found_effects import FoundEffects
from governance.effects.headline import headline_of
from governance.effects.headline_facts import headline_facts
from governance.effects.of_edits import Simulated
from governance.effects.request_effects import Effects, RequestEffect, Verdict
from governance.effects.witnesses import ShownWitness
from policies import Catalogue, load_catalogue

MOST_DIFFERENCES: Final = 1000
UNLISTED_ACTIONS: Final = "actions not in the catalogue"


def result_of(simulated: Simulated) -> JsonObject:
    """Return a simulation's result: what the edits do, and AWS's limits checked."""
    return {
        "headline": effects_sentence(simulated),
        "affected_accounts": len(simulated.drafted.affected_accounts),
        **effects_result(simulated),
        "checks": [
            {
                "code": check.code,
                "mark": check.mark.value,
                "title": check.title,
                "measured": check.measured,
                "remedy": check.remedy,
            }
            for check in simulated.checks
        ],
    }


def effects_sentence(found: FoundEffects) -> str | None:
    """Return the sentence that says what a change does; None where no run had read the state."""
    return headline_of(headline_facts(found)) if found.states.shown.is_known else None


def effects_result(found: FoundEffects) -> JsonObject:
    """Return the effects of a change.

    `account_groups` holds each affected account once; differences and unknown name groups and
    accounts. `actions` are exact: `ec2:*` stands for every action of a service in the catalogue,
    `UNLISTED_ACTIONS` for all that are not in it.
    """
    effects, catalogue = found.effects, load_catalogue()
    shown = effects.effects[:MOST_DIFFERENCES]
    groups_of: dict[int, list[int]] = {}
    for number, group in enumerate(effects.account_groups):
        for place in group.effects:
            groups_of.setdefault(place, []).append(number)
    return {
        "newly_denied": effects.count(Verdict.NEWLY_DENIED),
        "newly_allowed": effects.count(Verdict.NEWLY_ALLOWED),
        "undecided": effects.count(Verdict.UNDECIDED),
        "changed_in_condition": action_words(catalogue, effects.changed_in_condition),
        "differences": [
            {
                **difference_of(found, effect, catalogue),
                "accounts": len(effect.account_ids),
                "account_groups": groups_of[place],
                "denied_anyway": denied_anyway(effects, place, groups_of[place], catalogue),
            }
            for place, effect in enumerate(shown)
        ],
        "differences_total": len(effects.effects),
        "account_groups": [list(group.account_ids) for group in effects.account_groups],
        "unknown": [
            {"reason": unknown.reason, "account_ids": list(unknown.account_ids)}
            for unknown in effects.unknown
        ],
        "catalogue_version": effects.catalogue_version,
    }


def denied_anyway(
    effects: Effects, place: int, groups: Sequence[int], catalogue: Catalogue
) -> list[JsonObject]:
    """Return which actions of an effect other policies deny anyway, by groups of accounts.

    Most accounts first, at most `MOST_DIFFERENCES`. `groups`: those that have the effect.
    """
    whole = effects.effects[place].action_bits
    by_bits: dict[int, list[int]] = {}
    for number in groups:
        bits = whole & ~effects.account_groups[number].actions[place].bits
        if bits:
            by_bits.setdefault(bits, []).append(number)

    def accounts(numbers: Iterable[int]) -> int:
        return sum(len(effects.account_groups[number].account_ids) for number in numbers)

    ordered = sorted(by_bits.items(), key=lambda one: accounts(one[1]), reverse=True)
    return [
        {
            "actions": action_words(catalogue, bits),
            "actions_total": bits.bit_count(),
            "account_groups": numbers,
        }
        for bits, numbers in ordered[:MOST_DIFFERENCES]
    ]


def difference_of(found: FoundEffects, effect: RequestEffect, catalogue: Catalogue) -> JsonObject:
    """Return a difference without its accounts."""
    witness = found.witnesses.of(effect)
    return {
        "verdict": effect.verdict.value,
        "policy_type": effect.policy_type.value,
        "actions": effect_actions(catalogue, effect),
        "actions_total": None if effect.unlisted else effect.action_bits.bit_count(),
        "when": effect.when,
        "remark": effect.reason if effect.difference is not None and effect.reason else None,
        "reason": effect.reason if effect.difference is None else None,
        "witness": None if witness is None else _witness(witness),
    }


def effect_actions(catalogue: Catalogue, effect: RequestEffect) -> list[str]:
    """Return an effect's actions as `action_words`, last the words for those of no catalogue."""
    known = [] if effect.unlisted else action_words(catalogue, effect.action_bits)
    return [*known, UNLISTED_ACTIONS] if effect.unlisted or effect.with_unlisted else known


def _witness(witness: ShownWitness) -> JsonObject:
    decider = witness.decider
    return {
        "account_id": witness.account_id,
        "principal": witness.principal,
        "action": witness.action,
        "resource": witness.resource,
        "context": {
            key: values[0] if len(values) == 1 else list(values) for key, values in witness.context
        },
        "before": "allowed" if witness.allowed_before else "denied",
        "after": "denied" if witness.allowed_before else "allowed",
        "denied_by": None
        if decider is None
        else {
            "target_id": decider.target_id,
            "policy_id": decider.policy_id or None,
            "statement": decider.statement or None,
            "sid": decider.sid or None,
        },
    }


def action_words(catalogue: Catalogue, bits: int) -> list[str]:
    """Return a set of actions as names, whole services as `ec2:*` and all as `*`."""
    if bits == catalogue.all_bits:
        return ["*"]
    words = []
    for service in catalogue.services:
        whole = catalogue.service_bits(service)
        found = bits & whole
        if found == whole:
            words.append(f"{service}:*")
        elif found:
            words += catalogue.actions(found)
    return words
