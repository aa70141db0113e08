"""Reads the policies that a request names from AWS, so that evidence rests on what is there now."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from governance.changes.evidence.collected import LivePolicies
from governance.changes.models import ChangeRequest
from governance.changes.planning.base import named_in
from governance.edits.operations import OperationsInvalid, read_operations
from inventory.aws.errors import AwsError
from inventory.collecting.policies_now import read_policies_now

log = logging.getLogger(__name__)

LiveReader = Callable[[ChangeRequest, datetime], LivePolicies | None]
"""Returns what AWS has now of the policies that a request names; None: nothing is asked."""

# What a check may spend on it: one policy takes a call, and one more for each 20 of its targets.
_SECONDS: Final = 60.0
# AWS's own policies never change, and stand at every target.
_AWS_MANAGED: Final = "FullAWSAccess"


def read_live(change_request: ChangeRequest, now: datetime) -> LivePolicies | None:
    """Read the policies that a request names, but for AWS's own.

    What cannot be read is said in `problem`; the evidence then rests on the newest run, and the
    apply worker compares each object with it before the first call.
    AWS: organizations:DescribePolicy, ListTargetsForPolicy.
    """
    try:
        operations = read_operations(change_request.operations)
    except OperationsInvalid:
        return None
    asked = [one for one in named_in(operations) if not one.endswith(_AWS_MANAGED)]
    if not asked:
        return None
    try:
        found = read_policies_now(change_request.connection, asked, seconds=_SECONDS)
    except AwsError as error:
        log.warning("change request %s: AWS was not read: %s", change_request.pk, error)
        return LivePolicies(read_at=now, problem=error.message)
    return LivePolicies(read_at=now, policies=found)
