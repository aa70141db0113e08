"""Who could really do what a guardrail is about, where it fails: by who-can."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from governance.baseline.guardrails.definitions import guardrail_in_force
from governance.baseline.guardrails.models import GuardrailResult
from governance.baseline.guardrails.parameters import filled_texts, parameters_of
from governance.baseline.guardrails.selectors import proof_of
from governance.posture.ceilings.usual import usual_region
from governance.posture.who_can.answer import WhoCanAnswer, who_can
from governance.posture.who_can.question import ANY, read_question
from inventory.viewing import Viewer


@dataclass(frozen=True, slots=True)
class AblePrincipal:
    """A principal of the account. `standing`: whether it may, or only if something more holds."""

    arn: str
    standing: str


@dataclass(frozen=True, slots=True)
class AblePrincipals:
    """Who could do the counterexample's action in the account, the exempt ones left out.

    `action`: of the counterexample. `is_known`: whether the account's IAM was read at all.
    """

    action: str
    principals: tuple[AblePrincipal, ...]
    is_known: bool
    answer: WhoCanAnswer


def principals_able(viewer: Viewer, result: GuardrailResult) -> AblePrincipals | None:
    """Return who could really do what a result's counterexample shows; None: it shows nothing.

    Reads the principals of the whole organization, which may take seconds the first time.
    """
    request = proof_of(result).get("counterexample")
    guardrail = guardrail_in_force(result.connection, result.guardrail_id)
    if not request or guardrail is None:
        return None
    connection = result.connection
    question = read_question(
        action=request["action"],
        resource=ANY,
        account=result.account_id,
        region=usual_region(viewer, connection=connection),
    )
    answer = who_can(viewer, connection=connection, question=question)
    parameters = parameters_of(connection)
    exempt = [
        pattern
        for one in guardrail.document.effect
        for pattern in filled_texts(one.principals_except, parameters)
    ]
    found = []
    for row in answer.rows.tolist():
        if answer.population.account_id(row) != result.account_id:
            continue
        arn = answer.population.arn(row)
        if any(fnmatchcase(arn, pattern) for pattern in exempt):
            continue
        found.append(AblePrincipal(arn, answer.way(row).standing.value))
    return AblePrincipals(
        action=request["action"],
        principals=tuple(sorted(found, key=lambda one: one.arn)),
        is_known=result.account_id not in answer.not_collected,
        answer=answer,
    )
