"""Templates of policies that many organizations have, as data with parameters.

In a template's document `{"$": "name"}` stands for a parameter's value. An object with `$if` and
`then` is a part that is left out where the parameter is empty, with `$unless` where it is not.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from governance.changes.proposals.files import ReadProposal
from governance.edits.operations import LONGEST_NAME

_FILE: Final = Path(__file__).with_name("templates.json")
_MOST_VALUES: Final = 200
_NEW_ID: Final = "new-1"


class ParameterKind(StrEnum):
    """What a parameter's values look like. ORGANIZATION_ID is one text, the others are lists."""

    ACCOUNT_IDS = "account_ids"
    SERVICES = "services"
    REGIONS = "regions"
    ACTIONS = "actions"
    ROLE_ARNS = "role_arns"
    ORGANIZATION_ID = "organization_id"


_FORMS: Final[Mapping[ParameterKind, tuple[re.Pattern[str], str]]] = {
    ParameterKind.REGIONS: (
        re.compile(r"[a-z]{2}(-[a-z]+){1,3}-\d{1,2}"),
        "a region such as eu-central-1",
    ),
    ParameterKind.ACTIONS: (
        re.compile(r"[a-z0-9-]+:[A-Za-z0-9*?]+"),
        "an action such as iam:* or s3:GetBucketLocation",
    ),
    ParameterKind.ROLE_ARNS: (
        re.compile(r"arn:[a-z*-]+:iam::(\d{12}|\*):role/[\w+=,.@/*?-]{1,512}"),
        "a role's ARN such as arn:aws:iam::*:role/Deployment",
    ),
    ParameterKind.ACCOUNT_IDS: (re.compile(r"\d{12}"), "an account's id of 12 digits"),
    ParameterKind.SERVICES: (
        re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?"),
        "a service such as ec2.amazonaws.com",
    ),
    ParameterKind.ORGANIZATION_ID: (
        re.compile(r"o-[a-z0-9]{10,32}"),
        "an organization's id such as o-exampleorgid",
    ),
}


class TemplateInvalid(ValueError):
    """A template is not filled in right. `errors`: parameter, `name` or `targets` → what to do."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = dict(errors)
        super().__init__("; ".join(f"{name}: {said}" for name, said in self.errors.items()))


class NoSuchTemplate(KeyError):
    """There is no template of that id."""


@dataclass(frozen=True, slots=True)
class TemplateParameter:
    """What somebody fills in."""

    name: str
    label: str
    kind: ParameterKind
    required: bool
    help: str = ""
    default: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyTemplate:
    """A template. `document`: with places for its parameters."""

    template_id: str
    title: str
    description: str
    policy_type: str
    policy_name: str
    parameters: tuple[TemplateParameter, ...]
    document: Mapping[str, Any]

    def text(self, values: Mapping[str, Any]) -> str:
        """Return the policy's text for values by parameter, the defaults where none is given.

        :raises TemplateInvalid: naming every parameter that is wrong.
        """
        filled, errors = self._filled(values)
        if errors:
            raise TemplateInvalid(errors)
        return json.dumps(_rendered(self.document, filled), indent=2)

    def _filled(self, values: Mapping[str, Any]) -> tuple[dict[str, list[str]], dict[str, str]]:
        errors = {
            name: "the template has no such parameter"
            for name in values
            if name not in {each.name for each in self.parameters}
        }
        filled: dict[str, list[str]] = {}
        for each in self.parameters:
            given = values.get(each.name, list(each.default))
            listed = [given] if isinstance(given, str) else given
            if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
                errors[each.name] = "give a list of texts"
                continue
            found = list(dict.fromkeys(one.strip() for one in listed if one.strip()))
            problem = _wrong_values(each, found)
            if problem:
                errors[each.name] = problem
            filled[each.name] = found
        return filled, errors


def templates() -> tuple[PolicyTemplate, ...]:
    """Return every template."""
    return tuple(_templates().values())


def template_of(template_id: str) -> PolicyTemplate:
    """Return a template by its id.

    :raises NoSuchTemplate: see there.
    """
    try:
        return _templates()[template_id]
    except KeyError:
        raise NoSuchTemplate(template_id) from None


def proposal_of_template(
    template: PolicyTemplate,
    values: Mapping[str, Any],
    *,
    target_ids: Sequence[str],
    name: str = "",
) -> ReadProposal:
    """Return what creates a template's policy and attaches it to some targets.

    `name`: of the policy, the template's own where it is empty.

    :raises TemplateInvalid: naming every parameter that is wrong.
    """
    given = " ".join(name.split()) or template.policy_name
    errors: dict[str, str] = {}
    if len(given) > LONGEST_NAME:
        errors["name"] = f"give at most {LONGEST_NAME} characters"
    if not target_ids:
        errors["targets"] = "choose where the policy is attached"
    text = ""
    try:
        text = template.text(values)
    except TemplateInvalid as error:
        errors |= error.errors
    if errors:
        raise TemplateInvalid(errors)
    create = {
        "kind": "create_policy",
        "policy_id": _NEW_ID,
        "name": given,
        "policy_type": template.policy_type,
        "text": text,
    }
    attach = [
        {"kind": "attach_policy", "policy_id": _NEW_ID, "target_id": target_id}
        for target_id in dict.fromkeys(target_ids)
    ]
    texts = {"title": template.title, "reason": template.description}
    return ReadProposal((create, *attach), texts=texts)


def _wrong_values(parameter: TemplateParameter, values: Sequence[str]) -> str:
    if parameter.required and not values:
        return "this may not be empty"
    if len(values) > _MOST_VALUES:
        return f"give at most {_MOST_VALUES}"
    if parameter.kind is ParameterKind.ORGANIZATION_ID and len(values) > 1:
        return "give one"
    form, example = _FORMS[parameter.kind]
    wrong = next((one for one in values if not form.fullmatch(one)), None)
    return "" if wrong is None else f"{wrong[:100]!r} is not {example}"


_LEFT_OUT: Final = object()


def _rendered(value: Any, filled: Mapping[str, list[str]]) -> Any:
    if isinstance(value, list):
        items = [_rendered(each, filled) for each in value]
        return [each for each in items if each is not _LEFT_OUT]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$"}:
        values = filled[value["$"]]
        return values[0] if len(values) == 1 else list(values)
    for word, wanted in (("$if", True), ("$unless", False)):
        if word in value:
            holds = bool(filled[value[word]]) is wanted
            return _rendered(value["then"], filled) if holds else _LEFT_OUT
    items_by_name = {name: _rendered(each, filled) for name, each in value.items()}
    return {name: each for name, each in items_by_name.items() if each is not _LEFT_OUT}


@lru_cache(maxsize=1)
def _templates() -> Mapping[str, PolicyTemplate]:
    found = {}
    for one in json.loads(_FILE.read_text(encoding="utf-8")):
        parameters = tuple(
            TemplateParameter(
                name=each["name"],
                label=each["label"],
                kind=ParameterKind(each["kind"]),
                required=each["required"],
                help=each.get("help", ""),
                default=tuple(each.get("default", ())),
            )
            for each in one["parameters"]
        )
        found[one["id"]] = PolicyTemplate(
            template_id=one["id"],
            title=one["title"],
            description=one["description"],
            policy_type=one["policy_type"],
            policy_name=one["policy_name"],
            parameters=parameters,
            document=one["document"],
        )
    return found
