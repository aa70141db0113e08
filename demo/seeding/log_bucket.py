"""activity.yaml and planted-events.yaml → the bucket of the organization's trail."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime

from demo.cloudtrail.digests import DigestWriter
from demo.cloudtrail.generation import History
from demo.cloudtrail.inputs import HistoryInput
from demo.cloudtrail.log_bucket import LogBucket
from demo.cloudtrail.log_files import LogObject, TrailWriter
from demo.cloudtrail.plan import read_cloudtrail_plan
from demo.seeding.plan import OrganizationPlan
from demo.simulator.world import Seed


def log_bucket(
    plan: OrganizationPlan,
    seed: Seed,
    *,
    variables: Mapping[str, Mapping[str, str]],
    unit_ids: Mapping[str, str],
    seeded_at: datetime,
) -> LogBucket | None:
    """Return the bucket; None for an organization without a trail or without activity.

    `variables`: of each account, by its id. `unit_ids`: by path.
    :raises BadOrganization: an entry is wrong; the text names file and key.
    """
    trail = next(
        (one.members for one in seed.protection.trails if one.members.get("IsOrganizationTrail")),
        None,
    )
    if plan.activity is None or trail is None:
        return None
    # Later changes of policies do not change what was denied before.
    organization = deepcopy(seed.organization)
    ids = {f"policy:{each.name}": each.policy_id for each in organization.policies.values()}
    ids |= {f"unit:{path}": unit_id for path, unit_id in unit_ids.items()}
    given = HistoryInput(
        plan=read_cloudtrail_plan(plan.activity, plan.planted_events),
        organization=organization,
        accounts=plan.accounts,
        variables={
            account_id: {"system": own["account_slug"], **own, **ids}
            for account_id, own in variables.items()
        },
        seeded_at=seeded_at,
    )
    name = str(trail["S3BucketName"])
    digests = DigestWriter(name, str(trail["Name"]), str(trail["HomeRegion"]))

    def history() -> list[LogObject]:
        """Return the files of events and the digests of the last of them."""
        logs = History(given).objects()
        return [*logs, *digests.digests(logs, seeded_at=seeded_at)]

    return LogBucket(name, TrailWriter(plan.organization_id), digests, history)
