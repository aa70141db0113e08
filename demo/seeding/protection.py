"""protection.yaml → how services that log, detect and protect are set up in every account.

regions          where the standard holds; elsewhere all is as AWS makes it
trail            the organization's: account, name, region, bucket, kms_key, data_events
config_bucket    where Config delivers; administrator: GuardDuty's, Security Hub's and Analyzer's
aggregator       name of Config's aggregator of the organization, at the administrator
standards        Security Hub's, by the end of their ARN
contacts         type → mail address
networks         unit, flow_logs (traffic), internet: a VPC in the first region of its accounts
shared_networks  account and with: whose VPC others see
accounts         name, without (of `_WITHOUT`), with (of `_WITH`), regions
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from demo.seeding.detecting_services import DetectingServices, ProtectionDifferences
from demo.seeding.ids import seeded_id
from demo.seeding.plan import AccountPlan
from demo.seeding.reading import Node, required
from demo.seeding.variables import substituted
from demo.simulator.protection.state import Members, Protection, RegionProtection, Trail

_WITHOUT: Final = frozenset(
    {
        *("config", "config-recording", "config-delivery", "guardduty", "guardduty-status"),
        *("securityhub", "standards", "analyzer", "ebs-encryption", "imds", "image-block"),
        *("snapshot-block", "contacts", "security-contact", "operations-contact", "flow-logs"),
    }
)
_WITH: Final = frozenset({"default-vpc", "own-trail", "serial-console", "internet-gateway"})
_KEYS: Final = (
    *("regions", "trail", "config_bucket", "administrator", "aggregator", "standards", "contacts"),
    *("networks", "shared_networks", "accounts"),
)


@dataclass
class _ProtectionFilling:
    """Fills one organization. `plans`: its accounts by name."""

    entries: Mapping[str, Node]
    plans: Mapping[str, AccountPlan]
    seeded_at: datetime
    protection: Protection = field(default_factory=Protection)

    def account_id(self, node: Node) -> str:
        if node.text() not in self.plans:
            raise node.bad(f"there is no account {node.text()!r}")
        return self.plans[node.text()].account_id

    @property
    def regions(self) -> list[str]:
        return self.entries["regions"].texts()

    @property
    def administrator(self) -> str:
        return self.account_id(self.entries["administrator"])

    @cached_property
    def detecting(self) -> DetectingServices:
        return DetectingServices(
            administrator=self.administrator,
            home_region=self.regions[0],
            config_bucket=self.entries["config_bucket"].text(),
            aggregator=self.entries["aggregator"].text(),
            standards=tuple(self.entries["standards"].texts()),
            seeded_at=self.seeded_at,
        )

    def fill(self) -> Protection:
        self._add_trail()
        differing = dict(self._differences())
        for plan in self.plans.values():
            own = differing.get(plan.name, ProtectionDifferences())
            self._add_contacts(plan, own)
            if "own-trail" in own.more:
                self._add_own_trail(plan)
            for region in self.regions:
                there = self.protection.region(plan.account_id, region)
                self._set_up(plan, region, there, own)
        for node in self.entries["shared_networks"].items():
            self._share(node)
        return self.protection

    def _differences(self) -> Iterator[tuple[str, ProtectionDifferences]]:
        for node in self.entries["accounts"].items():
            entries = node.mapping("name", "without", "with", "regions")
            name = required(entries, "name", node)
            self.account_id(name)
            yield (
                name.text(),
                ProtectionDifferences(
                    _known(entries.get("without"), _WITHOUT),
                    _known(entries.get("with"), _WITH),
                    frozenset(entries["regions"].texts() if "regions" in entries else ()),
                ),
            )

    def _add_trail(self) -> None:
        node = self.entries["trail"]
        entries = node.mapping("account", "name", "region", "bucket", "kms_key", "data_events")
        account_id = self.account_id(required(entries, "account", node))
        selectors: list[Members] = [
            _selector(eventCategory=["Management"]),
            *(
                _selector(**{"eventCategory": ["Data"], "resources.type": [each]})
                for each in (entries["data_events"].texts() if "data_events" in entries else ())
            ),
        ]
        self._trail(
            account_id,
            required(entries, "name", node).text(),
            required(entries, "region", node).text(),
            selectors,
            S3BucketName=required(entries, "bucket", node).text(),
            KmsKeyId=required(entries, "kms_key", node).text(),
            IsMultiRegionTrail=True,
            LogFileValidationEnabled=True,
            IsOrganizationTrail=True,
        )

    def _add_own_trail(self, plan: AccountPlan) -> None:
        """Add a trail of one region, as somebody made it years ago, whose bucket is gone."""
        trail = self._trail(
            plan.account_id,
            "management-events",
            self.regions[0],
            [_selector(eventCategory=["Management"], readOnly=["false"])],
            S3BucketName=f"{plan.name}-trail",
            IsMultiRegionTrail=False,
            LogFileValidationEnabled=False,
            IsOrganizationTrail=False,
        )
        trail.status["LatestDeliveryError"] = "NoSuchBucket"

    def _trail(
        self, account_id: str, name: str, region: str, selectors: list[Members], **members: object
    ) -> Trail:
        arn = f"arn:aws:cloudtrail:{region}:{account_id}:trail/{name}"
        trail = Trail(
            account_id,
            {
                "Name": name,
                "TrailARN": arn,
                "HomeRegion": region,
                "IncludeGlobalServiceEvents": True,
                "HasCustomEventSelectors": True,
                "HasInsightSelectors": False,
                **members,
            },
            {"IsLogging": True, "LatestDeliveryTime": self.seeded_at - timedelta(minutes=4)},
            {"TrailARN": arn, "AdvancedEventSelectors": selectors},
        )
        self.protection.trails.append(trail)
        return trail

    def _add_contacts(self, plan: AccountPlan, own: ProtectionDifferences) -> None:
        contacts: dict[str, Members] = {}
        for kind, mail in self.entries["contacts"].mapping().items():
            if "contacts" in own.without or f"{kind.lower()}-contact" in own.without:
                continue
            contacts[kind] = {
                "AlternateContactType": kind,
                "EmailAddress": mail.text(),
                "Name": "Duty desk",
                "PhoneNumber": "+49 40 5550100",
                "Title": kind.title(),
            }
        self.protection.contacts[plan.account_id] = contacts

    def _set_up(
        self, plan: AccountPlan, region: str, there: RegionProtection, own: ProtectionDifferences
    ) -> None:
        account_id = plan.account_id
        self.detecting.set_up(account_id, region, there, own)
        there.ebs_encryption = not own.lacks("ebs-encryption", region)
        if not own.lacks("imds", region):
            there.instance_metadata = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}
        if not own.lacks("image-block", region):
            there.image_block = "block-new-sharing"
        if not own.lacks("snapshot-block", region):
            there.snapshot_block = "block-all-sharing"
        there.serial_console = own.has("serial-console", region)
        self._connect(plan, region, there, own)

    def _connect(
        self, plan: AccountPlan, region: str, there: RegionProtection, own: ProtectionDifferences
    ) -> None:
        account_id = plan.account_id
        if own.has("default-vpc", region):
            vpc_id = seeded_id("vpc-", account_id, region, "default")
            there.vpcs.append(_vpc(vpc_id, account_id, "172.31.0.0/16", default=True))
            self._attach(account_id, there, vpc_id)
        if region != self.regions[0]:
            return
        for node in self.entries["networks"].items():
            entries = node.mapping("unit", "flow_logs", "internet")
            unit = required(entries, "unit", node).text()
            if plan.unit_path != unit and not plan.unit_path.startswith(f"{unit}/"):
                continue
            # The VPC that `crossings.yaml` speaks of, too.
            vpc_id = seeded_id("vpc-", account_id)
            there.vpcs.append(_vpc(vpc_id, account_id, "10.20.0.0/16"))
            internet = "internet" in entries and entries["internet"].flag()
            if internet or own.has("internet-gateway", region):
                self._attach(account_id, there, vpc_id)
            if "flow_logs" in entries and not own.lacks("flow-logs", region):
                there.flow_logs.append(_flow_log(vpc_id, entries["flow_logs"].text()))

    def _attach(self, account_id: str, there: RegionProtection, vpc_id: str) -> None:
        there.internet_gateways.append(
            {
                "InternetGatewayId": seeded_id("igw-", vpc_id),
                "OwnerId": account_id,
                "Attachments": [{"VpcId": vpc_id, "State": "available"}],
            }
        )

    def _share(self, node: Node) -> None:
        entries = node.mapping("account", "with")
        region = self.regions[0]
        owner = self.account_id(required(entries, "account", node))
        shared = self.protection.region(owner, region).vpcs[0]
        for name in required(entries, "with", node).texts():
            account_id = self.account_id(Node(node.where, name))
            self.protection.region(account_id, region).vpcs.append(shared)


def protection(
    node: Node,
    *,
    accounts: tuple[AccountPlan, ...],
    variables: Mapping[str, str],
    seeded_at: datetime,
) -> Protection:
    """Return how services are set up in every account.

    :raises BadOrganization: an entry is wrong, or names an account that is not there.
    """
    own = Node(node.where, substituted(node, variables))
    entries = own.mapping(*_KEYS)
    for key in _KEYS:
        required(entries, key, own)
    return _ProtectionFilling(entries, {each.name: each for each in accounts}, seeded_at).fill()


def _known(node: Node | None, allowed: frozenset[str]) -> frozenset[str]:
    if node is None:
        return frozenset()
    for each in node.texts():
        if each not in allowed:
            raise node.bad(f"unknown {each!r}; known are {', '.join(sorted(allowed))}")
    return frozenset(node.texts())


def _selector(**fields: list[str]) -> Members:
    return {"FieldSelectors": [{"Field": name, "Equals": each} for name, each in fields.items()]}


def _vpc(vpc_id: str, account_id: str, cidr_block: str, *, default: bool = False) -> Members:
    return {
        "VpcId": vpc_id,
        "OwnerId": account_id,
        "State": "available",
        "CidrBlock": cidr_block,
        "IsDefault": default,
        "InstanceTenancy": "default",
        "BlockPublicAccessStates": {"InternetGatewayBlockMode": "off"},
    }


def _flow_log(vpc_id: str, traffic: str) -> Members:
    return {
        "FlowLogId": seeded_id("fl-", vpc_id),
        "FlowLogStatus": "ACTIVE",
        "DeliverLogsStatus": "SUCCESS",
        "ResourceId": vpc_id,
        "TrafficType": traffic,
        "LogDestinationType": "s3",
        "LogDestination": "arn:aws:s3:::halden-org-trail/flow-logs",
    }
