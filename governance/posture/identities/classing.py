"""Principals → human, workload, automation and the like, each with the reason."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from governance.posture.identities.signs import IdentitySigns, identity_signs
from policies import Effect, PolicyDocument
from policies.evaluation.principal import account_of

SERVICE_LINKED_PATH: Final = "/aws-service-role/"
IDENTITY_CENTER_PATH: Final = "/aws-reserved/sso.amazonaws.com/"
_MFA: Final = "aws:multifactorauthpresent"
_FEDERATED_IN_ARN: Final = ("oidc-provider/", "saml-provider/")


class IdentityKind(StrEnum):
    """Who uses a principal.

    WORKLOAD: software that does the business's work. AUTOMATION: software that changes accounts,
    such as a pipeline. SERVICE_LINKED: an AWS service alone. BREAK_GLASS: people, in emergencies.
    """

    HUMAN = "human"
    WORKLOAD = "workload"
    AUTOMATION = "automation"
    SERVICE_LINKED = "service_linked"
    BREAK_GLASS = "break_glass"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The kind as screens say it."""
        return self.value.replace("_", "-").capitalize()


@dataclass(frozen=True, slots=True)
class ClassedIdentity:
    """Who uses a principal. `reason`: one sentence."""

    kind: IdentityKind
    reason: str


@dataclass(frozen=True, slots=True)
class IdentityFacts:
    """What is known of a principal. `kind`: user, role, root or group.

    `trust`: a role's trust policy; None where it was not collected or cannot be read.
    `has_password` and `has_access_key`: a user's, as the credential report tells; None: not known.
    """

    kind: str
    name: str
    path: str = "/"
    trust: PolicyDocument | None = None
    has_password: bool | None = None
    has_access_key: bool | None = None


def classify(facts: IdentityFacts) -> ClassedIdentity:
    """Return who uses a principal; what says so first in this order decides.

    Its place and name (service-linked, break glass, Identity Center, roles that AWS's own
    automation names), then its credentials or whom its trust policy lets in.
    """
    signs = identity_signs()
    if facts.kind == "root":
        return ClassedIdentity(
            IdentityKind.BREAK_GLASS, "The root user is for what no other principal may do."
        )
    if facts.path.startswith(SERVICE_LINKED_PATH):
        service = facts.path.removeprefix(SERVICE_LINKED_PATH).strip("/")
        return ClassedIdentity(
            IdentityKind.SERVICE_LINKED, f"Only {service or 'its service'} can use it."
        )
    lowered = facts.name.lower()
    if any(fnmatchcase(lowered, pattern) for pattern in signs.break_glass_names):
        return ClassedIdentity(
            IdentityKind.BREAK_GLASS, "Its name says that it is for emergencies."
        )
    match facts.kind:
        case "user":
            return _user(facts)
        case "role":
            return _role(facts, signs)
        case _:
            return ClassedIdentity(IdentityKind.UNKNOWN, "A group is not a principal of its own.")


def _user(facts: IdentityFacts) -> ClassedIdentity:
    if facts.has_password:
        return ClassedIdentity(IdentityKind.HUMAN, "It has a console password.")
    if facts.has_password is None:
        return ClassedIdentity(
            IdentityKind.UNKNOWN, "The credential report does not tell whether it has a password."
        )
    if facts.has_access_key:
        return ClassedIdentity(
            IdentityKind.WORKLOAD, "It has an access key and no console password."
        )
    if facts.has_access_key is None:
        return ClassedIdentity(
            IdentityKind.UNKNOWN,
            "It has no console password; whether it has access keys is not known.",
        )
    return ClassedIdentity(
        IdentityKind.UNKNOWN, "It has neither a console password nor an active access key."
    )


def _role(facts: IdentityFacts, signs: IdentitySigns) -> ClassedIdentity:
    if facts.path.startswith(IDENTITY_CENTER_PATH):
        return ClassedIdentity(IdentityKind.HUMAN, "People use it through IAM Identity Center.")
    for role in signs.automation_roles:
        if fnmatchcase(facts.name, role.name):
            return ClassedIdentity(
                IdentityKind.AUTOMATION, f"{role.said[0].upper()}{role.said[1:]}."
            )
    if facts.trust is None:
        return ClassedIdentity(
            IdentityKind.UNKNOWN, "Its trust policy was not collected or cannot be read."
        )
    found = list(_trusted(facts.trust, signs))
    if not found:
        return ClassedIdentity(IdentityKind.UNKNOWN, "Its trust policy allows nobody.")
    # People before programs: whoever reviews access of people must see every role they can use.
    kind = min((one.kind for one in found), key=_FIRST.index)
    reasons = dict.fromkeys(one.reason for one in found if one.kind is kind)
    return ClassedIdentity(kind, _sentence(list(reasons)))


_FIRST: Final = (
    IdentityKind.HUMAN,
    IdentityKind.AUTOMATION,
    IdentityKind.WORKLOAD,
    IdentityKind.UNKNOWN,
    IdentityKind.BREAK_GLASS,
    IdentityKind.SERVICE_LINKED,
)
_MOST_REASONS: Final = 3


def _sentence(reasons: list[str]) -> str:
    shown = "; ".join(reasons[:_MOST_REASONS])
    rest = len(reasons) - _MOST_REASONS
    return f"It trusts {shown}; and {rest} more." if rest > 0 else f"It trusts {shown}."


def _trusted(trust: PolicyDocument, signs: IdentitySigns) -> Iterator[ClassedIdentity]:
    for statement in trust.statements:
        if statement.effect is not Effect.ALLOW:
            continue
        if statement.principals is None:
            yield ClassedIdentity(IdentityKind.UNKNOWN, "everyone but those it names")
            continue
        asks_for_mfa = any(
            one.key.lower() == _MFA and "true" in (value.lower() for value in one.values)
            for one in statement.conditions
        )
        for element in statement.principals:
            match element.kind:
                case "Service":
                    yield _service(element.value, signs)
                case "Federated":
                    yield _provider(element.value, signs)
                case _:
                    yield _aws(element.value, asks_for_mfa=asks_for_mfa)


def _service(service: str, signs: IdentitySigns) -> ClassedIdentity:
    automation = signs.automation_services.get(service)
    if automation is not None:
        return ClassedIdentity(IdentityKind.AUTOMATION, f"{automation} ({service})")
    workload = signs.workload_services.get(service)
    if workload is not None:
        return ClassedIdentity(IdentityKind.WORKLOAD, f"{workload} ({service})")
    return ClassedIdentity(IdentityKind.WORKLOAD, f"the AWS service {service}")


def _provider(value: str, signs: IdentitySigns) -> ClassedIdentity:
    if ":saml-provider/" in value:
        name = value.partition(":saml-provider/")[2]
        return ClassedIdentity(
            IdentityKind.HUMAN, f"the SAML provider {name}, through which people sign in"
        )
    host = value
    for marker in _FEDERATED_IN_ARN:
        host = host.partition(f":{marker}")[2] or host
    for kind, known, who in (
        (IdentityKind.AUTOMATION, signs.pipeline_providers, "{} (pipelines)"),
        (IdentityKind.WORKLOAD, signs.workload_providers, "{}"),
        (IdentityKind.HUMAN, signs.people_providers, "{}"),
    ):
        known_as = _matching(host, known.items())
        if known_as is not None:
            said = known_as if "pipeline" in known_as.lower() else who.format(known_as)
            return ClassedIdentity(kind, said)
    return ClassedIdentity(
        IdentityKind.UNKNOWN, f"the OpenID Connect provider {host}, of people or of programs"
    )


def _matching(host: str, known: Iterable[tuple[str, str]]) -> str | None:
    return next((name for pattern, name in known if fnmatchcase(host, pattern)), None)


def _aws(value: str, *, asks_for_mfa: bool) -> ClassedIdentity:
    if asks_for_mfa:
        return ClassedIdentity(
            IdentityKind.HUMAN, "anyone who signed in with MFA, which only people do"
        )
    if value == "*":
        return ClassedIdentity(IdentityKind.UNKNOWN, "everyone, people and programs")
    account_id = account_of(value)
    if account_id is not None:
        return ClassedIdentity(
            IdentityKind.UNKNOWN, f"account {account_id}, and does not tell who uses it there"
        )
    resource = value.partition(":iam::")[2].partition(":")[2]
    if IDENTITY_CENTER_PATH.strip("/") in resource:
        return ClassedIdentity(IdentityKind.HUMAN, f"the Identity Center role {value}")
    return ClassedIdentity(IdentityKind.UNKNOWN, f"{resource or value}")
