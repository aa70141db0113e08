"""Holds who-can's answer against asking why-denied of every principal, one by one."""

from collections.abc import Iterator

from governance.posture.requests.denial_answers import WhyDeniedAnswer
from governance.posture.requests.questions import AssumedPolicy, Question, UncollectedPolicy
from governance.posture.requests.why_denied import explain
from governance.posture.who_can.answer import WhoCanAnswer, who_can
from governance.posture.who_can.question import read_question
from governance.posture.who_can.ways import NOBODY, Standing
from inventory.models import Connection
from inventory.viewing import Viewer
from policies import ABSENT
from policies.evaluation.verdict import DecisionOutcome

VIEWER = Viewer(sees_inventory=True)
DENIED = "denied"


def ask(connection: Connection, action: str, resource: str = "*", **more) -> WhoCanAnswer:
    question = read_question(
        action=action, resource=resource, region=connection.home_region, **more
    )
    return who_can(VIEWER, connection=connection, question=question)


def standings(answer: WhoCanAnswer) -> dict[str, str]:
    """What who-can says of everybody, by ARN."""
    return {
        answer.population.arn(row): DENIED
        if answer.way_of[row] == NOBODY
        else answer.way(row).standing.value
        for row in range(len(answer.population))
    }


def asked_one_by_one(
    connection: Connection, answer: WhoCanAnswer, resource: str | None = None, every: int = 1
) -> Iterator[tuple[str, WhyDeniedAnswer]]:
    """Ask why-denied the same of everybody, or of every so many-th.

    `resource`: another than the question's.
    """
    asked = answer.question
    given = asked.assumed.engine.values
    for row in range(0, len(answer.population), every):
        arn = answer.population.arn(row)
        yield (
            arn,
            explain(
                VIEWER,
                connection=connection,
                question=Question(
                    principal=arn,
                    action=asked.actions[0],
                    resource=resource or asked.resource,
                    resource_account_id=asked.resource_account_id,
                    context=tuple(
                        (key, value if isinstance(value, tuple) else (str(value),))
                        for key, value in given.items()
                        if value is not ABSENT
                    ),
                    absent=tuple(key for key, value in given.items() if value is ABSENT),
                    parts=(
                        (UncollectedPolicy.RESOURCE_POLICY, AssumedPolicy(asked.resource_policy)),
                    ),
                ),
            ),
        )


def standing_of(found: WhyDeniedAnswer) -> str:
    """Say what one explanation comes to in who-can's words."""
    if found.decision.is_denied:
        return DENIED
    match found.decision.decision:
        case DecisionOutcome.ALLOWED:
            return Standing.ALWAYS.value
        case DecisionOutcome.UNKNOWN:
            if found.gaps or not found.decision.unknown_keys:
                return Standing.UNKNOWN.value
            return Standing.CONDITIONAL.value
        case _:
            return DENIED


def one_by_one(
    connection: Connection, answer: WhoCanAnswer, resource: str | None = None
) -> dict[str, str]:
    """What asking of everybody by itself gives, by ARN."""
    return {
        arn: standing_of(found) for arn, found in asked_one_by_one(connection, answer, resource)
    }


def differences(
    connection: Connection, answer: WhoCanAnswer, *, every: int = 1
) -> list[tuple[object, ...]]:
    """Return whom the two decide differently, with both decisions, of every so many-th."""
    found: list[tuple[object, ...]] = []
    said = standings(answer)
    for number, (arn, one) in enumerate(asked_one_by_one(connection, answer, every=every)):
        if said[arn] != standing_of(one):
            ways = answer.way(number * every).parts if said[arn] != DENIED else ()
            found.append((arn, said[arn], ways, standing_of(one), one.decision, one.gaps))
    return found
