"""The request that why-denied explains for one principal of an answer."""

from typing import Final

from governance.posture.requests.questions import AssumedPolicy, Question, UncollectedPolicy
from governance.posture.who_can.answer import WhoCanAnswer
from governance.posture.who_can.question import ANY
from governance.posture.who_can.wording import Described
from policies import ABSENT, load_catalogue
from policies.context_keys import spelled
from policies.evaluation.requested_resource import is_pattern

_EXAMPLE: Final = "example"


def question_for(answer: WhoCanAnswer, row: int, described: Described) -> Question:
    """Return the question: one action, and where many resources are meant, an example of them."""
    asked = answer.question
    context: list[tuple[str, tuple[str, ...]]] = []
    absent: list[str] = []
    for key, value in sorted(asked.assumed.engine.values.items()):
        name = spelled(load_catalogue(), key)
        if value is ABSENT:
            absent.append(name)
        else:
            context.append((name, value if isinstance(value, tuple) else (str(value),)))
    parts = []
    if asked.resource_policy is not AssumedPolicy.COLLECTED:
        parts.append((UncollectedPolicy.RESOURCE_POLICY, asked.resource_policy))
    return Question(
        principal=answer.population.arn(row),
        action=described.way.action,
        resource=_resource(answer, row, described),
        resource_account_id=asked.resource_account_id,
        context=tuple(context),
        absent=tuple(absent),
        parts=tuple(parts),
    )


def _resource(answer: WhoCanAnswer, row: int, described: Described) -> str:
    resource = answer.question.resource
    if not is_pattern(resource):
        return resource
    if resource != ANY:
        return _filled(resource, answer, row)
    for text in described.resources:
        if "${" not in text and text.count(":") >= 5:
            return _filled(text, answer, row)
    return ANY


def _filled(pattern: str, answer: WhoCanAnswer, row: int) -> str:
    """Put an example into the wildcards of an ARN: the caller's account where one belongs."""
    parts = pattern.split(":", 5)
    if len(parts) == 6 and "*" in parts[4]:
        parts[4] = answer.question.resource_account_id or answer.population.account_id(row)
    return ":".join(parts).replace("*", _EXAMPLE).replace("?", "x")
