"""Rows are few, and cover exactly the requests that were found, account by account."""

import json

import pytest

from tests.factories.edits import (
    LOG_ARCHIVE,
    PAYMENTS,
    PAYMENTS_TEST,
    ROOT,
    SECURITY,
    WORKLOADS,
    attached,
    created,
    deleted,
    detached,
    moved,
    region_lock,
)
from tests.factories.policies import denying

PARTLY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Deny", "Action": "*", "Resource": "*"}
            | {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-3"}}},
            {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"},
        ],
    }
)
EDITS = {
    "a deny that others deny in part": [
        *(created(PARTLY), attached("new-1", ROOT)),
        *(created(region_lock("eu-west-1", action="s3:*"), "new-2"), attached("new-2", SECURITY)),
    ],
    "a deny taken away": [deleted("p-leave001")],
    "full access taken away": [detached("p-FullAWSAccess", WORKLOADS)],
    "accounts moved": [moved(PAYMENTS, SECURITY), moved(LOG_ARCHIVE, WORKLOADS)],
    "a move and a deny": [
        *(created(denying("ec2:*", "sqs:*")), attached("new-1", ROOT)),
        moved(PAYMENTS_TEST, SECURITY),
    ],
}


def covered(effects):
    """Return which requests change for which account, and whether others' denies are left out."""
    found: set[tuple[object, ...]] = set()
    for effect in effects:
        difference = effect.difference
        when = effect.when
        if difference is not None and difference.change is not None:
            when = difference.change.when.words
        for part in effect.parts:
            kinds = [part.actions.bits] if part.actions.bits else []
            kinds += ["unlisted"] if effect.unlisted or effect.with_unlisted else []
            found.update(
                (account_id, effect.verdict, effect.policy_type, when, effect.reason, kind)
                for account_id in part.account_ids
                for kind in kinds
            )
    return found


@pytest.mark.parametrize("edit", EDITS)
def test_rows_cover_exactly_what_was_found(simulated, edit):
    effects = simulated(*EDITS[edit]).effects
    assert covered(effects.effects) == covered(effects.unmerged)
    assert effects.effects


@pytest.mark.parametrize("edit", EDITS)
def test_every_account_of_a_row_stands_in_it_once(simulated, edit):
    for effect in simulated(*EDITS[edit]).effects.effects:
        parts = [account_id for part in effect.parts for account_id in part.account_ids]
        assert sorted(parts) == sorted(effect.account_ids) == sorted(set(effect.account_ids))


def test_what_others_deny_in_some_accounts_only_is_one_row(simulated):
    effects = simulated(*EDITS["a deny that others deny in part"]).effects
    assert len(effects.effects) < len(effects.unmerged)
    whens = [(effect.verdict, effect.when.split(", except")[0]) for effect in effects.effects]
    assert len(whens) == len(set(whens))
