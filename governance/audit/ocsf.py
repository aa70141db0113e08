"""Entries as events of the Open Cybersecurity Schema Framework, for a SIEM.

https://schema.ocsf.io/1.3.0: acts on people and sessions are events of Identity & Access
Management; what has no class of its own is Entity Management; exports are Datastore Activity.
"""

from typing import Any, Final

from governance.audit.actions import label_of
from governance.audit.models import AuditEntry

VERSION: Final = "1.3.0"
ACCOUNT_CHANGE: Final = 3001
AUTHENTICATION: Final = 3002
ENTITY_MANAGEMENT: Final = 3004
USER_ACCESS_MANAGEMENT: Final = 3005
GROUP_MANAGEMENT: Final = 3006
DATASTORE_ACTIVITY: Final = 6005
OTHER: Final = 99

CLASS_NAMES: Final = {
    ACCOUNT_CHANGE: "Account Change",
    AUTHENTICATION: "Authentication",
    ENTITY_MANAGEMENT: "Entity Management",
    USER_ACCESS_MANAGEMENT: "User Access Management",
    GROUP_MANAGEMENT: "Group Management",
    DATASTORE_ACTIVITY: "Datastore Activity",
}
CATEGORY_NAMES: Final = {3: "Identity & Access Management", 6: "Application Activity"}

# What is no act on an entity of ours: class and activity.
_ACTIVITIES: Final[dict[str, tuple[int, int]]] = {
    "person.sign_in": (AUTHENTICATION, 1),
    "person.use_break_glass": (AUTHENTICATION, 1),
    "person.prove": (AUTHENTICATION, OTHER),
    "person.sign_out": (AUTHENTICATION, 2),
    "session.end": (AUTHENTICATION, 2),
    "person.create": (ACCOUNT_CHANGE, 1),
    "person.invite": (ACCOUNT_CHANGE, 1),
    "person.reactivate": (ACCOUNT_CHANGE, 2),
    "password.change": (ACCOUNT_CHANGE, 3),
    "person.deactivate": (ACCOUNT_CHANGE, 5),
    "person.lock_out": (ACCOUNT_CHANGE, 9),
    "second_factor.add": (ACCOUNT_CHANGE, 10),
    "second_factor.remove": (ACCOUNT_CHANGE, 11),
    "service_account.create": (ACCOUNT_CHANGE, 1),
    "role.assign": (USER_ACCESS_MANAGEMENT, 3),
    "role.withdraw": (USER_ACCESS_MANAGEMENT, 4),
    "group.create": (GROUP_MANAGEMENT, 6),
    "group.delete": (GROUP_MANAGEMENT, 5),
    "group.change": (GROUP_MANAGEMENT, OTHER),
    "data.export": (DATASTORE_ACTIVITY, 1),
    "audit.export": (DATASTORE_ACTIVITY, 1),
}
# Subjects whose other acts are changes of an account.
_ACCOUNT_SUBJECTS: Final = frozenset(
    {"person", "password", "second_factor", "recovery_codes", "identity", "service_account"}
)
# Activities of Entity Management by the act's verb.
_VERBS: Final = {
    **dict.fromkeys(("add", "connect", "create", "import", "issue", "make", "propose", "start"), 1),
    **dict.fromkeys(("test",), 2),
    **dict.fromkeys(("change", "edit", "rename", "rotate", "set", "switch", "cancel"), 3),
    **dict.fromkeys(("delete", "end", "remove", "revoke"), 4),
}
_STATUSES: Final = {"done": (1, "Success"), "refused": (2, "Failure"), "failed": (2, "Failure")}
_USER_TYPES: Final = {"person": (1, "User"), "system": (3, "System")}


def ocsf_event(entry: AuditEntry) -> dict[str, Any]:
    """Return an entry as one event of OCSF 1.3.0. `metadata.uid` is the entry's id."""
    class_uid, activity_id = class_and_activity(entry.action)
    status_id, status = _STATUSES[entry.outcome]
    event: dict[str, Any] = {
        "activity_id": activity_id,
        "activity_name": label_of(entry.action),
        "category_uid": class_uid // 1000,
        "category_name": CATEGORY_NAMES[class_uid // 1000],
        "class_uid": class_uid,
        "class_name": CLASS_NAMES[class_uid],
        "type_uid": class_uid * 100 + activity_id,
        "time": int(entry.recorded_at.timestamp() * 1000),
        "severity_id": 1 if entry.outcome == "done" else 3,
        "severity": "Informational" if entry.outcome == "done" else "Medium",
        "status_id": status_id,
        "status": status,
        "message": f"{label_of(entry.action)} by {entry.actor_name}",
        "metadata": {
            "version": VERSION,
            "uid": str(entry.pk),
            "event_code": entry.action,
            "product": {"name": "Orgwarden", "vendor_name": "Orgwarden"},
        },
        "actor": {"user": _actor(entry), **_session(entry)},
        "src_endpoint": {"ip": entry.address} if entry.address else {"name": entry.actor_kind},
        **_object(entry, class_uid),
        "unmapped": {
            "outcome": entry.outcome,
            "object_kind": entry.object_kind,
            "object_id": entry.object_id,
            "object_name": entry.object_name,
            "connection_id": entry.connection_id,
            "target_id": entry.target_id,
            "on_behalf_of": entry.on_behalf_of,
            "token_id": entry.token_id,
            "before": entry.before,
            "after": entry.after,
        },
    }
    if entry.request_id:
        event["http_request"] = {"uid": entry.request_id}
    return event


def class_and_activity(action: str) -> tuple[int, int]:
    """Return class and activity of an act; one that OCSF has no word for is Other (99)."""
    if action in _ACTIVITIES:
        return _ACTIVITIES[action]
    subject, _, verb = action.partition(".")
    if subject in _ACCOUNT_SUBJECTS:
        return ACCOUNT_CHANGE, OTHER
    return ENTITY_MANAGEMENT, _VERBS.get(verb, OTHER)


def _actor(entry: AuditEntry) -> dict[str, Any]:
    type_id, type_name = _USER_TYPES.get(entry.actor_kind, (OTHER, entry.actor_kind))
    user: dict[str, Any] = {"name": entry.actor_name, "type_id": type_id, "type": type_name}
    if entry.actor_id is not None:
        user["uid"] = str(entry.actor_id)
    return user


def _session(entry: AuditEntry) -> dict[str, Any]:
    return {"session": {"uid": entry.session}} if entry.session else {}


def _object(entry: AuditEntry, class_uid: int) -> dict[str, Any]:
    """Return what the class demands of the object that was acted on."""
    named = {"uid": entry.object_id, "name": entry.object_name or entry.object_id}
    if class_uid == AUTHENTICATION:
        return {"user": named, "service": {"name": "Orgwarden"}, "is_remote": True}
    if class_uid in {ACCOUNT_CHANGE, USER_ACCESS_MANAGEMENT}:
        return {"user": named}
    if class_uid == GROUP_MANAGEMENT:
        return {"group": named}
    if class_uid == DATASTORE_ACTIVITY:
        return {"table": named}
    return {"entity": {**named, "type_id": OTHER, "type": entry.object_kind}}
