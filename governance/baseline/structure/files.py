"""The baseline as a YAML file, as `baseline.schema.json` beside this module describes it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from governance.baseline.structure.document import (
    FORMAT,
    OWN_TAG_PREFIX,
    Structure,
    StructurePlace,
    StructurePolicy,
)
from governance.edits.placed_yaml import PlacedValue, YamlUnreadable, read_placed
from governance.edits.suggestions import did_you_mean
from inventory.policy_types import DEFAULT_POLICY_IDS
from policies import PolicyType, parse_policy

SCHEMA_PATH: Final = Path(__file__).with_name("baseline.schema.json")
MOST_VALUES: Final = 250_000
LARGEST_BYTES: Final = 20_000_000
MOST_ERRORS: Final = 50
_ACCOUNT_ID: Final = re.compile(r"\d{12}")
_AUTHORIZING: Final = frozenset(PolicyType)


@dataclass(frozen=True, slots=True)
class BaselineFileError:
    """What is wrong in a line, counted from 1, and how to mend it."""

    line: int
    message: str


class BaselineFileInvalid(ValueError):
    """A file is no baseline. `errors`: by line."""

    def __init__(self, errors: Iterable[BaselineFileError]) -> None:
        self.errors = tuple(sorted(errors, key=lambda one: one.line))
        super().__init__("; ".join(f"line {one.line}: {one.message}" for one in self.errors))


@cache
def baseline_schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    found: dict[str, Any] = json.loads(SCHEMA_PATH.read_text())
    return found


def read_baseline_file(content: bytes, *, root_id: str = "") -> Structure:
    """Read a baseline from YAML or JSON.

    `root_id`: of the organization that it is for; empty: any.

    :raises BaselineFileInvalid: naming each line that is wrong, with a suggestion.
    """
    try:
        placed = read_placed(content, most_values=MOST_VALUES, largest_bytes=LARGEST_BYTES)
    except YamlUnreadable as error:
        raise BaselineFileInvalid([BaselineFileError(error.line or 1, str(error))]) from None
    reader = _BaselineReader(placed)
    structure = reader.structure()
    if root_id and structure.root_id and structure.root_id != root_id:
        reader.wrong(
            ("organizational_units", structure.root_id),
            f"{structure.root_id} is another organization's root; this one's is {root_id}",
        )
    if reader.errors:
        raise BaselineFileInvalid(reader.errors[:MOST_ERRORS])
    return structure


@dataclass(slots=True)
class _BaselineReader:
    """Reads what was read as YAML, and gathers what is wrong."""

    placed: PlacedValue
    errors: list[BaselineFileError] = field(default_factory=list)
    _paths: dict[str, str] = field(default_factory=dict)
    _made: Structure = field(default_factory=Structure)

    def wrong(self, path: tuple[int | str, ...], message: str) -> None:
        self.errors.append(BaselineFileError(self.placed.line(path), message))

    def structure(self) -> Structure:
        value = self.placed.value
        if not isinstance(value, Mapping):
            self.wrong((), "give an object with format and organizational_units")
            return self._made
        schema = baseline_schema()
        self._members(value, schema, ())
        if value.get("format") != str(FORMAT):
            self.wrong(("format",), f"give format: {FORMAT}")
        self._units(value.get("organizational_units"))
        if self._made.root_id:
            self._accounts(value.get("accounts"))
            self._policies(value.get("policies"))
            self._attached_elsewhere(value)
            self._organization_wide(value)
            scope = value.get("scope")
            places = [self._made.root_id] if scope is None else self._texts(("scope",), scope)
            self._made.scope = tuple(
                self._place(one, ("scope", number)) for number, one in enumerate(places)
            )
        return self._made

    def _members(
        self, value: Mapping[str, Any], schema: Mapping[str, Any], path: tuple[int | str, ...]
    ) -> None:
        known = list(schema["properties"])
        for name in value:
            if name not in known:
                self.wrong((*path, name), f"there is no member {name}{did_you_mean(name, known)}")
        for name in schema["required"]:
            if name not in value:
                self.wrong(path, f"{name} is missing")

    def _units(self, value: Any) -> None:
        if not isinstance(value, Mapping) or not value:
            self.wrong(("organizational_units",), "give the root and OUs: id, and path of names")
            return
        pattern = re.compile(
            baseline_schema()["properties"]["organizational_units"]["propertyNames"]["pattern"]
        )
        for target_id, path in value.items():
            at = ("organizational_units", target_id)
            if not pattern.fullmatch(target_id):
                self.wrong(at, f"{target_id} is not an id of a root (r-…) or OU (ou-…)")
            elif not isinstance(path, str) or not path.strip("/"):
                self.wrong(at, "give the path of names from the root on, such as Root/Workloads")
            elif path in self._paths:
                self.wrong(at, f"{path} is {self._paths[path]} already")
            else:
                self._paths[path] = target_id
        roots = [one for one in self._paths.values() if one.startswith("r-")]
        if len(roots) != 1:
            self.wrong(("organizational_units",), "give exactly one root (r-…)")
            return
        for path, target_id in self._paths.items():
            above, _, name = path.rpartition("/")
            is_root = target_id.startswith("r-")
            parent_id = self._paths.get(above, "")
            if not is_root and not parent_id:
                near = did_you_mean(above, self._paths)
                self.wrong(
                    ("organizational_units", target_id), f"there is no OU at {above or path}{near}"
                )
            elif is_root and above:
                self.wrong(("organizational_units", target_id), "the root has no OU above it")
            else:
                self._made.units[target_id] = StructurePlace(_unescaped(name), parent_id)

    def _place(self, value: str, at: tuple[int | str, ...]) -> str:
        """Return the id of a root or OU that is named by id or path."""
        found = value if value in self._made.units else self._paths.get(value, "")
        if not found:
            known = [*self._paths, *self._made.units]
            self.wrong(at, f"there is no root or OU {value}{did_you_mean(value, known)}")
        return found

    def _target(self, value: str, at: tuple[int | str, ...]) -> str:
        if _ACCOUNT_ID.fullmatch(value):
            if value not in self._made.accounts:
                near = did_you_mean(value, self._made.accounts)
                self.wrong(at, f"account {value} is not among accounts{near}")
            return value
        return self._place(value, at)

    def _texts(self, at: tuple[int | str, ...], value: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.wrong(at, "give a list of texts")
            return []
        return value

    def _accounts(self, value: Any) -> None:
        if value is None:
            return
        if not isinstance(value, Mapping):
            self.wrong(("accounts",), "give OUs, and the accounts in each")
            return
        for place, accounts in value.items():
            parent_id = self._place(place, ("accounts", place))
            if not isinstance(accounts, Mapping):
                self.wrong(("accounts", place), "give account ids, and the name of each")
                continue
            for account_id, name in accounts.items():
                at = ("accounts", place, account_id)
                if not _ACCOUNT_ID.fullmatch(account_id):
                    self.wrong(at, f"{account_id} is not an account id: give 12 digits, quoted")
                elif account_id in self._made.accounts:
                    self.wrong(at, f"account {account_id} is in another OU already")
                else:
                    self._made.accounts[account_id] = StructurePlace(name or "", parent_id)

    def _policies(self, value: Any) -> None:
        if value is None:
            return
        if not isinstance(value, Mapping):
            self.wrong(("policies",), "give policies by id")
            return
        schema = baseline_schema()["properties"]["policies"]
        pattern = re.compile(schema["propertyNames"]["pattern"])
        for policy_id, one in value.items():
            at: tuple[int | str, ...] = ("policies", policy_id)
            if not pattern.fullmatch(policy_id):
                self.wrong(at, f"{policy_id} is not a policy id (p-…)")
                continue
            if not isinstance(one, Mapping):
                self.wrong(at, "give name, type and text")
                continue
            before = len(self.errors)
            self._members(one, schema["additionalProperties"], at)
            if len(self.errors) == before:
                self._policy(policy_id, one, at)

    def _policy(self, policy_id: str, one: Mapping[str, Any], at: tuple[int | str, ...]) -> None:
        kind, text = self._policy_type(one["type"], (*at, "type")), one["text"]
        if not isinstance(one["name"], str) or not one["name"].strip():
            self.wrong((*at, "name"), "give its name")
        if not isinstance(text, str):
            self.wrong((*at, "text"), "give the policy's JSON as text")
            return
        problem = _problem_of_text(text, kind) if kind else ""
        if problem:
            self.wrong((*at, "text"), problem)
        self._made.policies[policy_id] = StructurePolicy(str(one["name"]), kind, text)
        self._tags(policy_id, one.get("tags"), (*at, "tags"))
        targets = self._targets(one.get("attached_to") or [], (*at, "attached_to"))
        if targets:
            self._made.attachments[policy_id] = targets

    def _tags(self, policy_id: str, value: Any, at: tuple[int | str, ...]) -> None:
        if value is None:
            return
        texts = isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())
        if not texts:
            self.wrong(at, "give tags, key and value, both text")
            return
        for key in value:
            if key.startswith(OWN_TAG_PREFIX):
                self.wrong((*at, key), f"{OWN_TAG_PREFIX} is how Orgwarden's own tags begin")
        if self._made.policy_tags is None:
            self._made.policy_tags = {}
        if value:
            self._made.policy_tags[policy_id] = dict(value)

    def _policy_type(self, value: Any, at: tuple[int | str, ...]) -> str:
        known = baseline_schema()["properties"]["policies"]["additionalProperties"]["properties"]
        names = known["type"]["enum"]
        if value not in names:
            self.wrong(at, f"there is no policy type {value}{did_you_mean(str(value), names)}")
            return ""
        return str(value)

    def _targets(self, value: Any, at: tuple[int | str, ...]) -> set[str]:
        found = {
            self._target(one, (*at, number)) for number, one in enumerate(self._texts(at, value))
        }
        return found - {""}

    def _attached_elsewhere(self, value: Mapping[str, Any]) -> None:
        for member, held in (
            ("aws_managed_policies", self._made.attachments),
            ("detached_defaults", self._made.detached_defaults),
        ):
            given = value.get(member) or {}
            if not isinstance(given, Mapping):
                self.wrong((member,), "give policy ids, and targets of each")
                continue
            for policy_id, targets in given.items():
                is_default = policy_id in DEFAULT_POLICY_IDS
                if is_default != (member == "detached_defaults"):
                    near = did_you_mean(policy_id, DEFAULT_POLICY_IDS)
                    self.wrong((member, policy_id), f"{policy_id} does not belong here{near}")
                    continue
                held[policy_id] = self._targets(targets or [], (member, policy_id))

    def _organization_wide(self, value: Mapping[str, Any]) -> None:
        if (types := value.get("policy_types")) is not None:
            self._made.policy_types = {
                self._policy_type(one, ("policy_types", number))
                for number, one in enumerate(self._texts(("policy_types",), types))
            }
        if (services := value.get("trusted_services")) is not None:
            self._made.trusted_services = set(self._texts(("trusted_services",), services))
        if (text := value.get("delegation_policy")) is not None:
            problem = _problem_of_text(text, PolicyType.RESOURCE_POLICY) if text else ""
            if not isinstance(text, str) or problem:
                self.wrong(("delegation_policy",), problem or "give the policy's JSON as text")
            else:
                self._made.delegation_policy = text
        given = value.get("delegated_administrators")
        if given is None:
            return
        self._made.delegations = set()
        if not isinstance(given, Mapping):
            self.wrong(("delegated_administrators",), "give services, and the accounts of each")
            return
        for service, accounts in given.items():
            at = ("delegated_administrators", service)
            for number, account_id in enumerate(self._texts(at, accounts)):
                if not _ACCOUNT_ID.fullmatch(account_id):
                    self.wrong((*at, number), f"{account_id} is not an account id: give 12 digits")
                self._made.delegations.add((service, account_id))


def _problem_of_text(text: str, kind: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"the text is not JSON: {error}"
    if kind not in _AUTHORIZING:
        return ""
    parsed = parse_policy(text, PolicyType(kind))
    if parsed.document is not None or not parsed.diagnostics:
        return ""
    return f"AWS would not take the text: {parsed.diagnostics[0].message}"


def _unescaped(name: str) -> str:
    return name.replace("%2F", "/").replace("%25", "%")
