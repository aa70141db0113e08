"""Sessions of the roles that read an organization and its accounts, and how long they try."""

import time
from collections.abc import Sequence
from typing import Final

from botocore.credentials import ReadOnlyCredentials
from django.conf import settings

from inventory.aws.client import AwsClient, CallLog, Patience, assume_role
from inventory.aws.endpoints import check_endpoint
from inventory.aws.explain import AssumedRole
from inventory.aws.pace import Pace, Rate
from inventory.aws.session import RoleRequest, acting_client, own_client, session_policy
from inventory.collectors import registry
from inventory.collectors.collector import GLOBAL_REGION, Collector
from inventory.models import Connection

# Relative to the repository; named in errors.
ORGANIZATION_TEMPLATE: Final = "docs/roles/organization-reader.yaml"
AUDIT_TEMPLATE: Final = "docs/roles/audit.yaml"
APPLY_TEMPLATE: Final = "docs/roles/apply.yaml"
LOG_ARCHIVE_TEMPLATE: Final = "docs/roles/log-archive.yaml"

_STACK_SETS: Final = (
    "this is the management account, which service-managed stack sets leave out: give it a stack "
    "of its own"
)

# Where each partition keeps Organizations, and with it the tags of accounts and OUs.
_ORGANIZATIONS_REGIONS: Final = {
    "aws": "us-east-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-cn": "cn-northwest-1",
}


def organization_role(connection: Connection) -> AssumedRole:
    """Return the role that reads the organization."""
    return AssumedRole(connection.organization_role_arn, ORGANIZATION_TEMPLATE)


def audit_role(connection: Connection, account_id: str) -> AssumedRole:
    """Return the role that reads one account."""
    partition = _partition(connection)
    name = connection.audit_role_name.lstrip("/")
    note = _STACK_SETS if account_id == connection.management_account_id else ""
    return AssumedRole(f"arn:{partition}:iam::{account_id}:role/{name}", AUDIT_TEMPLATE, note)


def _partition(connection: Connection) -> str:
    return connection.organization_role_arn.split(":")[1]


def organization_patience() -> Patience:
    """Return how long the reading of an organization may take."""
    return Patience(
        waiting_seconds=settings.INVENTORY_ORGANIZATION_WAITING_SECONDS,
        ends_at=time.monotonic() + settings.INVENTORY_ORGANIZATION_SECONDS,
    )


def account_patience() -> Patience:
    """Return how long the reading of an account may take."""
    return Patience(
        waiting_seconds=settings.INVENTORY_ACCOUNT_WAITING_SECONDS,
        ends_at=time.monotonic() + settings.INVENTORY_ACCOUNT_SECONDS,
    )


def organization_pace(patience: Patience) -> Pace:
    """Return the pace that Organizations' limits ask for."""
    return Pace(
        rates={name: Rate(*rate) for name, rate in settings.AWS_ORGANIZATIONS_RATES.items()},
        otherwise=Rate(*settings.AWS_ORGANIZATIONS_RATE),
        monotonic=patience.monotonic,
        sleep=patience.sleep,
    )


class Session:
    """Clients that act as one role of a connection, with one patience for all.

    `log`: the calls that opened the session.
    """

    def __init__(
        self,
        connection: Connection,
        role: AssumedRole,
        *,
        collectors: Sequence[Collector],
        live: bool = False,
        paced: bool = False,
        session_name: str,
        duration_seconds: int,
        patience: Patience,
    ) -> None:
        """Prepare; nothing is called before `open`.

        The session may do what `collectors` need, of what the role may. `live`: also what single
        reads outside of runs need. `paced`: some of its clients keep to Organizations' limits,
        together.
        """
        self.log = CallLog()
        self.role = role
        self.needed = registry.needed_actions(collectors, live=live)
        self._connection = connection
        self._patience = patience
        self._waiting_seconds = patience.waiting_seconds
        self._pace = organization_pace(patience) if paced else None
        self._request = RoleRequest(
            role=role,
            external_id=connection.external_id,
            session_name=session_name,
            duration_seconds=duration_seconds,
            policy=session_policy(self.needed),
        )
        self._credentials: ReadOnlyCredentials | None = None

    def forget(self) -> None:
        """Have the role assumed anew when the session is opened next."""
        self._credentials = None

    def wait_for_second_pass(self) -> bool:
        """Let an outage pass, and have patience again; False: the time is used up."""
        return self._patience.renew(
            after_seconds=settings.INVENTORY_SECOND_PASS_SECONDS,
            waiting_seconds=self._waiting_seconds,
        )

    def open(self) -> None:
        """Assume the role, unless it was assumed before.

        AWS: sts:AssumeRole.
        :raises AwsError: it was not assumed, or the endpoint may not be called.
        """
        if self._credentials is not None:
            return
        check_endpoint(self._connection.endpoint_url)
        sts = AwsClient(
            own_client(
                "sts",
                region=self._connection.home_region,
                endpoint_url=self._connection.endpoint_url,
            ),
            credentials=None,
            role=None,
            log=self.log,
            patience=self._patience,
        )
        self._credentials = assume_role(sts, self._request)

    def client(
        self,
        service: str,
        *,
        paced: bool = False,
        region: str = GLOBAL_REGION,
        log: CallLog | None = None,
    ) -> AwsClient:
        """Return a client of `service` in a region; without one, where it can be asked for all.

        `paced`: it keeps to Organizations' limits. `log`: where its calls are counted, if not with
        those that opened the session.
        """
        if self._credentials is None:
            raise RuntimeError("open the session first")
        if region == GLOBAL_REGION:
            region = self._connection.home_region
            if service == "resourcegroupstaggingapi":
                region = _ORGANIZATIONS_REGIONS.get(_partition(self._connection), region)
        return AwsClient(
            acting_client(service, region=region, endpoint_url=self._connection.endpoint_url),
            credentials=self._credentials,
            role=self.role,
            log=self.log if log is None else log,
            patience=self._patience,
            pace=self._pace if paced else None,
        )
