"""How services are set up in each region of each account of an organization."""

from dataclasses import dataclass, field
from typing import Any

Members = dict[str, Any]


@dataclass(slots=True)
class Trail:
    """`members`: as DescribeTrails gives them. `status`, `selectors`: as their calls do."""

    account_id: str
    members: Members
    status: Members
    selectors: Members

    @property
    def arn(self) -> str:
        return str(self.members["TrailARN"])


@dataclass(slots=True)
class RegionProtection:
    """One region of an account, as AWS gives it where nothing was done.

    Lists and members are those of the answers. `recorder_statuses`, `channel_statuses`: by name.
    `detectors`, `detector_organization`: by detector id, the second only at the administrator.
    """

    recorders: list[Members] = field(default_factory=list)
    recorder_statuses: dict[str, Members] = field(default_factory=dict)
    channels: list[Members] = field(default_factory=list)
    channel_statuses: dict[str, Members] = field(default_factory=dict)
    aggregators: list[Members] = field(default_factory=list)
    detectors: dict[str, Members] = field(default_factory=dict)
    detector_organization: Members | None = None
    hub: Members | None = None
    standards: list[Members] = field(default_factory=list)
    hub_organization: Members | None = None
    analyzers: list[Members] = field(default_factory=list)
    ebs_encryption: bool = False
    ebs_kms_key_id: str = "alias/aws/ebs"
    instance_metadata: Members = field(default_factory=dict)
    image_block: str = "unblocked"
    snapshot_block: str = "unblocked"
    serial_console: bool = False
    vpcs: list[Members] = field(default_factory=list)
    internet_gateways: list[Members] = field(default_factory=list)
    flow_logs: list[Members] = field(default_factory=list)


@dataclass(slots=True)
class Protection:
    """All of an organization. `contacts`: account → type → members."""

    trails: list[Trail] = field(default_factory=list)
    regions: dict[tuple[str, str], RegionProtection] = field(default_factory=dict)
    contacts: dict[str, dict[str, Members]] = field(default_factory=dict)

    def region(self, account_id: str, region: str) -> RegionProtection:
        """Return a region to look at or to change."""
        return self.regions.setdefault((account_id, region), RegionProtection())
