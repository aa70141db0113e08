"""State guardrails hold, fail or are not covered; what was not read never holds."""

import copy

import pytest

from governance.baseline.guardrails.documents import Expectation, Within
from governance.baseline.guardrails.shipped import shipped_guardrails
from governance.baseline.guardrails.state_facts import AccountState, StateRow
from governance.baseline.guardrails.state_judging import judge_states
from governance.baseline.guardrails.state_kinds import StateSource, collectors_of, source_of
from governance.baseline.guardrails.state_tests import passes
from inventory.service_facts import EC2_DEFAULTS, SERVICE_KINDS, FactType

REGION = "eu-central-1"
STATES = [one for one in shipped_guardrails().values() if one.state]

# A value that does not pass a test, by operator.
AGAINST = {
    "equals": lambda wanted: not wanted if isinstance(wanted, bool) else "something else",
    "not": lambda wanted: wanted,
    "one_of": lambda wanted: "something else",
    "at_least": lambda wanted: wanted - 1,
    "at_most": lambda wanted: wanted + 1,
    "contains": lambda wanted: [],
    "lacks": lambda wanted: [wanted],
    "present": lambda wanted: None if wanted else "there",
}
FOR = {
    "equals": lambda wanted: wanted,
    "not": lambda wanted: "something else" if wanted != "something else" else "another",
    "one_of": lambda wanted: wanted[0],
    "at_least": lambda wanted: wanted,
    "at_most": lambda wanted: wanted,
    "contains": lambda wanted: [wanted],
    "lacks": lambda wanted: [],
    "present": lambda wanted: "there" if wanted else None,
}


def facts(tests, table):
    """Return facts that pass tests, or do not."""
    found = {}
    for name, test in tests.items():
        operator, wanted = next(iter(test.items())) if isinstance(test, dict) else ("equals", test)
        found[name] = table[operator](wanted)
    return found


def put(state, assertion, row):
    """Put a row where an assertion looks for it."""
    match source_of(assertion):
        case StateSource.SERVICE:
            key = (assertion.service, assertion.kind)
            state.services.setdefault(key, []).append(row)
        case StateSource.EDGES:
            state.edges.setdefault(assertion.edges, []).append(row)
        case StateSource.POLICIES:
            state.policies.setdefault(assertion.policies, []).append(row)
        case _:
            known = state.settings.get(assertion.setting)
            if set(row.facts) == {"value"}:
                state.settings[assertion.setting] = [*(known or []), *row.facts["value"]]
            else:
                state.settings[assertion.setting] = {**(known or {}), **row.facts}


def covered(guardrail):
    """Return an account of which everything was read that a guardrail asks for."""
    state = AccountState("222222222222", trust_problem="")
    state.coverage[EC2_DEFAULTS.collector] = {"all regions": "complete"}
    for assertion in guardrail.state:
        for collector in collectors_of(assertion):
            state.coverage[collector] = {"all regions": "complete"}
    key = (EC2_DEFAULTS.service, EC2_DEFAULTS.kind)
    if all((one.service, one.kind) != key for one in guardrail.state):
        state.services[key] = [StateRow({}, region=REGION)]
    return state


def holding(guardrail):
    """Return an account in which a guardrail holds."""
    state = covered(guardrail)
    for assertion in guardrail.state:
        if assertion.expect is not Expectation.NONE:
            found = facts(assertion.where, FOR) | facts(assertion.holds, FOR)
            put(state, assertion, StateRow(found, region=REGION, name="one"))
    return state


def failing(guardrail):
    """Return an account in which the first assertion of a guardrail fails."""
    state = holding(guardrail)
    assertion = guardrail.state[0]
    found = facts(assertion.where, FOR)
    if assertion.expect is Expectation.NONE:
        found |= {"state": "open"} if assertion.edges else {}
    else:
        found |= facts(assertion.holds, AGAINST)
    match source_of(assertion):
        case StateSource.SERVICE:
            key = (assertion.service, assertion.kind)
            state.services[key] = []
            if key == (EC2_DEFAULTS.service, EC2_DEFAULTS.kind) or assertion.holds or found:
                put(state, assertion, StateRow(found, region=REGION, name="one"))
            if assertion.expect is Expectation.ANY and not assertion.holds:
                state.services[key] = []
        case StateSource.ACCOUNT_SETTING | StateSource.ORGANIZATION_SETTING:
            state.settings.pop(assertion.setting, None)
            put(state, assertion, StateRow(found))
        case _:
            put(state, assertion, StateRow(found, region=REGION, name="one", arn="arn"))
    return state


def unread(guardrail):
    """Return an account in which it would hold, but for what AWS refused to tell."""
    state = holding(guardrail)
    for assertion in guardrail.state:
        for collector in collectors_of(assertion):
            state.coverage[collector] = {"all regions": "denied"}
        if assertion.expect is Expectation.ANY:
            state.services[assertion.service, assertion.kind] = []
    return state


def by_id(guardrail):
    return guardrail.id


@pytest.mark.parametrize("guardrail", STATES, ids=by_id)
def test_it_holds_where_everything_is_as_it_says(guardrail):
    found = judge_states(guardrail.state, holding(guardrail))
    assert found.outcome == "holds", found


@pytest.mark.parametrize("guardrail", STATES, ids=by_id)
def test_it_fails_where_something_is_not(guardrail):
    found = judge_states(guardrail.state, failing(guardrail))
    assert found.outcome == "fails", found
    assert guardrail.state[0].says[1:] in found.because


@pytest.mark.parametrize("guardrail", STATES, ids=by_id)
def test_it_is_not_covered_where_aws_refused_to_tell(guardrail):
    found = judge_states(guardrail.state, unread(guardrail))
    assert found.outcome == "not_covered", found
    assert "denied" in found.because


@pytest.mark.parametrize("guardrail", STATES, ids=by_id)
def test_it_is_not_covered_where_nothing_was_ever_read(guardrail):
    found = judge_states(guardrail.state, AccountState("222222222222"))
    assert found.outcome == "not_covered", found


def test_a_fact_that_could_not_be_read_is_not_covered():
    guardrail = shipped_guardrails()["ebs-encryption-by-default"]
    state = holding(guardrail)
    key = (EC2_DEFAULTS.service, EC2_DEFAULTS.kind)
    state.services[key].append(
        StateRow({"ebs_encryption": None}, frozenset({"ebs_encryption"}), "eu-west-1")
    )
    assert judge_states(guardrail.state, state).outcome == "not_covered"


def test_a_failure_that_was_read_outweighs_what_was_not():
    guardrail = shipped_guardrails()["ebs-encryption-by-default"]
    state = failing(guardrail)
    state.coverage[EC2_DEFAULTS.collector] = {"all regions": "complete", "us-east-1": "denied"}
    assert judge_states(guardrail.state, state).outcome == "fails"


def test_each_region_is_asked_and_named():
    guardrail = shipped_guardrails()["guardduty-is-on"]
    assert guardrail.state[0].within is Within.REGION
    state = holding(guardrail)
    key = (EC2_DEFAULTS.service, EC2_DEFAULTS.kind)
    state.services[key].append(StateRow({}, region="eu-west-1"))
    found = judge_states(guardrail.state, state)
    assert found.outcome == "fails"
    assert "eu-west-1" in found.because


def test_a_region_without_the_service_is_left_out():
    guardrail = shipped_guardrails()["guardduty-is-on"]
    state = holding(guardrail)
    key = (EC2_DEFAULTS.service, EC2_DEFAULTS.kind)
    state.services[key].append(StateRow({}, region="eu-west-1"))
    collector = collectors_of(guardrail.state[0])[0]
    state.coverage[collector] = {"all regions": "complete", "eu-west-1": "unsupported"}
    assert judge_states(guardrail.state, state).outcome == "holds"


def test_a_region_that_was_denied_is_not_covered():
    guardrail = shipped_guardrails()["guardduty-is-on"]
    state = holding(guardrail)
    collector = collectors_of(guardrail.state[0])[0]
    state.coverage[collector] = {"all regions": "complete", "eu-west-1": "denied"}
    assert judge_states(guardrail.state, state).outcome == "not_covered"


def test_an_account_of_which_no_region_is_read_is_not_covered():
    guardrail = shipped_guardrails()["guardduty-is-on"]
    state = holding(guardrail)
    for collector in (EC2_DEFAULTS.collector, *collectors_of(guardrail.state[0])):
        state.coverage[collector] = {"all regions": "unsupported", REGION: "unsupported"}
    found = judge_states(guardrail.state, state)
    assert found.outcome == "not_covered"
    assert found.because == "No region of the account is read."


def test_an_edge_that_is_undecided_leaves_it_undecided():
    guardrail = shipped_guardrails()["no-public-buckets"]
    state = holding(guardrail)
    edge = {"crossing": "public", "state": "undecided"}
    state.edges["s3"] = [StateRow(edge, name="one", arn="arn:aws:s3:::one")]
    assert judge_states(guardrail.state, state).outcome == "undecided"
    blocked = copy.deepcopy(state)
    blocked.edges["s3"] = [StateRow({**edge, "state": "blocked"}, name="one", arn="arn")]
    assert judge_states(guardrail.state, blocked).outcome == "holds"


def test_edges_that_were_not_worked_out_are_not_covered():
    guardrail = shipped_guardrails()["no-public-buckets"]
    state = holding(guardrail)
    state.trust_problem = "The policy of a role could not be read."
    assert judge_states(guardrail.state, state).because == state.trust_problem


def test_tests_of_facts_are_of_their_types():
    numbers = {
        fact.name
        for kind in SERVICE_KINDS.values()
        for fact in kind.facts
        if fact.type is FactType.NUMBER
    }
    assert numbers
    assert passes({"a": {"at_least": 1}}, lambda name: True) is False
    assert passes({"a": {"matches": "eu-*"}}, lambda name: "eu-west-1") is True
    assert passes({}, lambda name: None) is True
