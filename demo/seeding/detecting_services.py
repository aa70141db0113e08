"""Config, GuardDuty, Security Hub and Access Analyzer of an account in a region, as AWS says it.

What an account `own` lacks of the standard is left out or broken.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from demo.simulator.protection.state import RegionProtection

_FEATURES: Final = ("CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS", "S3_DATA_EVENTS", "RDS_LOGIN_EVENTS")


@dataclass(frozen=True, slots=True)
class ProtectionDifferences:
    """What one account lacks and has beside the standard, everywhere or in some regions."""

    without: frozenset[str] = frozenset()
    more: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()

    def lacks(self, what: str, region: str) -> bool:
        """Whether it lacks what the standard has there."""
        return what in self.without and (not self.regions or region in self.regions)

    def has(self, what: str, region: str) -> bool:
        """Whether it has there what the standard does not."""
        return what in self.more and (not self.regions or region in self.regions)


@dataclass(frozen=True, slots=True)
class DetectingServices:
    """The services of an organization that record and detect.

    `administrator`: the account that administers them. `home_region`: where Config records global
    resources. `config_bucket`: where Config delivers. `standards`: Security Hub's, by the end of
    their ARN.
    """

    administrator: str
    home_region: str
    config_bucket: str
    aggregator: str
    standards: tuple[str, ...]
    seeded_at: datetime

    def set_up(
        self, account_id: str, region: str, there: RegionProtection, own: ProtectionDifferences
    ) -> None:
        """Set up in `there` what an account has in a region."""
        if not own.lacks("config", region):
            self._record(account_id, region, there, own)
        if not own.lacks("guardduty", region):
            self._detect(account_id, region, there, own)
        if not own.lacks("securityhub", region):
            self._subscribe(account_id, region, there, own)
        if not own.lacks("analyzer", region):
            self._analyze(account_id, region, there)

    def _record(
        self, account_id: str, region: str, there: RegionProtection, own: ProtectionDifferences
    ) -> None:
        there.recorders = [
            {
                "name": "default",
                "arn": f"arn:aws:config:{region}:{account_id}:configuration-recorder/default",
                "roleARN": f"arn:aws:iam::{account_id}:role/ConfigRecorder",
                "recordingGroup": {
                    "allSupported": True,
                    "includeGlobalResourceTypes": region == self.home_region,
                    "resourceTypes": [],
                },
                "recordingMode": {"recordingFrequency": "CONTINUOUS"},
            }
        ]
        recording = not own.lacks("config-recording", region)
        there.recorder_statuses["default"] = {
            "name": "default",
            "recording": recording,
            "lastStatus": "SUCCESS" if recording else "PENDING",
        }
        bucket = self.config_bucket
        there.channels = [{"name": "default", "s3BucketName": bucket}]
        delivered = not own.lacks("config-delivery", region)
        history = {"lastStatus": "SUCCESS" if delivered else "FAILURE"}
        if not delivered:
            history["lastErrorCode"] = "AccessDenied"
        there.channel_statuses["default"] = {
            "name": "default",
            "configHistoryDeliveryInfo": history,
        }
        if account_id == self.administrator:
            name = self.aggregator
            there.aggregators = [
                {
                    "ConfigurationAggregatorName": name,
                    "ConfigurationAggregatorArn": (
                        f"arn:aws:config:{region}:{account_id}:config-aggregator/{name}"
                    ),
                    "OrganizationAggregationSource": {
                        "RoleArn": f"arn:aws:iam::{account_id}:role/ConfigRecorder",
                        "AllAwsRegions": True,
                    },
                }
            ]

    def _detect(
        self, account_id: str, region: str, there: RegionProtection, own: ProtectionDifferences
    ) -> None:
        detector_id = hashlib.sha256(f"{account_id}/{region}".encode()).hexdigest()[:32]
        there.detectors[detector_id] = {
            "createdAt": (self.seeded_at - timedelta(days=600)).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "findingPublishingFrequency": "FIFTEEN_MINUTES",
            "serviceRole": (
                f"arn:aws:iam::{account_id}:role/aws-service-role/guardduty.amazonaws.com/"
                "AWSServiceRoleForAmazonGuardDuty"
            ),
            "status": "DISABLED" if own.lacks("guardduty-status", region) else "ENABLED",
            "features": [{"name": each, "status": "ENABLED"} for each in _FEATURES],
        }
        if account_id == self.administrator:
            there.detector_organization = {
                "memberAccountLimitReached": False,
                "autoEnable": True,
                "autoEnableOrganizationMembers": "NEW",
                "features": [{"name": "S3_DATA_EVENTS", "autoEnable": "ALL"}],
            }

    def _subscribe(
        self, account_id: str, region: str, there: RegionProtection, own: ProtectionDifferences
    ) -> None:
        there.hub = {
            "HubArn": f"arn:aws:securityhub:{region}:{account_id}:hub/default",
            "SubscribedAt": "2025-03-01T09:00:00.000Z",
            "AutoEnableControls": True,
            "ControlFindingGenerator": "SECURITY_CONTROL",
        }
        there.standards = [
            {
                "StandardsSubscriptionArn": (
                    f"arn:aws:securityhub:{region}:{account_id}:subscription/"
                    f"{each.removeprefix('standards/')}"
                ),
                "StandardsArn": f"arn:aws:securityhub:{region}::{each}",
                "StandardsInput": {},
                "StandardsStatus": "INCOMPLETE" if own.lacks("standards", region) else "READY",
            }
            for each in self.standards
        ]
        if account_id == self.administrator:
            there.hub_organization = {
                "AutoEnable": True,
                "MemberAccountLimitReached": False,
                "AutoEnableStandards": "DEFAULT",
                "OrganizationConfiguration": {"ConfigurationType": "LOCAL"},
            }

    def _analyze(self, account_id: str, region: str, there: RegionProtection) -> None:
        kinds = {"account": "ACCOUNT"}
        if account_id == self.administrator:
            kinds = {"organization": "ORGANIZATION", "unused": "ORGANIZATION_UNUSED_ACCESS"}
        there.analyzers = [
            {
                "arn": f"arn:aws:access-analyzer:{region}:{account_id}:analyzer/{name}",
                "name": name,
                "type": kind,
                "createdAt": "2025-03-01T09:00:00Z",
                "status": "ACTIVE",
            }
            for name, kind in kinds.items()
        ]
