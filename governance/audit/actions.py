"""The acts that the audit log knows, as `subject.verb`, and how screens name them.

`audit_record` refuses an act that is not declared here.
"""

from typing import Final

TOKEN_ISSUE: Final = "token.issue"  # noqa: S105
TOKEN_REVOKE: Final = "token.revoke"  # noqa: S105
ROLE_ASSIGN: Final = "role.assign"
ROLE_WITHDRAW: Final = "role.withdraw"
CONNECTION_CONNECT: Final = "connection.connect"
CONNECTION_CHANGE: Final = "connection.change"
CONNECTION_SWITCH: Final = "connection.switch"
CONNECTION_TEST: Final = "connection.test"
RUN_START: Final = "run.start"
RUN_RETRY: Final = "run.retry"
RUN_REFRESH: Final = "run.refresh"
RUN_CANCEL: Final = "run.cancel"
DELETION_CONFIRM: Final = "deletion.confirm"
SIMULATION_CREATE: Final = "simulation.create"
SIMULATION_EDIT: Final = "simulation.edit"
SIMULATION_DELETE: Final = "simulation.delete"
DATA_EXPORT: Final = "data.export"
AUDIT_EXPORT: Final = "audit.export"

LABELS: Final[dict[str, str]] = {
    TOKEN_ISSUE: "Token issued",
    TOKEN_REVOKE: "Token revoked",
    ROLE_ASSIGN: "Role assigned",
    ROLE_WITHDRAW: "Role withdrawn",
    CONNECTION_CONNECT: "Organization connected",
    CONNECTION_CHANGE: "Connection changed",
    CONNECTION_SWITCH: "Connection switched on or off",
    CONNECTION_TEST: "Connection tested",
    RUN_START: "Run started",
    RUN_RETRY: "Accounts of a run retried",
    RUN_REFRESH: "Accounts refreshed",
    RUN_CANCEL: "Run cancelled",
    DELETION_CONFIRM: "Suspected deletion confirmed",
    SIMULATION_CREATE: "Simulation draft saved",
    SIMULATION_EDIT: "Simulation draft edited",
    SIMULATION_DELETE: "Simulation draft deleted",
    DATA_EXPORT: "Data exported",
    AUDIT_EXPORT: "Audit log exported",
}
