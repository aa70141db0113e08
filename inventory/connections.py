"""Connecting organizations: made, changed, switched on and off."""

import re
from dataclasses import dataclass
from typing import Final

import botocore.session
from botocore.exceptions import UnknownRegionError
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from inventory.aws.endpoints import check_endpoint
from inventory.aws.errors import EndpointRefused
from inventory.models import Connection

# Words that stand where a slug stands in addresses.
_RESERVED_SLUGS: Final = frozenset({"new"})
# Why a connection needs an ExternalId (IAM user guide, "The confused deputy problem").
NO_EXTERNAL_ID: Final = (
    "Give an ExternalId: without one, others whose Orgwarden uses the same workers could name your "
    "roles."
)
_SESSION: Final = botocore.session.Session()
_REGION: Final = re.compile(r"^[a-z]{2,}(-[a-z]+)+-\d+$")


class ConnectionInvalid(Exception):
    """A connection cannot be kept as given. `fields`: name of a setting → what is wrong with it."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        """Tell each setting's faults."""
        super().__init__(
            "; ".join(f"{name}: {' '.join(messages)}" for name, messages in sorted(fields.items()))
        )
        self.fields = fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """What people choose of a connection; the fields are those of `Connection`."""

    name: str
    organization_role_arn: str
    audit_role_name: str
    external_id: str
    home_region: str
    regions: tuple[str, ...]
    endpoint_url: str
    schedule_minutes: int
    enabled: bool
    apply_role_arn: str = ""


def connection_create(*, settings: ConnectionSettings) -> Connection:
    """Connect an organization. Its slug is made of the name and stays as it is.

    :raises ConnectionInvalid: a setting is wrong, or the name is taken.
    """
    connection = Connection(slug=_free_slug(settings.name))
    _apply(connection, settings)
    return _keep(connection, before=None)


def connection_update(*, connection_id: int, settings: ConnectionSettings) -> Connection:
    """Change a connection's settings.

    :raises Connection.DoesNotExist: there is none of this id.
    :raises ConnectionInvalid: a setting is wrong, or the name is taken.
    """
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection_id)
        before = connection.external_id
        _apply(connection, settings)
        return _keep(connection, before=before)


@transaction.atomic
def connection_switch(*, connection_id: int, enabled: bool) -> Connection:
    """Switch a connection on or off; off, no run starts, and one that goes on comes to its end.

    :raises Connection.DoesNotExist: there is none of this id.
    """
    connection = Connection.objects.select_for_update().get(pk=connection_id)
    connection.enabled = enabled
    connection.save(update_fields=["enabled"])
    return connection


def _apply(connection: Connection, settings: ConnectionSettings) -> None:
    connection.name = settings.name.strip()
    connection.organization_role_arn = settings.organization_role_arn.strip()
    connection.audit_role_name = settings.audit_role_name.strip()
    connection.apply_role_arn = settings.apply_role_arn.strip()
    connection.external_id = settings.external_id.strip()
    connection.home_region = settings.home_region.strip()
    connection.regions = list(dict.fromkeys(settings.regions))
    connection.endpoint_url = settings.endpoint_url.strip()
    connection.schedule_minutes = settings.schedule_minutes
    connection.enabled = settings.enabled


def _keep(connection: Connection, *, before: str | None) -> Connection:
    faults = _faults(connection, before)
    if faults:
        raise ConnectionInvalid(faults)
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError:
        raise ConnectionInvalid(
            {"name": ["A connection of this name was made at the same moment."]}
        ) from None
    return connection


def _faults(connection: Connection, before: str | None) -> dict[str, list[str]]:
    """Return what is wrong by field. `before`: its ExternalId so far; if empty it may stay so."""
    faults: dict[str, list[str]] = {}
    try:
        # An address of the demo's simulator has no top-level domain: `check_endpoint` judges it.
        connection.full_clean(exclude=["endpoint_url"])
    except ValidationError as error:
        faults = {name: list(messages) for name, messages in error.message_dict.items()}
    faults |= _faults_of_apply_role(connection)
    wrong = [region for region in connection.regions if not _REGION.match(region)]
    if wrong:
        faults.setdefault("regions", []).append(
            f"Not a region: {', '.join(wrong)}. Give names such as eu-west-2."
        )
    if not _REGION.match(connection.home_region):
        faults.setdefault("home_region", []).append("Give a region such as us-east-1.")
    if not faults:
        faults = _faults_of_partition(connection)
    if not connection.external_id and connection.external_id != before:
        faults.setdefault("external_id", []).append(NO_EXTERNAL_ID)
    try:
        check_endpoint(connection.endpoint_url)
    except EndpointRefused as error:
        remedy = error.remedy[:1].upper() + error.remedy[1:]
        faults["endpoint_url"] = [f"{error.message[:1].upper()}{error.message[1:]}. {remedy}."]
    return faults


def _faults_of_apply_role(connection: Connection) -> dict[str, list[str]]:
    """Compare the role that writes with those that read: it must be none of them."""
    arn = connection.apply_role_arn
    if not arn or not connection.organization_role_arn:
        return {}
    if arn == connection.organization_role_arn:
        return {"apply_role_arn": ["Give a role of its own: the one that reads must not write."]}
    parts = arn.split(":")
    if parts[1:2] != connection.organization_role_arn.split(":")[1:2]:
        return {"apply_role_arn": ["The role is in another partition than the organization role."]}
    managing = connection.management_account_id
    if managing and parts[4:5] not in ([managing], []):
        return {
            "apply_role_arn": [
                f"AWS lets only the management account write everything: give a role in {managing}."
            ]
        }
    return {}


def _faults_of_partition(connection: Connection) -> dict[str, list[str]]:
    """Compare the partitions of the role and the regions. AWS's partitions: botocore's data."""
    partition = connection.organization_role_arn.split(":")[1]
    known = _SESSION.get_available_partitions()
    if partition not in known:
        return {
            "organization_role_arn": [
                f"There is no partition {partition}; AWS has {', '.join(sorted(known))}."
            ]
        }
    faults: dict[str, list[str]] = {}
    for name, regions in (
        ("home_region", [connection.home_region]),
        ("regions", connection.regions),
    ):
        for region in regions:
            other = _partition_of(region)
            if other != partition:
                where = f"is in the partition {other}" if other else "is in no partition of AWS"
                faults.setdefault(name, []).append(f"{region} {where}, the role in {partition}.")
    return faults


def _partition_of(region: str) -> str:
    try:
        return str(_SESSION.get_partition_for_region(region))
    except UnknownRegionError:
        return ""


def connection_warnings(connection: Connection) -> list[str]:
    """Return what is unwise in a connection's settings, and works."""
    return [] if connection.external_id else [NO_EXTERNAL_ID]


def _free_slug(name: str) -> str:
    base = slugify(name)[:70] or "organization"
    taken = set(Connection.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken |= _RESERVED_SLUGS
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug
