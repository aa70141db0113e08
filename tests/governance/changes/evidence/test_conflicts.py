"""How open requests that touch the same stand to each other."""

import pytest

from governance.changes.evidence.conflicts import ConflictKind, conflicts_of
from governance.changes.evidence.making import make_evidence
from governance.changes.states import ChangeState
from tests.factories.edits import (
    NOW,
    PROD,
    SECURITY,
    WORKLOADS,
    attached,
    created,
    deleted,
    detached,
    edited,
)
from tests.factories.policies import denying

REGIONS = "p-regio001"
COSTS = '{"tags": {"cost": {"tag_key": {"@@assign": "Cost"}}}}'
BASE = ("ec2:*", "rds:*")
CASES = {
    "the same text": (
        [edited(REGIONS, denying(*BASE, "s3:*"))],
        [edited(REGIONS, denying("s3:*", *BASE))],
        ConflictKind.EQUAL,
    ),
    "two texts of one policy": (
        [edited(REGIONS, denying(*BASE, "s3:*"))],
        [edited(REGIONS, denying(*BASE, "sqs:*"))],
        ConflictKind.CONTRADICTORY,
    ),
    "attached and deleted": (
        [attached("p-unatt001", SECURITY)],
        [deleted("p-unatt001")],
        ConflictKind.CONTRADICTORY,
    ),
    "two denials at one OU": (
        [created(denying("s3:DeleteBucket")), attached("new-1", SECURITY)],
        [created(denying("sqs:DeleteQueue")), attached("new-1", SECURITY)],
        ConflictKind.OVERLAPPING,
    ),
    "one detaches what the other tightens": (
        [edited(REGIONS, denying(*BASE, "s3:*"))],
        [detached(REGIONS, WORKLOADS)],
        ConflictKind.CONTRADICTORY,
    ),
    "one rewrites what the other attaches elsewhere": (
        [attached(REGIONS, SECURITY)],
        [edited(REGIONS, denying("ec2:*"))],
        ConflictKind.CONTRADICTORY,
    ),
    "one tightens what the other attaches elsewhere": (
        [attached(REGIONS, SECURITY)],
        [edited(REGIONS, denying(*BASE, "s3:*"))],
        ConflictKind.OVERLAPPING,
    ),
    "one detaches a tag policy that the other sets": (
        [edited("p-costs001", COSTS)],
        [detached("p-costs001", WORKLOADS)],
        ConflictKind.CONTRADICTORY,
    ),
    "one policy at two OUs": (
        [attached("p-unatt001", SECURITY)],
        [attached("p-unatt001", PROD)],
        ConflictKind.INDEPENDENT,
    ),
}


class TestConflictsOf:
    @pytest.mark.parametrize("case", CASES, ids=list(CASES))
    def test_decides(self, requested, case):
        mine, theirs, kind = CASES[case]
        change_request = requested(*mine)
        other = requested(*theirs, state=ChangeState.CHECKING)
        (conflict,) = conflicts_of(change_request)
        assert (conflict.number, conflict.kind) == (other.number, kind)
        assert conflict.shared

    def test_leaves_out_what_touches_nothing_of_it_drafts_and_closed_requests(self, requested):
        change_request = requested(attached("p-unatt001", SECURITY))
        requested(attached("p-leave001", PROD), state=ChangeState.CHECKING)
        requested(attached("p-unatt001", SECURITY), state=ChangeState.DRAFT)
        requested(attached("p-unatt001", SECURITY), state=ChangeState.WITHDRAWN)
        assert conflicts_of(change_request) == ()

    def test_anothers_request_makes_no_other_conclusions(self, requested):
        change_request = requested(attached("p-unatt001", SECURITY))
        alone = make_evidence(change_request, now=NOW)
        requested(detached("p-FullAWSAccess", SECURITY), state=ChangeState.CHECKING)
        requested(deleted("p-unatt001"), state=ChangeState.CHECKING)
        made = make_evidence(change_request, now=NOW)
        assert "conflicting_request" in {one.code for one in made.findings}
        assert made.plan_sha256 == alone.plan_sha256
