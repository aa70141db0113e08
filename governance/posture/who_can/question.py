"""Who can do what to what: the question as people and programs give it, checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from governance.posture.ceilings.assumptions import (
    CeilingAssumptions,
    read_assumed,
    usual_terms,
)
from governance.posture.requests.applicable_policies import has_resource_policy
from governance.posture.requests.cannot_answer import CannotAnswer
from governance.posture.requests.questions import AssumedPolicy
from policies import load_catalogue
from policies.ceiling import BadAssumption
from policies.evaluation.evaluate import TRUST_ACTIONS
from policies.evaluation.requested_resource import is_pattern

ANY: Final = "*"
_LONGEST: Final = 2048


@dataclass(frozen=True, slots=True)
class WhoCanQuestion:
    """`action`: as asked, one action or a pattern; `actions`: every action that it means.

    `resource`: an ARN, with or without wildcards, or `*`: whatever the action works on.
    `resource_account_id` is empty where nothing tells it: each caller's own account. `assumed`:
    context and kinds of principals that are taken for given. `resource_policy`: the collected one,
    or what is taken for granted of the resource's own policy.
    """

    action: str
    actions: tuple[str, ...]
    resource: str
    resource_account_id: str
    assumed: CeilingAssumptions
    resource_policy: AssumedPolicy

    @property
    def is_service(self) -> bool:
        """Whether several actions are meant."""
        return is_pattern(self.action)

    @property
    def service(self) -> str:
        """The service's prefix."""
        return self.action.partition(":")[0]

    @property
    def is_about_trust(self) -> bool:
        """Whether the trust policy of one role applies to the question."""
        return (
            ":role/" in self.resource
            and not is_pattern(self.resource)
            and any(action.lower() in TRUST_ACTIONS for action in self.actions)
        )

    @property
    def may_have_resource_policy(self) -> bool:
        """Whether what is asked for may have a policy of its own that is not collected."""
        return has_resource_policy(self.action) and not self.is_about_trust


def read_question(
    *,
    action: str,
    resource: str = ANY,
    account: str = "",
    assume: Sequence[str] = (),
    resource_policy: str = "",
    region: str,
) -> WhoCanQuestion:
    """Read a question. `region`: assumed of requests unless `assume` says otherwise.

    :raises CannotAnswer: a part of it says nothing; `field` tells which.
    """
    spelled, actions = _actions(action.strip())
    resource = resource.strip() or ANY
    if len(resource) > _LONGEST or (resource != ANY and resource.count(":") < 5):
        raise CannotAnswer(
            "resource",
            f"{resource[:80]!r} is not a resource: give an ARN, which may have wildcards "
            "(arn:aws:s3:::reports/*), or * for whatever the action works on",
        )
    account = account.strip()
    if account and not _is_account(account):
        raise CannotAnswer(
            "account", f"{account[:80]!r} is not an account id: give its 12 digits, or nothing"
        )
    in_arn = resource.split(":", 5)[4] if resource != ANY else ""
    try:
        assumed = read_assumed(assume, usual=usual_terms(region))
    except BadAssumption as error:
        raise CannotAnswer("assume", str(error)) from error
    return WhoCanQuestion(
        action=spelled,
        actions=actions,
        resource=resource,
        resource_account_id=account or (in_arn if _is_account(in_arn) else ""),
        assumed=assumed,
        resource_policy=_resource_policy(resource_policy.strip()),
    )


def without_collected(question: WhoCanQuestion) -> WhoCanQuestion:
    """Return the question for a resource whose policy is not collected."""
    if question.resource_policy is not AssumedPolicy.COLLECTED:
        return question
    resource = question.resource
    # A key of KMS always has a policy, and without its allow nobody may use the key.
    is_key = resource.startswith("arn:") and ":kms:" in resource and ":key/" in resource
    return replace(
        question, resource_policy=AssumedPolicy.UNKNOWN if is_key else AssumedPolicy.NONE
    )


def _resource_policy(given: str) -> AssumedPolicy:
    if not given:
        return AssumedPolicy.COLLECTED
    if given not in set(AssumedPolicy):
        raise CannotAnswer(
            "resource_policy", f"{given[:80]!r}: it can be {' or '.join(AssumedPolicy)}"
        )
    return AssumedPolicy(given)


def _actions(text: str) -> tuple[str, tuple[str, ...]]:
    """Return an action, or a pattern of one service's actions, as AWS spells it, and the actions.

    :raises CannotAnswer: it is neither.
    """
    catalogue = load_catalogue()
    service, colon, name = text.partition(":")
    if not colon and service.lower() in catalogue.service_ranges:
        text, colon, name = f"{service}:*", ":", "*"
    if not (service and colon and name) or len(text) > _LONGEST:
        raise CannotAnswer(
            "action",
            f"{text[:80]!r} is not an action: give one such as s3:GetObject, a pattern of one "
            "service's such as s3:Put*, or a service such as s3",
        )
    if is_pattern(service):
        raise CannotAnswer("action", "name one service before the colon; it takes no wildcard")
    if not is_pattern(text):
        index = catalogue.index_of.get(text.lower())
        spelled = text if index is None else catalogue.names[index]
        return spelled, (spelled,)
    bits = catalogue.bits(text) & catalogue.service_bits(service)
    if not bits:
        raise CannotAnswer("action", f"the catalogue has no action that {text[:80]} means")
    return f"{service.lower()}:{name}", tuple(catalogue.actions(bits))


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isdecimal() and text.isascii()
