"""Every guardrail of the library: what it says, that it can fail, and that its remedy works."""

import json

import pytest

from governance.baseline.guardrails.effects import engine_guardrails
from governance.baseline.guardrails.files import guardrail_file
from governance.baseline.guardrails.parameters import (
    GuardrailParameters,
    ParameterUnset,
    filled,
    names_in,
)
from governance.baseline.guardrails.reading import document_of, read_guardrail
from governance.baseline.guardrails.shipped import shipped_guardrails
from governance.baseline.guardrails.state_kinds import collectors_of
from inventory.collectors.registry import COLLECTORS
from policies import PolicyType, parse_policy, policy_limits, policy_size
from tests.governance.baseline.guardrails.conftest import (
    ACCOUNT,
    MANAGEMENT,
    PARAMETERS,
    plain_checker,
    remedy_document,
)

LIBRARY = shipped_guardrails()
EFFECTS = [one for one in LIBRARY.values() if one.effect]
STATES = [one for one in LIBRARY.values() if one.state]


def by_id(guardrail):
    return guardrail.id


def test_the_library_has_forty_guardrails_and_more():
    assert len(LIBRARY) >= 40
    assert len(EFFECTS) >= 40
    assert len(STATES) >= 15


@pytest.mark.parametrize("guardrail", LIBRARY.values(), ids=by_id)
def test_a_guardrail_says_why_and_how_to_make_it_hold(guardrail):
    assert guardrail.title[0].isupper()
    assert not guardrail.title.endswith(".")
    assert guardrail.why.endswith(".")
    assert guardrail.remedy.text.endswith(".")
    assert bool(guardrail.remedy.policy) is bool(guardrail.effect)
    assert all(assertion.says for assertion in guardrail.state)


@pytest.mark.parametrize("guardrail", LIBRARY.values(), ids=by_id)
def test_a_guardrail_survives_its_file_and_the_database(guardrail):
    assert read_guardrail(guardrail_file(guardrail).encode()) == guardrail
    assert document_of(json.loads(json.dumps(guardrail.as_json()))) == guardrail


@pytest.mark.parametrize("guardrail", EFFECTS, ids=by_id)
def test_an_effect_fails_without_its_remedy_and_holds_with_it(guardrail, without_policies):
    effects = engine_guardrails(guardrail, PARAMETERS)
    before = without_policies.check(effects, [ACCOUNT, MANAGEMENT])
    after = plain_checker(remedy_document(guardrail)).check(effects, [ACCOUNT, MANAGEMENT])
    for effect in effects:
        assert before[effect.id][ACCOUNT].outcome == "fails"
        assert before[effect.id][ACCOUNT].counterexample is not None
        assert after[effect.id][ACCOUNT].outcome == "holds"
        # Neither SCPs nor RCPs bind the management account.
        assert after[effect.id][MANAGEMENT].outcome == "fails"


@pytest.mark.parametrize("guardrail", EFFECTS, ids=by_id)
def test_an_effect_is_undecided_under_a_condition_that_cannot_be_decided(guardrail):
    policy = filled(guardrail.remedy.policy, PARAMETERS)
    unknown = {"StringMatches": {"aws:userid": "admin"}}
    for statement in policy["Statement"]:
        statement["Condition"] = {**statement.get("Condition", {}), **unknown}
    document = parse_policy(json.dumps(policy), guardrail.remedy.policy_type).document
    effects = engine_guardrails(guardrail, PARAMETERS)
    found = plain_checker(document).check(effects, [ACCOUNT])
    for effect in effects:
        assert found[effect.id][ACCOUNT].outcome == "undecided"
        assert "aws:userid" in found[effect.id][ACCOUNT].keys


@pytest.mark.parametrize("guardrail", EFFECTS, ids=by_id)
def test_an_effect_is_not_decided_while_a_parameter_has_no_value(guardrail):
    needed = {
        name
        for one in guardrail.effect
        for name in (*names_in(one.resources), *names_in(one.unless[:1]))
    }
    unset = GuardrailParameters(0, {})
    if needed:
        with pytest.raises(ParameterUnset):
            engine_guardrails(guardrail, unset)
    else:
        assert engine_guardrails(guardrail, unset)


@pytest.mark.parametrize("guardrail", EFFECTS, ids=by_id)
def test_a_remedy_fits_into_a_policy(guardrail):
    kind = guardrail.remedy.policy_type
    limits = policy_limits(PolicyType(kind))
    text = json.dumps(filled(guardrail.remedy.policy, PARAMETERS), separators=(",", ":"))
    assert limits.characters is not None
    assert policy_size(text, limits) <= limits.characters


@pytest.mark.parametrize("guardrail", STATES, ids=by_id)
def test_a_state_rests_on_collectors_that_there_are(guardrail):
    known = {collector.name for collector in COLLECTORS}
    for assertion in guardrail.state:
        assert collectors_of(assertion)
        assert set(collectors_of(assertion)) <= known
