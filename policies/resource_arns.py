"""Which resources an action can work on: the ARNs of its resource types, as patterns.

Stricter than `ResourceType.glob`: a partition and a region are never empty, and none of the first
five parts holds a colon, so that a text with a part too many or too few is no such ARN. Account
and resource stay open where the catalogue has a variable: AWS's own resources carry `aws` or no
account at all.

Source: Service Authorization Reference, "Resource types defined by …"; IAM user guide, "Identify
AWS resources with Amazon Resource Names (ARNs)".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from policies.catalogue import Catalogue, ResourceType
from policies.language.meeting import globs_meet
from policies.language.patterns import Glob, Literal, Wild, arn_glob, resource_glob
from policies.language.variables import Template, Variable

ARN_PARTS: Final = 6
_NAMES_WITHOUT_COLON: Final = frozenset({"iam", "ec2", "kms", "organizations"})
"""Services whose resources have no colon in their names; elsewhere a name may be any text."""
_NAMES_WITHOUT_SLASH: Final = frozenset({"${BucketName}", "${QueueName}", "${TopicName}"})
_ACCOUNT: Final = re.compile(r"|\d{12}|.*[*?].*|aws(-\w+)*|cloudfront")
"""What stands for the account in ARNs: none, an account, a pattern, or AWS itself."""
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_NOT_EMPTY: Final = (Wild.ONE_IN_PART, Wild.PART)
_STARS: Final = frozenset({Wild.ANY, Wild.PART})
_WITHIN_PART: Final = frozenset({Wild.PART, Wild.ONE_IN_PART})
_ROOT_USER: Final = Glob(("arn:", *_NOT_EMPTY, ":iam::", Wild.PART, ":root"))
_WHOLE_SERVICE: Final = Glob(
    ("arn:", *_NOT_EMPTY, ":", *_NOT_EMPTY, ":", Wild.PART, ":", Wild.PART, ":*")
)
"""`arn:aws:s3:::*`, as a text: what some services ask about for an action on no resource."""


def resource_pattern(parts: Template) -> Glob:
    """Return the pattern of a Resource value in which a policy variable may be any text."""
    return resource_glob(tuple("*" if isinstance(part, Variable) else part for part in parts))


def is_of_a_type(catalogue: Catalogue, action_bits: int, parts: Template) -> bool:
    """Whether a Resource value, read part by part, can be a resource of one of some actions.

    As authors mean it: no wildcard reaches across a colon before the resource, and the account is
    one. AWS reads `arn:aws:lambda:*:*:functions:*` as any ARN with `:functions:` in it, so it does
    match an alias of a function of that name, and still no function.
    """
    pieces = tuple("*" if isinstance(part, Variable) else part for part in parts)
    pattern = arn_glob(pieces)
    text = "".join(piece.text if isinstance(piece, Literal) else piece for piece in pieces)
    written = text.split(":", ARN_PARTS - 1)
    if len(written) <= 2 or written[2].lower() not in _types_by_service(catalogue):
        return True
    if pattern is None or len(written) < ARN_PARTS:
        return not written[-1].strip("*?")
    return _ACCOUNT.fullmatch(written[4]) is not None and can_be_resource(
        catalogue, action_bits, pattern, of_any_service=False
    )


def can_be_resource(
    catalogue: Catalogue, action_bits: int, pattern: Glob, *, of_any_service: bool = True
) -> bool:
    """Whether a resource of one of some actions can match a pattern; false is certain.

    An action without resource types is asked about `*`; services ask some of them about a resource
    all the same, which the catalogue does not say, so for these any resource counts.
    `of_any_service`: with the types whose ARNs may be of whatever service.
    """
    starts_wild = not pattern.tokens or not isinstance(pattern.tokens[0], str)
    if starts_wild and pattern.matches("*"):
        return True
    if _meets_some(catalogue, action_bits, pattern, of_any_service=of_any_service):
        return True
    if globs_meet(_ROOT_USER, pattern) and action_bits & _user_bits(catalogue):
        return True
    if not action_bits & catalogue.untyped_bits:
        return False
    return (
        globs_meet(_WHOLE_SERVICE, pattern)
        or not _is_known(catalogue, pattern)
        or _meets_some(catalogue, catalogue.all_bits, pattern, of_any_service=False)
    )


@lru_cache(maxsize=4)
def _user_bits(catalogue: Catalogue) -> int:
    """The actions on IAM users, of which sessions of sts:AssumeRoot call some on the root user."""
    kinds = catalogue.all_resource_types
    return next(acting for kind, acting in kinds if (kind.service, kind.name) == ("iam", "user"))


def _is_known(catalogue: Catalogue, pattern: Glob) -> bool:
    service = _service(pattern)
    return service is not None and service.lower() in _types_by_service(catalogue)


def _service(pattern: Glob) -> str | None:
    """Return the service part of a pattern, None where wildcards hide it."""
    start = ""
    for token in pattern.tokens:
        if not isinstance(token, str) and token not in _WITHIN_PART:
            break
        start += token if isinstance(token, str) else "*"
        if start.count(":") > 2:
            service = start.split(":")[2]
            return None if "*" in service else service
    return None


def services_of(catalogue: Catalogue, action_bits: int) -> frozenset[str]:
    """Return the service parts of the ARNs that some actions work on."""
    return frozenset(
        service
        for service, kinds in _types_by_service(catalogue).items()
        if any(action_bits & acting for _, acting, _ in kinds)
    )


@lru_cache(maxsize=8192)
def _meets_some(
    catalogue: Catalogue, action_bits: int, pattern: Glob, *, of_any_service: bool = True
) -> bool:
    """Whether an ARN of a resource type that some of the actions work on matches a pattern.

    `of_any_service`: with the types whose ARNs may be of whatever service.
    """
    by_service, service = _types_by_service(catalogue), _service(pattern)
    kinds: Iterable[str] = by_service if service is None else (service, "")
    has_slash = any(isinstance(token, str) and "/" in token for token in pattern.tokens)
    return any(
        action_bits & acting
        and not (has_slash and _is_without_slash(kind))
        and globs_meet(pattern, glob)
        for name in kinds
        if name or of_any_service
        for kind, acting, glob in by_service.get(name, ())
    )


def _is_without_slash(kind: ResourceType) -> bool:
    resource = kind.arn.split(":", ARN_PARTS - 1)[-1]
    return resource in _NAMES_WITHOUT_SLASH


@lru_cache(maxsize=4)
def _types_by_service(
    catalogue: Catalogue,
) -> dict[str, Sequence[tuple[ResourceType, int, Glob]]]:
    """All resource types by the service part of their ARNs; `""` where that is a variable."""
    found: dict[str, list[tuple[ResourceType, int, Glob]]] = {}
    for kind, acting in catalogue.all_resource_types:
        service = kind.arn.split(":")[2]
        found.setdefault("" if "$" in service else service, []).append(
            (kind, acting, arn_pattern(kind))
        )
    return dict(found)


def arn_pattern(kind: ResourceType) -> Glob:
    """Return the pattern of a resource type's ARNs."""
    partition, service, region, account, resource = kind.arn.split(":", ARN_PARTS - 1)[1:]
    tokens: list[str | Wild] = ["arn:"]
    for part, variable in (
        (partition, _NOT_EMPTY),
        (service, _NOT_EMPTY),
        (region, _NOT_EMPTY),
        (account, (Wild.PART,)),
    ):
        tokens += variable if "$" in part or "*" in part else (part,)
        tokens.append(":")
    name = Wild.PART if service in _NAMES_WITHOUT_COLON else Wild.ANY
    for piece in re.split(r"(\$\{[^}]*\}|\*)", resource):
        tokens.append(name if piece == "*" or _VARIABLE.fullmatch(piece) else piece)
    return Glob(_joined(tokens))


def _joined(tokens: Sequence[str | Wild]) -> tuple[str | Wild, ...]:
    joined: list[str | Wild] = []
    for token in tokens:
        if isinstance(token, str) and joined and isinstance(joined[-1], str):
            joined[-1] += token
        elif token in _STARS and joined and joined[-1] in _STARS:
            continue
        elif token:
            joined.append(token)
    return tuple(joined)
