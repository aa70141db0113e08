"""A plan → the objects that CloudTrail has delivered until the organization was seeded.

How often each call is made on each day is drawn from a Poisson distribution, the same for the same
seed; what an SCP of the organization denies is denied with AWS's message. Some events come twice
and some late, as they do from CloudTrail.
"""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from isal import igzip

from demo.cloudtrail.events import EventTemplate, EventText, event_members
from demo.cloudtrail.identities import (
    CREATED,
    SESSION,
    Identity,
    NoSuchPrincipal,
    identity_of,
)
from demo.cloudtrail.plan import ActivityPlan, CallPlan, CloudTrailPlan, PlantedEvent
from demo.seeding.plan import AccountPlan
from demo.seeding.reading import BadOrganization, Node
from demo.seeding.variables import substituted
from demo.simulator.authorization import Question
from demo.simulator.calls import Caller
from demo.simulator.errors import AwsError
from demo.simulator.organizations.state import Organization
from demo.simulator.permissions import check_service_control, context_of
from inventory.cloudtrail.mapping import map_event

_DAY_SECONDS: Final = 86_400
_TWICE: Final = 0.004
"""The share of events that are delivered a second time, in a later object."""
_LATE: Final = 0.01
"""The share of objects that are delivered a day late."""
_HOURS: Final = {
    "always": np.ones(24),
    "office": np.array([0] * 6 + [1, 3, 6, 8, 8, 7, 5, 7, 8, 7, 5, 2, 1, 1] + [0] * 4, float),
    "night": np.array([2, 8, 8, 4, 1] + [0] * 17 + [1, 2], float),
    "daily": np.array([1] + [0] * 23, float),
}
_WEEKEND: Final = {"always": 0.8, "office": 0.06, "night": 1.0, "daily": 1.0}
# Services with one endpoint record where their home is.
_GLOBAL: Final = frozenset({"iam", "organizations", "cloudfront", "ce", "support"})
_HOME: Final = "us-east-1"


@dataclass(frozen=True, slots=True)
class LogObject:
    """An object in the trail's bucket. `at`: when it was delivered. `body`: gzip."""

    key: str
    at: datetime
    body: bytes


@dataclass(frozen=True, slots=True)
class TrailWriter:
    """How the keys of an organization's trail are named. `number`: of an object, for its name."""

    organization_id: str

    def log_object(
        self, account_id: str, region: str, day: datetime, at: datetime, number: int, events: str
    ) -> LogObject:
        """Return an object with events, each JSON, separated by commas."""
        name = f"{account_id}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{_unique(number)}.json.gz"
        folder = f"AWSLogs/{self.organization_id}/{account_id}/CloudTrail/{region}/{day:%Y/%m/%d}"
        text = b'{"Records":[' + events.encode() + b"]}"
        body = igzip.compress(text, compresslevel=1, mtime=int(at.timestamp()))
        return LogObject(f"{folder}/{name}", at, body)


def _unique(number: int) -> str:
    """Return 16 letters and digits, another for each number, in no order of time."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    value = (number + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 62**16
    letters = []
    for _ in range(16):
        value, index = divmod(value, 62)
        letters.append(alphabet[index])
    return "".join(letters)


@dataclass(frozen=True, slots=True)
class _AlikeCalls:
    """A call that one principal makes in one region. `copy`: for the other account's log, too."""

    template: EventTemplate
    account_id: str
    region: str
    when: str
    per_day: float
    sessions: tuple[str, ...]
    copy: tuple[EventTemplate, str] | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """Everything that objects are made from. `variables`: of each account, by its id."""

    plan: CloudTrailPlan
    organization: Organization
    accounts: tuple[AccountPlan, ...]
    variables: Mapping[str, Mapping[str, str]]
    seeded_at: datetime

    def objects(self) -> list[LogObject]:
        """Return all objects, in order of their keys.

        :raises BadOrganization: the files name an account that is not there.
        """
        self._check_accounts()
        rng = np.random.default_rng(self.plan.seed)
        classes = list(self._classes())
        texts = self._drawn(classes, rng)
        for account_id, region, at, text in self._planted():
            texts[account_id, region, _day_of(at)].append((at.timestamp(), text))
        return self._packed(texts, rng)

    def _check_accounts(self) -> None:
        names = {account.name for account in self.accounts}
        named = [name for each in self.plan.activities for name in each.accounts]
        named += [each.account for each in self.plan.planted]
        named += [each.account for each in self.plan.missing]
        for name in named:
            if name not in names:
                raise BadOrganization(f"CloudTrail: there is no account {name!r}")

    def _classes(self) -> Iterator[_AlikeCalls]:
        for activity in self.plan.activities:
            for account in self.accounts:
                if not _takes_part(activity, account):
                    continue
                variables = self.variables[account.account_id]
                if activity.assumes is not None:
                    yield from self._assumptions(activity, account)
                    continue
                name = _substituted(activity.by.role, variables)
                try:
                    identity = identity_of(
                        replace(activity.by, role=name),
                        account.account_id,
                        mfa=activity.mfa,
                        invoked_by=activity.invoked_by,
                    )
                except NoSuchPrincipal:
                    continue
                sessions = tuple(_substituted(each, variables) for each in activity.by.sessions)
                for region in activity.regions:
                    for call_name, per_day in activity.calls.items():
                        call = self.plan.calls[call_name]
                        yield _AlikeCalls(
                            EventTemplate(self._text(call, activity, account, region, identity)),
                            account.account_id,
                            _HOME if call.source in _GLOBAL else region,
                            activity.when,
                            per_day,
                            sessions,
                        )

    def _text(
        self,
        call: CallPlan,
        activity: ActivityPlan,
        account: AccountPlan,
        region: str,
        identity: Identity,
    ) -> EventText:
        recorded = _HOME if call.source in _GLOBAL else region
        variables = {**self.variables[account.account_id], "region": recorded}
        resources = _deep(call.resources, variables)
        error, message = self._denial(call, account, recorded, identity, resources, variables)
        return EventText(
            source=call.source,
            name=call.name,
            region=recorded,
            recipient=account.account_id,
            identity=identity.members,
            address=activity.invoked_by or activity.address,
            agent=activity.invoked_by or activity.agent,
            is_read=call.is_read,
            is_data=call.is_data,
            request=_deep(call.request, variables),
            resources=resources,
            error=error,
            message=message,
        )

    def _denial(
        self,
        call: CallPlan,
        account: AccountPlan,
        region: str,
        identity: Identity,
        resources: Any,
        variables: Mapping[str, str],
    ) -> tuple[str, str]:
        """Return the code and message with which an SCP denies a call, else empty texts."""
        actions = map_event(f"{call.source}.amazonaws.com", call.name).actions
        if not actions:
            return "", ""
        caller = Caller(
            account.account_id,
            identity.session_arn,
            identity.arn,
            str(identity.members["type"]).replace("IAMUser", "User"),
            str(identity.members.get("principalId", "")),
            "",
            "",
        )
        context = context_of(self.organization, caller, region=region, now=self.seeded_at)
        context |= {key.lower(): _substituted(v, variables) for key, v in call.context.items()}
        named = _substituted(call.resource, variables) if call.resource else ""
        resource = named or (resources[0]["ARN"] if resources else "*")
        try:
            check_service_control(
                self.organization, caller, Question(actions[0], resource, context)
            )
        except AwsError as error:
            if call.source == "ec2":
                return "Client.UnauthorizedOperation", (
                    "You are not authorized to perform this operation. " + error.message
                )
            return ("AccessDenied" if call.source in {"s3", "iam", "sts"} else error.code), (
                error.message
            )
        return "", ""

    def _assumptions(self, activity: ActivityPlan, target: AccountPlan) -> Iterator[_AlikeCalls]:
        """Yield a caller's AssumeRole: in the log of the role's account and in the caller's."""
        assumes = activity.assumes
        if assumes is None:
            return
        own = [each for each in self.accounts if each.name in activity.accounts]
        caller_account = own[0].account_id if own else ""
        targets = self.accounts if own else (target,)
        for each in targets:
            if each.account_id == caller_account:
                continue
            try:
                role = identity_of(
                    replace(activity.by, role=assumes.role, account="", user=""),
                    each.account_id,
                    mfa=False,
                    invoked_by="",
                )
                identity = identity_of(
                    activity.by, caller_account or each.account_id, mfa=False, invoked_by=""
                )
            except NoSuchPrincipal:
                continue
            foreign = {
                "type": "AWSAccount",
                "principalId": identity.members["principalId"],
                "accountId": identity.members["accountId"],
            }
            text = EventText(
                source="sts",
                name="AssumeRole",
                region=activity.regions[0],
                recipient=each.account_id,
                identity=foreign,
                address=activity.address,
                agent=activity.agent,
                is_read=True,
                request={"roleArn": role.arn, "roleSessionName": assumes.session},
                resources=[
                    {"ARN": role.arn, "accountId": each.account_id, "type": "AWS::IAM::Role"}
                ],
                shared_event_id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{identity.arn}>{role.arn}")),
            )
            copy = None
            if caller_account:
                of_caller = replace(text, recipient=caller_account, identity=identity.members)
                copy = (EventTemplate(of_caller), caller_account)
            yield _AlikeCalls(
                EventTemplate(text),
                each.account_id,
                activity.regions[0],
                activity.when,
                assumes.per_day,
                activity.by.sessions,
                copy,
            )

    def _drawn(
        self, classes: list[_AlikeCalls], rng: np.random.Generator
    ) -> dict[tuple[str, str, int], list[tuple[float, str]]]:
        """Return the events of each account, region and day, with their times."""
        last = _day_of(self.seeded_at)
        days = np.arange(last - self.plan.days, last + 1)
        is_weekend = np.array([(day + 3) % 7 >= 5 for day in days])  # 1970-01-01 was a Thursday
        per_day = np.array([each.per_day for each in classes])
        weekend = np.array([_WEEKEND[each.when] for each in classes])
        means = per_day[:, None] * np.where(is_weekend[None, :], weekend[:, None], 1.0)
        is_exact = np.array([each.when == "daily" for each in classes])
        counts = np.where(is_exact[:, None], means.astype(int), rng.poisson(means))
        found: dict[tuple[str, str, int], list[tuple[float, str]]] = defaultdict(list)
        ends_at = self.seeded_at.timestamp()
        for number, alike in enumerate(classes):
            day_of_event = np.repeat(days, counts[number])
            n = len(day_of_event)
            if not n:
                continue
            weights = _HOURS[alike.when]
            hours = rng.choice(24, n, p=weights / weights.sum())
            times = day_of_event * _DAY_SECONDS + hours * 3600 + rng.integers(0, 3600, n)
            ids = rng.bytes(32 * n).hex()
            who = rng.integers(0, max(1, len(alike.sessions)), n)
            for index, at in enumerate(times.tolist()):
                if at >= ends_at:
                    continue
                values = _values(at, ids[64 * index : 64 * index + 64], alike, int(who[index]))
                key = (alike.account_id, alike.region, int(day_of_event[index]))
                found[key].append((at, alike.template.filled(values)))
                if alike.copy is not None:
                    template, account_id = alike.copy
                    other = (values[0], _uuid(ids[64 * index + 7 : 64 * index + 39]), *values[2:])
                    key = (account_id, alike.region, int(day_of_event[index]))
                    found[key].append((at, template.filled(other)))
        return found

    def _planted(self) -> Iterator[tuple[str, str, datetime, str]]:
        by_name = {account.name: account for account in self.accounts}
        for number, event in enumerate(self.plan.planted):
            account = by_name[event.account]
            for repeat in range(event.times):
                at = self.seeded_at - timedelta(days=event.days_ago, minutes=-repeat)
                if at > self.seeded_at:
                    break
                text = json.dumps(
                    self._planted_members(event, account, at, f"{number}/{repeat}"),
                    separators=(",", ":"),
                )
                yield account.account_id, event.region, at, text

    def _planted_members(
        self, event: PlantedEvent, account: AccountPlan, at: datetime, salt: str
    ) -> dict[str, Any]:
        variables = {**self.variables[account.account_id], "region": event.region}
        by = replace(event.by, role=_substituted(event.by.role, variables))
        try:
            identity = identity_of(by, account.account_id, mfa=False, invoked_by="")
        except NoSuchPrincipal as error:
            raise BadOrganization(f"planted-events.yaml: {event.rule}: {error}") from error
        moment = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        named = json.dumps(identity.members)
        for mark, value in ((SESSION, by.sessions[0] if by.sessions else ""), (CREATED, moment)):
            named = named.replace(mark, value)
        unique = f"{self.organization.organization_id}/{self.seeded_at}/{event.rule}/{salt}"
        return event_members(
            EventText(
                source=event.source,
                name=event.name,
                region=event.region,
                recipient=account.account_id,
                identity=json.loads(named),
                address=event.address,
                agent=event.agent,
                is_read=event.is_read,
                event_type=event.event_type,
                request=_deep(event.request, variables),
                response=_deep(event.response, variables),
                resources=_deep(event.resources, variables),
                error=event.error,
                message=_substituted(event.message, variables),
                more=_deep(event.more, variables) or {},
            ),
            at=moment,
            event_id=str(uuid.uuid5(uuid.NAMESPACE_OID, unique)),
            request_id=str(uuid.uuid5(uuid.NAMESPACE_OID, unique + "/request")),
        )

    def _packed(
        self,
        texts: Mapping[tuple[str, str, int], list[tuple[float, str]]],
        rng: np.random.Generator,
    ) -> list[LogObject]:
        writer = TrailWriter(self.organization.organization_id)
        missing = self._missing()
        late = rng.random(len(texts)) < _LATE
        objects = []
        again: dict[tuple[str, str], list[str]] = defaultdict(list)
        for number, key in enumerate(sorted(texts)):
            account_id, region, day = key
            if key in missing:
                continue
            events = [text for _, text in sorted(texts[key])]
            delivered = [*again.pop((account_id, region), ()), *events]
            twice = rng.random(len(events)) < _TWICE
            again[account_id, region] += [events[index] for index in np.flatnonzero(twice)]
            starts_at = datetime.fromtimestamp(day * _DAY_SECONDS, UTC)
            at = min(starts_at + timedelta(days=2 if late[number] else 1), self.seeded_at)
            objects.append(
                writer.log_object(account_id, region, starts_at, at, number, ",".join(delivered))
            )
        return sorted(objects, key=lambda each: each.key)

    def _missing(self) -> set[tuple[str, str, int]]:
        ids = {account.name: account.account_id for account in self.accounts}
        today = _day_of(self.seeded_at)
        return {
            (ids[each.account], each.region, today - days)
            for each in self.plan.missing
            for days in each.days_ago
        }


def _takes_part(activity: ActivityPlan, account: AccountPlan) -> bool:
    if account.state != "ACTIVE":
        return False
    if activity.accounts and account.name not in activity.accounts:
        return False
    return not activity.units or any(
        account.unit_path == unit or account.unit_path.startswith(f"{unit}/")
        for unit in activity.units
    )


def _values(at: float, digits: str, alike: _AlikeCalls, who: int) -> tuple[str, str, str, str, str]:
    moment = datetime.fromtimestamp(at, UTC)
    began = moment - timedelta(seconds=int(digits[:3], 16) % 3000)
    return (
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        _uuid(digits[:32]),
        _uuid(digits[32:]),
        alike.sessions[who] if alike.sessions else "",
        f"{began:%Y-%m-%dT%H:%M:%SZ}",
    )


def _uuid(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:32]}"


def _day_of(at: datetime) -> int:
    """Return the days since 1970 in UTC."""
    return int(at.timestamp()) // _DAY_SECONDS


def _substituted(text: str, variables: Mapping[str, str]) -> str:
    return str(substituted(Node("CloudTrail", text), variables))


def _deep(value: Any, variables: Mapping[str, str]) -> Any:
    return substituted(Node("CloudTrail", value), variables)
