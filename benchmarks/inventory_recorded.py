"""The calls that the inventory makes in accounts, recorded with their parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from botocore import xform_name
from botocore.client import BaseClient
from django.utils import timezone

if TYPE_CHECKING:
    from inventory.models import Connection


def record_calls(connection: Connection, account_ids: Iterable[str], file: Path) -> None:
    """Read every group of some accounts, store nothing, and write their calls to `file`.

    As JSON: for each account and group a list of service, region, method and parameters, without
    the assuming of roles.
    """
    from inventory.collecting.reading import read_group
    from inventory.collectors import registry
    from inventory.collectors.collector import Reader

    calls: list[tuple[str, str, str, dict[str, Any]]] = []
    make_call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def noted(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        if service != "sts":
            calls.append((service, client.meta.region_name, xform_name(operation), parameters))
        return make_call(client, operation, parameters)

    recorded: list[dict[str, Any]] = []
    with patch.object(BaseClient, "_make_api_call", noted):
        for account_id in account_ids:
            for group in registry.groups(Reader.ACCOUNT):
                read_group(connection, account_id, group, run_id=0, clock=timezone.now)
                recorded.append({"account_id": account_id, "group": group, "calls": calls.copy()})
                calls.clear()
    file.write_text(json.dumps(recorded), encoding="utf-8")
