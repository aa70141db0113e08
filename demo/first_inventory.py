"""Connects Orgwarden to the simulator's organization and has it read for the first time.

`python -m demo.first_inventory ORGANIZATION ENDPOINT ENDED` makes the file ENDED when the first run
has ended, and at once if there has been one before: from then on the schedule cares for it. Then
the demo's people do what they do, and it ends.
"""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
import django
import yaml
from botocore.config import Config
from django.utils import timezone
from django.utils.text import slugify

from demo.changes import ensure_changes
from demo.contracts import ensure_contracts
from demo.drift import ensure_drift
from demo.exceptions import ensure_exceptions
from demo.log_source import ensure_log_source
from demo.owners import ensure_owners
from demo.places import ensure_places
from demo.regions import HOME_REGION, REGIONS_READ
from demo.simulator import credentials

if TYPE_CHECKING:
    from inventory.models import Connection, InventoryRun

_STARTS_WITHIN_SECONDS: Final = 120


class NotStarted(RuntimeError):
    """No worker has started a run."""


def management_account(endpoint: str) -> tuple[str, str]:
    """Return id and name of the management account of the organization at `endpoint`.

    AWS: organizations:DescribeOrganization, organizations:DescribeAccount.
    """
    organizations = boto3.client(
        "organizations",
        region_name=HOME_REGION,
        endpoint_url=endpoint,
        aws_access_key_id=credentials.CONSOLE.access_key_id,
        aws_secret_access_key=credentials.CONSOLE.secret_access_key,
        config=Config(retries={"max_attempts": 8, "mode": "standard"}),
    )
    account_id = organizations.describe_organization()["Organization"]["MasterAccountId"]
    account = organizations.describe_account(AccountId=account_id)["Account"]
    return account_id, account["Name"]


def given_name(organization: Path) -> str | None:
    """Return the name that an organization's folder gives it; AWS knows none of organizations.

    A single file goes by its own name, or by its folder's where it is called `organization.json`.
    """
    if organization.is_file():
        stem = organization.stem
        return organization.resolve().parent.name if stem == "organization" else stem
    head = organization / "organization.yaml"
    if not head.exists():
        return None
    name = yaml.safe_load(head.read_text(encoding="utf-8")).get("name")
    return None if name is None else str(name)


def ensure_connection(*, endpoint: str, account_id: str, name: str) -> "Connection":
    """Return the connection to the organization of this management account, made if need be.

    Connections to other organizations that the simulator has shown before keep their rows, but
    are switched off: nothing answers for them now.
    """
    from inventory.models import Connection

    arn = f"arn:aws:iam::{account_id}:role/{credentials.ORGANIZATION_READER_ROLE}"
    connection = Connection.objects.filter(organization_role_arn=arn).first()
    if connection is None:
        connection = Connection(
            name=name,
            slug=slugify(name),
            organization_role_arn=arn,
            audit_role_name=credentials.AUDIT_ROLE,
            external_id=credentials.EXTERNAL_ID,
            home_region=HOME_REGION,
            regions=list(REGIONS_READ),
        )
    connection.apply_role_arn = f"arn:aws:iam::{account_id}:role/{credentials.APPLY_ROLE}"
    connection.endpoint_url = endpoint
    connection.enabled = True
    connection.full_clean()
    connection.save()
    others = Connection.objects.exclude(pk=connection.pk).filter(
        external_id=credentials.EXTERNAL_ID
    )
    others.update(enabled=False)
    return connection


def _ended_run(connection: "Connection") -> "InventoryRun | None":
    ended = connection.runs.filter(account_ids__isnull=True, finished_at__isnull=False)
    return ended.order_by("-finished_at").first()


def read_for_the_first_time(connection: "Connection") -> "InventoryRun":
    """Have workers start what is due, as beat does each minute, and wait until a run has ended.

    :raises NotStarted: no worker has started one.
    """
    from governance.config.celery import app

    for task in ("inventory.resume_runs", "inventory.start_due_runs"):
        app.send_task(task)
    began = time.monotonic()
    printed, has_started = "", False
    while (ended := _ended_run(connection)) is None:
        active = connection.runs.filter(finished_at__isnull=True).first()
        has_started = has_started or active is not None
        if not has_started and time.monotonic() - began > _STARTS_WITHIN_SECONDS:
            raise NotStarted(f"no worker has started a run in {_STARTS_WITHIN_SECONDS} s")
        if active is not None and active.tasks_total:
            progress = f"{active.tasks_done} of {active.tasks_total} parts of accounts"
            if progress != printed:
                print(progress, flush=True)
                printed = progress
        time.sleep(0.3)
    return ended


def main(organization: Path, endpoint: str, ended: Path) -> None:
    """Connect, read if nothing has been read yet, make the file `ended`, and have people act."""
    django.setup()
    account_id, account_name = management_account(endpoint)
    name = given_name(organization) or account_name
    connection = ensure_connection(endpoint=endpoint, account_id=account_id, name=name)
    if _ended_run(connection) is not None:
        print(f"{connection.name} has been read before; the schedule cares for it now")
    else:
        run = read_for_the_first_time(connection)
        print(f"the first inventory is {run.get_state_display().lower()}. {run.error}".rstrip())
    ended.touch()
    if source := ensure_log_source(connection, now=timezone.now()):
        print(f"what CloudTrail recorded is read from {source.bucket}")
    if ensure_owners(connection, now=timezone.now()):
        print("OUs and accounts have owners, with some gaps left")
    if given := ensure_places(connection, now=timezone.now()):
        print(f"{', '.join(given)} hold roles in a part of the organization")
    if contracts := ensure_contracts(connection, now=timezone.now()):
        print(f"trust contracts are {', '.join(sorted(set(contracts)))}")
    if differs := ensure_drift(connection, now=timezone.now()):
        print(f"the baseline is in force; {differs} things differ from it")
    if exceptions := ensure_exceptions(connection, now=timezone.now()):
        print(f"exceptions are {', '.join(sorted(set(exceptions)))}")
    if states := ensure_changes(connection, now=timezone.now()):
        print(f"change requests are {', '.join(states)}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
    except NotStarted as problem:
        sys.exit(str(problem))
