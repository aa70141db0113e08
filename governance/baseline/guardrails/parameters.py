"""What guardrails leave to the organization: roles, regions, networks, filled into `{{names}}`.

A list member that is `{{break_glass_roles}}` stands for all of its values, one within a longer text
for one text a value. Values are a setting that two people change.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, Final

from governance.approvals.forms import FieldType, SettingContent, SettingField, SettingForm
from governance.approvals.models import SettingVersion
from governance.approvals.settings import active_setting
from inventory.models import Connection, Organization, Root

NAMED: Final = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")

# Of these no value is a value: nobody is exempt then.
OPTIONAL: Final = frozenset({"break_glass_roles", "audit_roles", "platform_roles"})
# What the inventory itself tells.
_COLLECTED: Final = ("organization_id", "management_account_id", "root_id")
_DEPLOYING: Final = (
    "arn:aws:iam::*:role/AWSControlTowerExecution",
    "arn:aws:iam::*:role/stacksets-exec-*",
)


class ParameterUnset(ValueError):
    """A guardrail needs a parameter that has no value. `name`: which."""

    def __init__(self, name: str) -> None:
        self.name = name
        label = LABELS.get(name, name)
        super().__init__(f"The parameter {label} has no value: set it under Guardrail parameters.")


@dataclass(frozen=True, slots=True)
class GuardrailParameters:
    """The values that hold for an organization. `version` 0: the defaults."""

    version: int
    values: Mapping[str, tuple[str, ...]]

    def value(self, name: str) -> tuple[str, ...]:
        """Return the values of one.

        :raises ParameterUnset: it has none and needs one.
        """
        found = self.values.get(name, ())
        if not found and name not in OPTIONAL:
            raise ParameterUnset(name)
        return found


def parameters_of(connection: Connection) -> GuardrailParameters:
    """Return what holds for an organization, what its inventory tells included."""
    version, content = active_setting(connection, SettingVersion.Kind.GUARDRAIL_PARAMETERS)
    values = {name: tuple(content.get(name, ())) for name in LABELS if name not in _COLLECTED}
    own = Organization.objects.filter(connection=connection, seen_until__isnull=True).first()
    root = Root.objects.filter(connection=connection, seen_until__isnull=True).first()
    if own is not None:
        values["organization_id"] = (own.organization_id,)
        values["management_account_id"] = (own.management_account_id,)
    if root is not None:
        values["root_id"] = (root.target_id,)
    return GuardrailParameters(version, values)


def names_in(value: Any) -> Iterator[str]:
    """Yield the names of the parameters that stand in a value, at any depth."""
    if isinstance(value, str):
        yield from NAMED.findall(value)
    elif isinstance(value, Mapping):
        for key, member in value.items():
            yield from names_in(key)
            yield from names_in(member)
    elif isinstance(value, (list, tuple)):
        for member in value:
            yield from names_in(member)


def filled_texts(texts: Iterable[str], parameters: GuardrailParameters) -> tuple[str, ...]:
    """Return texts with every parameter filled in, each once.

    :raises ParameterUnset: see there.
    """
    found = (one for text in texts for one in _texts(text, parameters))
    return tuple(dict.fromkeys(found))


def filled(value: Any, parameters: GuardrailParameters) -> Any:
    """Return JSON with every parameter filled in.

    A value that is one parameter becomes a list; a list that none is left of is dropped with the
    key it stands at, as is an operator without keys. A statement whose Sid holds a parameter is
    repeated for each of its values.

    :raises ParameterUnset: see there.
    """
    if isinstance(value, str):
        if NAMED.search(value) is None:
            return value
        texts = _texts(value, parameters)
        return texts[0] if len(texts) == 1 else texts
    if isinstance(value, Mapping):
        found: dict[str, Any] = {}
        for key, member in value.items():
            put = filled(member, parameters)
            if put in ([], {}) and member not in ([], {}):
                continue
            found |= dict.fromkeys(_texts(key, parameters), put)
        return found
    if isinstance(value, (list, tuple)):
        members: list[Any] = []
        for member in value:
            name = NAMED.search(str(member.get("Sid", ""))) if isinstance(member, Mapping) else None
            if name is not None:
                members += _repeated(member, name.group(1), parameters)
                continue
            put = filled(member, parameters)
            members += put if isinstance(member, str) and isinstance(put, list) else [put]
        return members
    return value


def _repeated(
    statement: Mapping[str, Any], name: str, parameters: GuardrailParameters
) -> Iterator[dict[str, Any]]:
    """Yield a statement for each value of a parameter; a Sid takes letters and digits alone."""
    for value in parameters.value(name):
        alone = GuardrailParameters(parameters.version, {**parameters.values, name: (value,)})
        put = filled({**statement, "Sid": ""}, alone)
        sid = filled(statement["Sid"], alone)
        yield {**put, "Sid": re.sub(r"[^0-9A-Za-z]", "", sid)}


def _texts(text: str, parameters: GuardrailParameters) -> list[str]:
    match = NAMED.search(text)
    if match is None:
        return [text]
    before, after = text[: match.start()], text[match.end() :]
    values = parameters.value(match.group(1))
    return [one for value in values for one in _texts(f"{before}{value}{after}", parameters)]


def _default(connection: Connection) -> SettingContent:
    """Return what the organization suggests: its protected roles, regions that are collected."""
    content: SettingContent = {one.name: [] for one in _FIELDS}
    _, protected = active_setting(connection, SettingVersion.Kind.PROTECTED_ROLES)
    by_purpose = {
        "break_glass": "break_glass_roles",
        "audit": "audit_roles",
        "organization_reader": "audit_roles",
        "apply": "platform_roles",
        "deployment": "platform_roles",
    }
    for role in protected["roles"]:
        name = by_purpose.get(role["purpose"])
        if name is not None and role["role_pattern"] not in content[name]:
            content[name].append(role["role_pattern"])
    content["platform_roles"] += [one for one in _DEPLOYING if one not in content["platform_roles"]]
    content["allowed_regions"] = sorted({*connection.regions, connection.home_region})
    return content


def _wrong(connection: Connection, content: SettingContent) -> Mapping[str, str]:
    errors: dict[str, str] = {}
    for name in ("break_glass_roles", "audit_roles", "platform_roles"):
        for pattern in content[name]:
            if not _ROLE.fullmatch(pattern):
                errors[name] = f"{pattern[:80]}: give an ARN such as arn:aws:iam::*:role/Audit"
    for region in content["allowed_regions"]:
        if not _REGION.fullmatch(region):
            errors["allowed_regions"] = f"{region[:80]}: give a region such as eu-central-1"
    for account_id in content["trusted_account_ids"]:
        if not _ACCOUNT.fullmatch(account_id):
            errors["trusted_account_ids"] = f"{account_id[:80]}: give 12 digits"
    for network in content["expected_networks"]:
        try:
            ip_network(network)
        except ValueError:
            errors["expected_networks"] = f"{network[:80]}: give a network such as 203.0.113.0/24"
    for vpc in content["expected_vpcs"]:
        if not _VPC.fullmatch(vpc):
            errors["expected_vpcs"] = f"{vpc[:80]}: give an id such as vpc-0a1b2c3d"
    return errors


_ROLE: Final = re.compile(r"arn:[\w*?-]+:iam::[\d*?]+:(role|user|root)[/\w+=,.@*?$-]*")
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
_ACCOUNT: Final = re.compile(r"\d{12}")
_VPC: Final = re.compile(r"vpc-[0-9a-f]{8,17}")


def _list(name: str, label: str, help_text: str, shown: str = "None") -> SettingField:
    return SettingField(name, label, FieldType.LIST, help=help_text, default=[], shown=shown)


_FIELDS: Final = (
    _list(
        "break_glass_roles",
        "Break-glass roles",
        "ARN patterns of roles for emergencies. Only the guardrails about them bind them.",
    ),
    _list("audit_roles", "Audit roles", "ARN patterns of read-only roles, including Orgwarden's."),
    _list(
        "platform_roles",
        "Platform roles",
        "ARN patterns of roles that set accounts up: pipelines, StackSets, Control Tower.",
    ),
    _list("allowed_regions", "Allowed regions", "Where workloads may run, such as eu-central-1."),
    _list(
        "trusted_account_ids",
        "Trusted accounts outside",
        "Accounts outside the organization with which sharing is intended.",
    ),
    _list("expected_networks", "Expected networks", "IP networks that people work from."),
    _list("expected_vpcs", "Expected VPCs", "VPCs from which workloads call AWS."),
    _list(
        "required_tag_keys", "Required tags", "Tag keys that resources get when they are created."
    ),
    _list("isolated_units", "Isolated OUs", "Ids of OUs whose networks reach no other."),
)
LABELS: Final[Mapping[str, str]] = {
    **{one.name: one.label for one in _FIELDS},
    "organization_id": "Organization id",
    "management_account_id": "Management account",
    "root_id": "Root id",
}

GUARDRAIL_PARAMETERS: Final = SettingForm(
    kind=SettingVersion.Kind.GUARDRAIL_PARAMETERS.value,
    title="Guardrail parameters",
    intro="Roles, regions and networks that guardrails use as {{its_name}}.",
    tables=(),
    values=_FIELDS,
    default=_default,
    check=_wrong,
)
