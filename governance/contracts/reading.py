"""Reads terms that a person, a program or a file gives, and says of each what is wrong with it."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final

from governance.access.owners.environments import Environment, named_environment
from governance.access.owners.targets import ACCOUNT
from governance.approvals.agreements.terms import AgreementInvalid
from governance.contracts.directory import ContractDirectory
from governance.contracts.terms import (
    EVERYONE_VALUE,
    LONGEST_PURPOSE,
    LONGEST_VALUE,
    MOST_ACTIONS,
    ContractSource,
    ContractTarget,
    ContractTerms,
    SourceKind,
    TargetKind,
)
from governance.edits.suggestions import did_you_mean
from policies.trust import GuardKind

MEMBERS: Final = ("from", "to", "actions", "guards", "purpose", "until")
_ACCOUNT: Final = re.compile(r"\d{12}")
_ARN: Final = re.compile(r"arn:[^:\s]+:[^:\s]+:[^:\s]*:[^:\s]*:\S+")
_PRINCIPAL_ARN: Final = re.compile(r"arn:[^:\s]+:(iam|sts):[^:\s]*:[^:\s]+:\S+")
_SERVICE: Final = re.compile(r"[a-z0-9.*?-]+\.(amazonaws\.com|amazonaws\.com\.cn|aws\.internal)")
_PROVIDER: Final = re.compile(r"[A-Za-z0-9*?.:/_-]+")
_ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}")
_ACTION: Final = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")


def read_terms(
    given: Any, directory: ContractDirectory, *, today: date | None = None
) -> ContractTerms:
    """Return the terms that a JSON object gives. `today`: `until` may not lie before it.

    :raises AgreementInvalid: naming each member that is wrong, with a suggestion if there is one.
    """
    if not isinstance(given, Mapping):
        raise AgreementInvalid({"": f"give an object with {', '.join(MEMBERS)}"})
    errors = {
        str(name): _suggested(f"no such member; members are {', '.join(MEMBERS)}", name, MEMBERS)
        for name in given
        if name not in MEMBERS
    }
    reader = _TermsReader(given, directory, errors)
    source, target = reader.source(), reader.target()
    actions, guards = reader.actions(), reader.guards()
    purpose, until = reader.purpose(), reader.until(today)
    if errors or source is None or target is None:
        raise AgreementInvalid(errors)
    return ContractTerms(source, target, actions, guards, purpose, until)


def _suggested(message: str, word: object, known: Iterable[str]) -> str:
    return f"{message}{did_you_mean(str(word), known)}"


class _TermsReader:
    """Reads member after member; `errors` takes up what is wrong."""

    def __init__(
        self, given: Mapping[str, Any], directory: ContractDirectory, errors: dict[str, str]
    ) -> None:
        self.given = given
        self.directory = directory
        self.errors = errors

    def source(self) -> ContractSource | None:
        """Read from whom."""
        end = self._end("from", SourceKind, ("kind", "value", "tenant"))
        if end is None:
            return None
        kind = SourceKind(end["kind"])
        value, tenant = end.get("value", ""), end.get("tenant", "")
        if kind is SourceKind.EVERYONE:
            value = value or EVERYONE_VALUE
        problem, value = _SOURCE_CHECKS[kind](value, self.directory)
        if problem:
            self.errors["from.value"] = problem
        if tenant and kind is not SourceKind.PROVIDER:
            self.errors["from.tenant"] = "only an identity provider has a tenant"
        if problem or "from.tenant" in self.errors:
            return None
        return ContractSource(kind, value, tenant)

    def target(self) -> ContractTarget | None:
        """Read into what."""
        end = self._end("to", TargetKind, ("kind", "value"))
        if end is None:
            return None
        kind = TargetKind(end["kind"])
        problem, value = _TARGET_CHECKS[kind](end.get("value", ""), self.directory)
        if problem:
            self.errors["to.value"] = problem
            return None
        return ContractTarget(kind, value)

    def actions(self) -> tuple[str, ...]:
        """Read the patterns of actions."""
        listed = self._texts("actions")
        if not listed:
            self.errors.setdefault("actions", "give at least one action, such as sts:AssumeRole")
        if len(listed) > MOST_ACTIONS:
            self.errors["actions"] = f"give {MOST_ACTIONS} at most"
        for one in listed:
            if not _ACTION.fullmatch(one):
                self.errors["actions"] = (
                    f"{one} is not an action: write service:Action, * for any part of it"
                )
        return listed

    def guards(self) -> tuple[GuardKind, ...]:
        """Read the kinds of guards."""
        known = [kind.value for kind in GuardKind]
        found = []
        for one in self._texts("guards"):
            if one in known:
                found.append(GuardKind(one))
                continue
            message = f"{one} is not a kind of guard; kinds are {', '.join(known)}"
            self.errors["guards"] = _suggested(message, one, known)
        return tuple(dict.fromkeys(found))

    def purpose(self) -> str:
        """Read what it is for."""
        value = self.given.get("purpose", "")
        text = value.strip() if isinstance(value, str) else ""
        if not text:
            self.errors["purpose"] = "say in a sentence what the crossing is for"
        elif len(text) > LONGEST_PURPOSE or "\0" in text:
            self.errors["purpose"] = f"give {LONGEST_PURPOSE} characters at most, none of them NUL"
        return text

    def until(self, today: date | None) -> date | None:
        """Read the last day."""
        value = self.given.get("until")
        if value in (None, ""):
            return None
        try:
            found = value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            self.errors["until"] = f"{value} is not a day: write it as 2027-01-31"
            return None
        if today is not None and found < today:
            self.errors["until"] = f"{found.isoformat()} is past: give a day to come, or none"
        return found

    def _end(
        self, name: str, kinds: type[SourceKind] | type[TargetKind], members: tuple[str, ...]
    ) -> dict[str, str] | None:
        given = self.given.get(name)
        known = [kind.value for kind in kinds]
        if not isinstance(given, Mapping):
            self.errors[name] = f"give kind and value; kinds are {', '.join(known)}"
            return None
        for member in given:
            if member not in members:
                message = f"no such member; members are {', '.join(members)}"
                self.errors[f"{name}.{member}"] = _suggested(message, member, members)
        kind = given.get("kind")
        if kind not in known:
            message = f"choose one of {', '.join(known)}"
            self.errors[f"{name}.kind"] = _suggested(message, kind, known) if kind else message
            return None
        end = {}
        for member in members:
            value = given.get(member, "")
            if not isinstance(value, str) or len(value) > LONGEST_VALUE or "\0" in value:
                self.errors[f"{name}.{member}"] = f"give a text of {LONGEST_VALUE} characters"
                return None
            end[member] = value.strip()
        return end

    def _texts(self, name: str) -> tuple[str, ...]:
        value = self.given.get(name, [])
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            self.errors[name] = "give a list of texts"
            return ()
        return tuple(dict.fromkeys(one.strip() for one in value if one.strip()))


# Each returns what is wrong, empty: nothing, and the value as it is stored.
_EndCheck = Callable[[str, ContractDirectory], tuple[str, str]]


def _any_account(value: str, directory: ContractDirectory) -> tuple[str, str]:
    if _ACCOUNT.fullmatch(value):
        return "", value
    if value.isdecimal() and len(value) < 12:
        return f"account ids have 12 digits; is it {value.zfill(12)}?", value
    return _by_name(value, directory, accounts=True)


def _own_account(value: str, directory: ContractDirectory) -> tuple[str, str]:
    problem, found = _any_account(value, directory)
    if not problem and found not in directory.account_ids:
        also = did_you_mean(found, sorted(directory.account_ids), cutoff=0.8)
        return f"{found} is not an account of this organization{also}", found
    return problem, found


def _unit(value: str, directory: ContractDirectory) -> tuple[str, str]:
    known = directory.tree.by_id.get(value)
    if known is not None and known.kind != ACCOUNT:
        return "", value
    return _by_name(value, directory, accounts=False)


def _by_name(value: str, directory: ContractDirectory, *, accounts: bool) -> tuple[str, str]:
    """Find an account or an OU by a name that only one has."""
    what = "account" if accounts else "OU"
    if not value:
        return f"give the id or name of an {what}", value
    named: dict[str, list[str]] = {}
    for one in directory.tree.by_id.values():
        if (one.kind == ACCOUNT) is accounts:
            named.setdefault(one.name, []).append(one.target_id)
    found = [
        target_id
        for name, ids in named.items()
        if name.casefold() == value.casefold()
        for target_id in ids
    ]
    if len(found) == 1:
        return "", found[0]
    if found:
        return f"{len(found)} are called {value}: give the id", value
    return _suggested(f"{value} is no {what} of this organization", value, named), value


def _arn(value: str, directory: ContractDirectory) -> tuple[str, str]:
    if _ARN.fullmatch(value):
        return "", value
    return "give an ARN or a pattern of one, such as arn:aws:s3:::booking-*", value


def _principal(value: str, directory: ContractDirectory) -> tuple[str, str]:
    if _PRINCIPAL_ARN.fullmatch(value):
        return "", value
    return "give the ARN of a role or user, or a pattern: arn:aws:iam::111122223333:role/*", value


def _vendor(value: str, directory: ContractDirectory) -> tuple[str, str]:
    known = {name.casefold(): name for name in directory.vendor_names}
    if value.casefold() in known:
        return "", known[value.casefold()]
    if not value:
        return "give the name of an external party", value
    message = f"{value} is not an external party; name its accounts under External parties first"
    return _suggested(message, value, directory.vendor_names), value


def _environment(value: str, directory: ContractDirectory) -> tuple[str, str]:
    known = [one.value for one in Environment]
    if value.lower() in known:
        return "", value.lower()
    read = named_environment(value)
    if read is not None:
        return "", read.value
    return _suggested(f"choose one of {', '.join(known)}", value, known), value


def _form(pattern: re.Pattern[str], message: str) -> _EndCheck:
    def check(value: str, directory: ContractDirectory) -> tuple[str, str]:
        return ("" if pattern.fullmatch(value) else message), value

    return check


def _organization(value: str, directory: ContractDirectory) -> tuple[str, str]:
    if not value and directory.organization_id:
        return "", directory.organization_id
    return ("" if _ORGANIZATION.fullmatch(value) else "give the id of an organization, o-…"), value


_SOURCE_CHECKS: Final[Mapping[SourceKind, _EndCheck]] = {
    SourceKind.ACCOUNT: _any_account,
    SourceKind.ORGANIZATIONAL_UNIT: _unit,
    SourceKind.PRINCIPAL: _principal,
    SourceKind.VENDOR: _vendor,
    SourceKind.PROVIDER: _form(
        _PROVIDER,
        "give the host of the provider, such as token.actions.githubusercontent.com, saml or "
        "its ARN",
    ),
    SourceKind.SERVICE: _form(_SERVICE, "give a service principal, such as events.amazonaws.com"),
    SourceKind.ORGANIZATION: _organization,
    SourceKind.EVERYONE: _form(re.compile(r"\*"), "everyone is written *"),
}
_TARGET_CHECKS: Final[Mapping[TargetKind, _EndCheck]] = {
    TargetKind.ACCOUNT: _own_account,
    TargetKind.ORGANIZATIONAL_UNIT: _unit,
    TargetKind.RESOURCE: _arn,
    TargetKind.ENVIRONMENT: _environment,
}
