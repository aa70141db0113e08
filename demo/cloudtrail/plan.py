"""activity.yaml and planted-events.yaml → what principals do.

activity.yaml
    days, seed      how many days before the seeding; of the random numbers
    missing         account, region and days_ago: days on which nothing was delivered
    calls           name → one API call, see `CallPlan`
    activities      see `ActivityPlan`

planted-events.yaml
    a list of single events, see `PlantedEvent`
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from demo.seeding.reading import Node, required

SCHEDULES: Final = ("always", "office", "night", "daily")
_REGION: Final = "eu-central-1"
_BY: Final = ("role", "sessions", "user", "root", "service", "account", "saml", "assumed_root")


@dataclass(frozen=True, slots=True)
class CallPlan:
    """One API call. `source`: the event source without `.amazonaws.com`.

    `resources`: as the event lists them. `resource`: the ARN that policies see where the event
    lists none. `is_data`: a data event. `context`: condition keys of the service.
    """

    source: str
    name: str
    is_read: bool = False
    is_data: bool = False
    request: Any = None
    resources: Any = None
    resource: str = ""
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallerPlan:
    """Who calls, by one of: a role of the account and names of its sessions, a user, the account's
    root user, a service, another account, or a person of the SAML provider.

    `assumed_root`: the account's root by a central root session.
    """

    role: str = ""
    sessions: tuple[str, ...] = ()
    user: str = ""
    root: bool = False
    service: str = ""
    account: str = ""
    saml: str = ""
    assumed_root: bool = False


@dataclass(frozen=True, slots=True)
class AssumptionPlan:
    """A role that the callers of an activity assume, in their own or in every account with it."""

    role: str
    session: str
    per_day: float


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    """What a principal does in every account that has it, or in some.

    `calls`: name → how often a day, about; with `daily` exactly, early in each day.
    """

    by: CallerPlan
    calls: Mapping[str, float] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    regions: tuple[str, ...] = (_REGION,)
    when: str = "always"
    address: str = "10.0.0.12"
    agent: str = "aws-sdk-go-v2/1.26.1"
    invoked_by: str = ""
    mfa: bool = False
    assumes: AssumptionPlan | None = None


@dataclass(frozen=True, slots=True)
class PlantedEvent:
    """One event that a detection must find. `rule`: the detection's id.

    `times`: how often, a minute apart. `response`: `responseElements`. `event_type`: CloudTrail's.
    """

    rule: str
    account: str
    by: CallerPlan
    source: str
    name: str
    days_ago: float
    region: str
    request: Any = None
    response: Any = None
    more: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    message: str = ""
    address: str = "203.0.113.99"
    agent: str = "AWS Internal"
    event_type: str = "AwsApiCall"
    is_read: bool = False
    resources: Any = None
    times: int = 1


@dataclass(frozen=True, slots=True)
class MissingDays:
    """Days without a delivery for an account and region."""

    account: str
    region: str
    days_ago: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CloudTrailPlan:
    """Everything that the two files say."""

    days: int
    seed: int
    calls: Mapping[str, CallPlan]
    activities: tuple[ActivityPlan, ...]
    missing: tuple[MissingDays, ...] = ()
    planted: tuple[PlantedEvent, ...] = ()


def read_cloudtrail_plan(activity: Node, planted: Node | None) -> CloudTrailPlan:
    """Read both files.

    :raises BadOrganization: an entry is wrong; the text names file and key.
    """
    entries = activity.mapping("days", "seed", "missing", "calls", "activities")
    calls = {
        name: _call(node) for name, node in required(entries, "calls", activity).mapping().items()
    }
    return CloudTrailPlan(
        days=int(required(entries, "days", activity).number()),
        seed=int(required(entries, "seed", activity).number()),
        calls=calls,
        activities=tuple(
            _activity(node, calls) for node in required(entries, "activities", activity).items()
        ),
        missing=tuple(_missing(entries["missing"])) if "missing" in entries else (),
        planted=tuple(_planted(node) for node in planted.items()) if planted is not None else (),
    )


def _missing(node: Node) -> Iterator[MissingDays]:
    for item in node.items():
        entries = item.mapping("account", "region", "days_ago")
        days = required(entries, "days_ago", item)
        yield MissingDays(
            required(entries, "account", item).text(),
            required(entries, "region", item).text(),
            tuple(int(day) for day in days.value),
        )


def _call(node: Node) -> CallPlan:
    entries = node.mapping(
        *("source", "name", "read", "data", "request", "resources", "resource", "context")
    )
    return CallPlan(
        source=required(entries, "source", node).text(),
        name=required(entries, "name", node).text(),
        is_read="read" in entries and entries["read"].flag(),
        is_data="data" in entries and entries["data"].flag(),
        request=_value(entries, "request"),
        resources=_value(entries, "resources"),
        resource=entries["resource"].text() if "resource" in entries else "",
        context=entries["context"].tags() if "context" in entries else {},
    )


def _activity(node: Node, calls: Mapping[str, CallPlan]) -> ActivityPlan:
    entries = node.mapping(
        *("by", "calls", "accounts", "units", "regions", "when", "address", "agent"),
        *("invoked_by", "mfa", "assumes", "note"),
    )
    made = {
        name: each.number()
        for name, each in (entries["calls"].mapping() if "calls" in entries else {}).items()
    }
    for name in made:
        if name not in calls:
            raise node.bad(f"there is no call {name!r}")
    when = _text(entries, "when", "always")
    if when not in SCHEDULES:
        raise entries["when"].bad(f"a schedule is one of {', '.join(SCHEDULES)}")
    return ActivityPlan(
        by=_caller(required(entries, "by", node)),
        calls=made,
        accounts=tuple(entries["accounts"].texts()) if "accounts" in entries else (),
        units=tuple(entries["units"].texts()) if "units" in entries else (),
        regions=tuple(entries["regions"].texts()) if "regions" in entries else (_REGION,),
        when=when,
        address=_text(entries, "address", "10.0.0.12"),
        agent=_text(entries, "agent", "aws-sdk-go-v2/1.26.1"),
        invoked_by=_text(entries, "invoked_by", ""),
        mfa="mfa" in entries and entries["mfa"].flag(),
        assumes=_assumption(entries["assumes"]) if "assumes" in entries else None,
    )


def _assumption(node: Node) -> AssumptionPlan:
    entries = node.mapping("role", "session", "per_day")
    return AssumptionPlan(
        required(entries, "role", node).text(),
        required(entries, "session", node).text(),
        required(entries, "per_day", node).number(),
    )


def _caller(node: Node) -> CallerPlan:
    entries = node.mapping(*_BY)
    return CallerPlan(
        role=_text(entries, "role", ""),
        sessions=tuple(entries["sessions"].texts()) if "sessions" in entries else (),
        user=_text(entries, "user", ""),
        root="root" in entries and entries["root"].flag(),
        service=_text(entries, "service", ""),
        account=_text(entries, "account", ""),
        saml=_text(entries, "saml", ""),
        assumed_root="assumed_root" in entries and entries["assumed_root"].flag(),
    )


def _planted(node: Node) -> PlantedEvent:
    entries = node.mapping(
        *("rule", "account", "by", "source", "name", "days_ago", "region", "request", "response"),
        *("more", "error", "message", "address", "agent", "event_type", "read", "resources"),
        *("times", "note"),
    )
    return PlantedEvent(
        rule=required(entries, "rule", node).text(),
        account=required(entries, "account", node).text(),
        by=_caller(required(entries, "by", node)),
        source=required(entries, "source", node).text(),
        name=required(entries, "name", node).text(),
        days_ago=required(entries, "days_ago", node).number(),
        region=_text(entries, "region", _REGION),
        request=_value(entries, "request"),
        response=_value(entries, "response"),
        more=_value(entries, "more") or {},
        error=_text(entries, "error", ""),
        message=_text(entries, "message", ""),
        address=_text(entries, "address", "203.0.113.99"),
        agent=_text(entries, "agent", "AWS Internal"),
        event_type=_text(entries, "event_type", "AwsApiCall"),
        is_read="read" in entries and entries["read"].flag(),
        resources=_value(entries, "resources"),
        times=int(entries["times"].number()) if "times" in entries else 1,
    )


def _text(entries: Mapping[str, Node], key: str, otherwise: str) -> str:
    return entries[key].text() if key in entries else otherwise


def _value(entries: Mapping[str, Node], key: str) -> Any:
    return entries[key].value if key in entries else None
