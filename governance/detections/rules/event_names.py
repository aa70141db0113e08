"""Whether CloudTrail has an event of a name: calls of IAM actions, and events that are no calls."""

from typing import Final

from governance.edits.suggestions import did_you_mean
from inventory.cloudtrail.events import CloudTrailEvent
from inventory.cloudtrail.mapping import UNMAPPED, action_data, mapping_of
from policies.catalogue import load_catalogue

# Sign-ins and service events; source: CloudTrail user guide, "Non-API events captured by
# CloudTrail", and the Organizations user guide, "Logging and monitoring".
_NO_CALLS: Final = {
    "signin.amazonaws.com": (
        *("ConsoleLogin", "CheckMfa", "SwitchRole", "PasswordUpdated", "EmailUpdated"),
        *("PasswordRecoveryRequested", "PasswordRecoveryCompleted"),
    ),
    "organizations.amazonaws.com": (
        *("AccountJoinedOrganization", "AccountDepartedOrganization"),
        *("CreateAccountResult", "CloseAccountResult"),
    ),
}
_DOMAIN: Final = ".amazonaws.com"


def event_name_problem(source: str, name: str) -> tuple[bool, str]:
    """Return whether it is the source that is wrong, and what is; empty: there is such an event."""
    prefix, domain, rest = source.partition(_DOMAIN)
    if not domain or rest or not prefix:
        return True, f"{source[:80]} is not an event source: write one as iam.amazonaws.com"
    others = _NO_CALLS.get(source, ())
    event = CloudTrailEvent(event_source=source, event_name=name)
    if name in others or mapping_of(event) != UNMAPPED:
        return False, ""
    catalogue = load_catalogue()
    services = action_data()["prefixes"].get(prefix, [prefix])
    spans = [catalogue.service_ranges[one] for one in services if one in catalogue.service_ranges]
    if not spans:
        known = (*catalogue.services, *action_data()["prefixes"])
        hint = did_you_mean(source, [f"{one}{_DOMAIN}" for one in known], cutoff=0.8)
        return True, f"AWS has no event source {source[:80]}{hint}"
    names = [catalogue.names[at].partition(":")[2] for span in spans for at in span]
    hint = did_you_mean(name, [*names, *others])
    return False, f"{source} has no event {name[:80]}{hint}"
