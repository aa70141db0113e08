"""Which calls are answered from the state of protection, and by what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from demo.simulator.calls import Call, Caller
from demo.simulator.errors import AwsError
from demo.simulator.organizations.state import Organization
from demo.simulator.protection.state import Members, Protection, RegionProtection, Trail


@dataclass(slots=True)
class ProtectionCall:
    """One call, with what it is about. `in_organization`: the caller's account is in it."""

    protection: Protection
    account_id: str
    region: str
    given: Members
    in_organization: bool

    @property
    def here(self) -> RegionProtection:
        return self.protection.region(self.account_id, self.region)

    def trail(self, named: object) -> Trail:
        """Return a trail by name, its owner's alone, or by ARN.

        :raises AwsError: there is none.
        """
        for trail in self.protection.trails:
            own = trail.account_id == self.account_id
            shared = self.in_organization and trail.members["IsOrganizationTrail"]
            if (own and named == trail.members["Name"]) or ((own or shared) and named == trail.arn):
                return trail
        raise AwsError("TrailNotFoundException", f"Unknown trail: {named}")


def answer_protection(
    call: Call, caller: Caller, protection: Protection, organization: Organization
) -> Members | None:
    """Return the answer; None: it is another operation.

    :raises AwsError: what AWS refuses.
    """
    found = _OPERATIONS.get(call.name)
    if found is None:
        return None
    return found(
        ProtectionCall(
            protection,
            caller.account_id,
            call.region,
            call.parameters,
            caller.account_id in organization.accounts,
        )
    )


def _describe_trails(call: ProtectionCall) -> Members:
    shadows = str(call.given.get("includeShadowTrails", True)).lower() != "false"
    named = call.given.get("trailNameList")
    found = []
    for trail in call.protection.trails:
        members = trail.members
        own = trail.account_id == call.account_id
        if named and members["Name"] not in named and trail.arn not in named:
            continue
        home = own and members["HomeRegion"] == call.region
        shadow = own and members["IsMultiRegionTrail"]
        shared = call.in_organization and members["IsOrganizationTrail"]
        if home or (shadows and (shadow or shared)):
            found.append(members)
    return {"trailList": found}


def _list_trails(call: ProtectionCall) -> Members:
    return {
        "Trails": [
            {name: each.members[name] for name in ("TrailARN", "Name", "HomeRegion")}
            for each in call.protection.trails
            if each.account_id == call.account_id
        ]
    }


def _own_trail(call: ProtectionCall) -> Trail:
    trail = call.trail(call.given.get("Name"))
    if trail.account_id != call.account_id:
        raise AwsError(
            "NotOrganizationMasterAccountException",
            "Only the owner of the trail may change it.",
        )
    return trail


def _set_logging(logging: bool) -> Callable[[ProtectionCall], Members]:
    def change(call: ProtectionCall) -> Members:
        _own_trail(call).status["IsLogging"] = logging
        return {}

    return change


def _delete_trail(call: ProtectionCall) -> Members:
    call.protection.trails.remove(_own_trail(call))
    return {}


def _update_trail(call: ProtectionCall) -> Members:
    trail = _own_trail(call)
    names = {
        "S3BucketName": "S3BucketName",
        "S3KeyPrefix": "S3KeyPrefix",
        "IsMultiRegionTrail": "IsMultiRegionTrail",
        "IncludeGlobalServiceEvents": "IncludeGlobalServiceEvents",
        "EnableLogFileValidation": "LogFileValidationEnabled",
        "KmsKeyId": "KmsKeyId",
    }
    for given, member in names.items():
        if given in call.given:
            trail.members[member] = call.given[given]
    return dict(trail.members)


def _recorder_statuses(call: ProtectionCall) -> Members:
    return {"ConfigurationRecordersStatus": list(call.here.recorder_statuses.values())}


def _set_recording(recording: bool) -> Callable[[ProtectionCall], Members]:
    def change(call: ProtectionCall) -> Members:
        name = str(call.given.get("ConfigurationRecorderName"))
        if name not in call.here.recorder_statuses:
            raise AwsError("NoSuchConfigurationRecorderException", f"There is no recorder {name}.")
        call.here.recorder_statuses[name]["recording"] = recording
        return {}

    return change


def _delete_recorder(call: ProtectionCall) -> Members:
    name, here = str(call.given.get("ConfigurationRecorderName")), call.here
    if here.recorder_statuses.pop(name, None) is None:
        raise AwsError("NoSuchConfigurationRecorderException", f"There is no recorder {name}.")
    here.recorders = [each for each in here.recorders if each["name"] != name]
    return {}


def _detector(call: ProtectionCall) -> Members:
    found = call.here.detectors.get(str(call.given.get("DetectorId")))
    if found is None:
        raise AwsError(
            "BadRequestException",
            "The request is rejected because the input detectorId is not owned by the account.",
        )
    return found


def _detector_organization(call: ProtectionCall) -> Members:
    _detector(call)
    if call.here.detector_organization is None:
        raise AwsError(
            "BadRequestException",
            "The request failed because you do not have required AWS Organization permission.",
        )
    return call.here.detector_organization


def _update_detector(call: ProtectionCall) -> Members:
    detector = _detector(call)
    if "enable" in call.given:
        detector["status"] = "ENABLED" if call.given["enable"] else "DISABLED"
    return {}


def _delete_detector(call: ProtectionCall) -> Members:
    _detector(call)
    del call.here.detectors[str(call.given["DetectorId"])]
    return {}


def _hub(call: ProtectionCall) -> Members:
    if call.here.hub is None:
        raise AwsError(
            "InvalidAccessException",
            f"Account {call.account_id} is not subscribed to AWS Security Hub",
            status=401,
        )
    return call.here.hub


def _standards(call: ProtectionCall) -> Members:
    _hub(call)
    return {"StandardsSubscriptions": call.here.standards}


def _hub_organization(call: ProtectionCall) -> Members:
    _hub(call)
    if call.here.hub_organization is None:
        raise AwsError(
            "InvalidAccessException",
            f"Account {call.account_id} is not an administrator for this organization",
            status=401,
        )
    return call.here.hub_organization


def _disable_hub(call: ProtectionCall) -> Members:
    _hub(call)
    call.here.hub = None
    call.here.standards = []
    return {}


def _delete_analyzer(call: ProtectionCall) -> Members:
    name, here = call.given.get("analyzerName"), call.here
    if all(each["name"] != name for each in here.analyzers):
        raise AwsError("ResourceNotFoundException", "The analyzer is not there.", status=404)
    here.analyzers = [each for each in here.analyzers if each["name"] != name]
    return {}


def _set_ebs(encrypted: bool) -> Callable[[ProtectionCall], Members]:
    def change(call: ProtectionCall) -> Members:
        call.here.ebs_encryption = encrypted
        return {"EbsEncryptionByDefault": encrypted}

    return change


def _modify_metadata(call: ProtectionCall) -> Members:
    for name in ("HttpTokens", "HttpEndpoint", "HttpPutResponseHopLimit", "InstanceMetadataTags"):
        value = call.given.get(name)
        if value in {"no-preference", -1}:
            call.here.instance_metadata.pop(name, None)
        elif value is not None:
            call.here.instance_metadata[name] = value
    return {"Return": True}


def _set_images(call: ProtectionCall) -> Members:
    call.here.image_block = str(call.given.get("ImageBlockPublicAccessState", "unblocked"))
    return {"ImageBlockPublicAccessState": call.here.image_block}


def _set_snapshots(call: ProtectionCall) -> Members:
    call.here.snapshot_block = str(call.given.get("State", "unblocked"))
    return {"State": call.here.snapshot_block}


def _set_console(enabled: bool) -> Callable[[ProtectionCall], Members]:
    def change(call: ProtectionCall) -> Members:
        call.here.serial_console = enabled
        return {"SerialConsoleAccessEnabled": enabled}

    return change


def _delete_flow_logs(call: ProtectionCall) -> Members:
    gone = set(call.given.get("FlowLogIds") or ())
    here = call.here
    here.flow_logs = [each for each in here.flow_logs if each["FlowLogId"] not in gone]
    return {"Unsuccessful": []}


def _contact(call: ProtectionCall) -> Members:
    kind = str(call.given.get("AlternateContactType"))
    found = call.protection.contacts.get(call.account_id, {}).get(kind)
    if found is None:
        raise AwsError(
            "ResourceNotFoundException", "No contact of the inputted alternate contact type found."
        )
    return {"AlternateContact": found}


def _put_contact(call: ProtectionCall) -> Members:
    names = ("AlternateContactType", "EmailAddress", "Name", "PhoneNumber", "Title")
    members = {name: str(call.given.get(name, "")) for name in names}
    contacts = call.protection.contacts.setdefault(call.account_id, {})
    contacts[members["AlternateContactType"]] = members
    return {}


def _delete_contact(call: ProtectionCall) -> Members:
    _contact(call)
    del call.protection.contacts[call.account_id][str(call.given["AlternateContactType"])]
    return {}


_READS: Final[Mapping[str, Callable[[ProtectionCall], Members]]] = {
    "cloudtrail:DescribeTrails": _describe_trails,
    "cloudtrail:ListTrails": _list_trails,
    "cloudtrail:GetTrailStatus": lambda call: call.trail(call.given.get("Name")).status,
    "cloudtrail:GetEventSelectors": lambda call: call.trail(call.given.get("TrailName")).selectors,
    "config:DescribeConfigurationRecorders": lambda call: {
        "ConfigurationRecorders": call.here.recorders
    },
    "config:DescribeConfigurationRecorderStatus": _recorder_statuses,
    "config:DescribeDeliveryChannels": lambda call: {"DeliveryChannels": call.here.channels},
    "config:DescribeDeliveryChannelStatus": lambda call: {
        "DeliveryChannelsStatus": list(call.here.channel_statuses.values())
    },
    "config:DescribeConfigurationAggregators": lambda call: {
        "ConfigurationAggregators": call.here.aggregators
    },
    "guardduty:ListDetectors": lambda call: {"detectorIds": list(call.here.detectors)},
    "guardduty:GetDetector": _detector,
    "guardduty:DescribeOrganizationConfiguration": _detector_organization,
    "securityhub:DescribeHub": _hub,
    "securityhub:GetEnabledStandards": _standards,
    "securityhub:DescribeOrganizationConfiguration": _hub_organization,
    "access-analyzer:ListAnalyzers": lambda call: {"analyzers": call.here.analyzers},
    "ec2:GetEbsEncryptionByDefault": lambda call: {
        "EbsEncryptionByDefault": call.here.ebs_encryption
    },
    "ec2:GetEbsDefaultKmsKeyId": lambda call: {"KmsKeyId": call.here.ebs_kms_key_id},
    "ec2:GetInstanceMetadataDefaults": lambda call: {"AccountLevel": call.here.instance_metadata},
    "ec2:GetImageBlockPublicAccessState": lambda call: {
        "ImageBlockPublicAccessState": call.here.image_block,
        "ManagedBy": "account",
    },
    "ec2:GetSnapshotBlockPublicAccessState": lambda call: {
        "State": call.here.snapshot_block,
        "ManagedBy": "account",
    },
    "ec2:GetSerialConsoleAccessStatus": lambda call: {
        "SerialConsoleAccessEnabled": call.here.serial_console,
        "ManagedBy": "account",
    },
    "ec2:DescribeVpcs": lambda call: {"Vpcs": call.here.vpcs},
    "ec2:DescribeInternetGateways": lambda call: {"InternetGateways": call.here.internet_gateways},
    "ec2:DescribeFlowLogs": lambda call: {"FlowLogs": call.here.flow_logs},
    "account:GetAlternateContact": _contact,
}
_WRITES: Final[Mapping[str, Callable[[ProtectionCall], Members]]] = {
    "cloudtrail:StopLogging": _set_logging(False),
    "cloudtrail:StartLogging": _set_logging(True),
    "cloudtrail:DeleteTrail": _delete_trail,
    "cloudtrail:UpdateTrail": _update_trail,
    "config:StopConfigurationRecorder": _set_recording(False),
    "config:StartConfigurationRecorder": _set_recording(True),
    "config:DeleteConfigurationRecorder": _delete_recorder,
    "guardduty:UpdateDetector": _update_detector,
    "guardduty:DeleteDetector": _delete_detector,
    "securityhub:DisableSecurityHub": _disable_hub,
    "access-analyzer:DeleteAnalyzer": _delete_analyzer,
    "ec2:EnableEbsEncryptionByDefault": _set_ebs(True),
    "ec2:DisableEbsEncryptionByDefault": _set_ebs(False),
    "ec2:ModifyInstanceMetadataDefaults": _modify_metadata,
    "ec2:EnableImageBlockPublicAccess": _set_images,
    "ec2:DisableImageBlockPublicAccess": _set_images,
    "ec2:EnableSnapshotBlockPublicAccess": _set_snapshots,
    "ec2:DisableSnapshotBlockPublicAccess": _set_snapshots,
    "ec2:EnableSerialConsoleAccess": _set_console(True),
    "ec2:DisableSerialConsoleAccess": _set_console(False),
    "ec2:DeleteFlowLogs": _delete_flow_logs,
    "account:PutAlternateContact": _put_contact,
    "account:DeleteAlternateContact": _delete_contact,
}
_OPERATIONS: Final = {**_READS, **_WRITES}
# Kept in the journal, so that they are made again when the simulator starts anew.
WRITES: Final = frozenset(_WRITES)
