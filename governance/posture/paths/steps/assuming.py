"""Who in the organization can assume which role: both sides, within and across accounts."""

from collections.abc import Iterator

import numpy

from governance.posture.paths.deciding import StepDecider
from governance.posture.paths.graph import EdgeKind, EdgeWay
from governance.posture.paths.population_index import Rows
from governance.posture.paths.reading import RoleFacts
from governance.posture.paths.steps.everybody import MOST_EACH, everybody_steps
from governance.posture.paths.steps.state import StepState
from governance.posture.who_can.population import KINDS, ROOT
from policies.evaluation.principal import account_of

ASSUME = "sts:AssumeRole"
_SESSION = ":assumed-role/"
_CANONICAL = "CanonicalUser"
_PRINCIPALS = frozenset({"AWS", "*", _CANONICAL})


def assuming_steps(state: StepState) -> None:
    """Add an edge from each principal to each role that it can assume.

    Candidates are those whom the trust policy names, alone or with their account; whether one can
    is then decided under all policies of both sides.
    """
    for role in state.roles:
        if role.trust is None or not _trusts_principals(role):
            continue
        rows = _candidates(state, role)
        if not len(rows):
            continue
        decider = StepDecider(state.scope, ASSUME, role.arn, role.account_id, role=role.identity)
        own = state.population.place_of[role.account_id]
        if len(rows) > MOST_EACH:
            everybody_steps(state, ASSUME, role.row, decider, rows, role.trust, EdgeKind.ASSUMES)
            rows = rows[state.population.accounts[rows] == own]
        for row in map(int, rows):
            # Whoever controls the account is every role in it already.
            if state.controls[row] and int(state.population.accounts[row]) == own:
                continue
            step = decider.decide(row)
            if step is not None:
                state.add(row, role.row, step, EdgeWay(EdgeKind.ASSUMES, (ASSUME,), keys=step.keys))


def _trusts_principals(role: RoleFacts) -> bool:
    return any(element.kind in _PRINCIPALS for element in role.elements)


def _candidates(state: StepState, role: RoleFacts) -> Rows:
    found = list(_named(state, role))
    rows = numpy.unique(numpy.concatenate(found)) if found else numpy.zeros(0, dtype=numpy.int64)
    # The root user cannot call it. Source: STS API reference, AssumeRole.
    kinds = state.population.kinds[rows]
    found_rows: Rows = rows[(rows != role.row) & (kinds != KINDS.index(ROOT))]
    return found_rows


def _named(state: StepState, role: RoleFacts) -> Iterator[Rows]:
    may = state.scope.sweep(ASSUME, is_anywhere=True).may
    for element in role.elements:
        if element.kind not in _PRINCIPALS:
            continue
        # Of which account a canonical user is, only S3 knows: it may be anybody.
        if element.value == "*" or element.kind == _CANONICAL:
            yield numpy.flatnonzero(may)
            # Within the account the policy alone lets in whoever it means.
            yield state.index.rows_of(role.account_id)
            continue
        account_id = account_of(element.value)
        if account_id is not None:
            rows = state.index.rows_of(account_id)
            yield rows[may[rows]]
            continue
        row = state.index.row_of(_role_of_session(state, element.value))
        if row is not None:
            yield numpy.array([row], dtype=numpy.int64)


def _role_of_session(state: StepState, arn: str) -> str:
    """Return the ARN of a session's role, which has a path that the session's lacks."""
    if _SESSION not in arn:
        return arn
    account_id = arn.split(":", 5)[4]
    name = arn.partition(_SESSION)[2].partition("/")[0]
    return next(
        (
            role.arn
            for role in state.roles_of.get(account_id, ())
            if role.arn.rpartition("/")[2] == name
        ),
        arn,
    )
