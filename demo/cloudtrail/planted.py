"""planted-events.yaml → single events at their times."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from demo.cloudtrail.events import EventText, event_members
from demo.cloudtrail.identities import CREATED, SESSION, NoSuchPrincipal, identity_of
from demo.cloudtrail.inputs import HistoryInput, filled_text, filled_value
from demo.cloudtrail.plan import PlantedEvent
from demo.seeding.plan import AccountPlan
from demo.seeding.reading import BadOrganization


@dataclass(frozen=True, slots=True)
class LoggedText:
    """An event's JSON, and in whose log it is."""

    account_id: str
    region: str
    at: datetime
    text: str


def planted_events(given: HistoryInput) -> Iterator[LoggedText]:
    """Yield the planted events that happened before the seeding.

    :raises BadOrganization: an account has no principal of the name that an event gives.
    """
    by_name = {account.name: account for account in given.accounts}
    for number, event in enumerate(given.plan.planted):
        account = by_name[event.account]
        for repeat in range(event.times):
            at = given.seeded_at - timedelta(days=event.days_ago, minutes=-repeat)
            if at > given.seeded_at:
                break
            text = json.dumps(
                _members(given, event, account, at, f"{number}/{repeat}"),
                separators=(",", ":"),
            )
            yield LoggedText(account.account_id, event.region, at, text)


def _members(
    given: HistoryInput, event: PlantedEvent, account: AccountPlan, at: datetime, salt: str
) -> dict[str, Any]:
    variables = {**given.variables[account.account_id], "region": event.region}
    by = replace(event.by, role=filled_text(event.by.role, variables))
    try:
        identity = identity_of(by, account.account_id, mfa=False, invoked_by="")
    except NoSuchPrincipal as error:
        raise BadOrganization(f"planted-events.yaml: {event.rule}: {error}") from error
    moment = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    named = json.dumps(identity.members)
    for mark, value in ((SESSION, by.sessions[0] if by.sessions else ""), (CREATED, moment)):
        named = named.replace(mark, value)
    unique = f"{given.organization.organization_id}/{given.seeded_at}/{event.rule}/{salt}"
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
            request=filled_value(event.request, variables),
            response=filled_value(event.response, variables),
            resources=filled_value(event.resources, variables),
            error=event.error,
            message=filled_text(event.message, variables),
            more=filled_value(event.more, variables) or {},
        ),
        at=moment,
        event_id=str(uuid.uuid5(uuid.NAMESPACE_OID, unique)),
        request_id=str(uuid.uuid5(uuid.NAMESPACE_OID, unique + "/request")),
    )
