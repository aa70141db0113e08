"""What to deploy for a connection: the templates of docs/roles with its values filled in."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from inventory.collecting.sessions import APPLY_TEMPLATE, AUDIT_TEMPLATE, ORGANIZATION_TEMPLATE
from inventory.models import Connection

_DEFAULT: Final = re.compile(r"^    Default: .*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Template:
    """A CloudFormation template, filled in. `command` deploys it; `where`: in which accounts."""

    file: str
    where: str
    text: str
    command: str


def templates(connection: Connection, *, with_external_id: bool) -> list[Template]:
    """Return the roles' templates with the connection's role names.

    That of the role that writes is among them where the connection has one.

    `with_external_id`: whether its ExternalId is filled in too, for those who manage connections;
    for others it is left to be asked for.
    """
    external_id = connection.external_id if with_external_id else ""
    reader = connection.organization_role_arn.rpartition("/")[2]
    audit = connection.audit_role_name.rpartition("/")[2]
    apply = connection.apply_role_arn.rpartition("/")[2]
    found = [
        _template(
            ORGANIZATION_TEMPLATE,
            "once, in the account of the organization role",
            "orgwarden-organization-reader",
            external_id,
            reader,
        ),
        _template(
            AUDIT_TEMPLATE,
            "in every account: as a stack set, and as a stack in the management account",
            "orgwarden-audit",
            external_id,
            audit,
        ),
    ]
    if apply:
        where = "once, in the management account, with the apply worker's own identity"
        found.append(_template(APPLY_TEMPLATE, where, "orgwarden-apply", external_id, apply))
    return found


def _template(file: str, where: str, stack: str, external_id: str, role: str) -> Template:
    text = Path(settings.BASE_DIR, file).read_text(encoding="utf-8")
    text = _with_default(text, "RoleName", role)
    if external_id:
        text = _with_default(text, "ExternalId", external_id)
    command = (
        f"aws cloudformation deploy --stack-name {stack} --template-file {Path(file).name} "
        "--capabilities CAPABILITY_NAMED_IAM --parameter-overrides "
        f"TrustedPrincipalArn=ARN-OF-THE-WORKERS-ROLE RoleName={role}"
    )
    if external_id:
        command += f" ExternalId={external_id}"
    return Template(file, where, text, command)


def _with_default(text: str, parameter: str, value: str) -> str:
    """Set a parameter's default in the text of a template."""
    head = f"  {parameter}:\n    Type: String\n"
    before, found, after = text.partition(head)
    if not found:
        return text
    own, others = _split_own(after)
    return f'{before}{head}    Default: "{value}"\n{_DEFAULT.sub("", own)}{others}'


def _split_own(after: str) -> tuple[str, str]:
    """Part the lines of a parameter, indented by four, from what follows it."""
    lines = after.splitlines(keepends=True)
    count = next((n for n, line in enumerate(lines) if not line.startswith("    ")), len(lines))
    return "".join(lines[:count]), "".join(lines[count:])
