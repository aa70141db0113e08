"""The roles that a proposed SCP leaves alone: they look into accounts and rescue them."""

from governance.baseline.guardrails.parameters import parameters_of
from inventory.models import Connection


def spared_roles(connection: Connection) -> tuple[str, ...]:
    """Return patterns of `aws:PrincipalArn`: break-glass, audit and platform roles, and ours."""
    values = parameters_of(connection).values
    return tuple(
        dict.fromkeys(
            (
                *values["break_glass_roles"],
                *values["audit_roles"],
                *values["platform_roles"],
                f"arn:aws:iam::*:role/{connection.audit_role_name}",
            )
        )
    )
