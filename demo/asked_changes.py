"""What the demo's people ask for, and where each request is to rest: `demo.changes` does it."""

from dataclasses import dataclass
from typing import Final

_SOAK_MINUTES: Final = 48 * 60


@dataclass(frozen=True, slots=True)
class DemoChange:
    """A policy that denies a service in some OUs. `units`: paths; each is a ring of its own.

    `rests`: the state that the request is brought to, or comes to by itself some minutes later.
    `soak_minutes`: of the first ring. `ends_after_minutes`: of a change for a time. `console`: what
    somebody does in AWS meanwhile. `last_service`: what a second policy denies in the last OU, in
    place of the first one.
    """

    rests: str
    title: str
    reason: str
    service: str
    units: tuple[str, ...]
    soak_minutes: int = 0
    elsewhere: bool = False
    temporary: bool = False
    ends_after_minutes: int = 0
    emergency: bool = False
    console: str = ""
    last_service: str = ""


AS_APPROVED: Final = "as approved"
OTHERWISE: Final = "otherwise"
_ENDS_AFTER_MINUTES: Final = 20

# The one that expires is first: nothing else is in review yet when its time is over.
DEMO_CHANGES: Final = (
    DemoChange(
        "expired",
        "Deny mainframe migrations in Sandbox",
        "Left over from a trial that ended in spring.",
        "m2",
        ("Sandbox",),
    ),
    DemoChange(
        "draft",
        "Deny quantum computing in Data Science",
        "Braket tasks are expensive and nobody plans to use them.",
        "braket",
        ("Sandbox/Data Science",),
    ),
    DemoChange(
        "checks_failed",
        "Trim FullAWSAccess",
        "Could we not list what is allowed?",
        "",
        (),
    ),
    DemoChange(
        "in_review",
        "Deny game servers in production",
        "No workload runs game servers. Closing the service shrinks what an attacker can start.",
        "gamelift",
        ("Workloads/Prod/Booking", "Workloads/Prod/Tracking"),
        _SOAK_MINUTES,
    ),
    DemoChange(
        "changes_requested",
        "Deny robotics in Workloads",
        "RoboMaker has reached its end of support.",
        "robomaker",
        ("Workloads/Dev", "Workloads/Test"),
    ),
    DemoChange(
        "rejected",
        "Deny satellite ground stations everywhere in Workloads",
        "We have no satellites.",
        "groundstation",
        ("Workloads",),
    ),
    DemoChange(
        "withdrawn",
        "Deny media conversion in Sandbox",
        "Asked for by mistake.",
        "mediaconvert",
        ("Sandbox/Engineering",),
    ),
    DemoChange(
        "approved",
        "Deny device farms in Regulated",
        "The allow list keeps them out; this makes it explicit.",
        "devicefarm",
        ("Workloads/Regulated/Customs Duty",),
    ),
    DemoChange(
        "scheduled",
        "Deny private 5G in Infrastructure",
        "To be closed in the next maintenance window.",
        "private-networks",
        ("Infrastructure/Prod",),
    ),
    DemoChange(
        "stale",
        "Deny media packaging in Engineering",
        "Nobody in the sandbox streams video.",
        "mediapackage",
        ("Sandbox/Engineering",),
    ),
    DemoChange(
        "handed_out",
        "Deny live video in Tracking",
        "Kept in the platform's Terraform, so it is applied there.",
        "ivs",
        ("Workloads/Prod/Tracking",),
        elsewhere=True,
    ),
    DemoChange(
        "soaking",
        "Deny fleet management outside of production",
        "The service is closed to new customers.",
        "iotfleetwise",
        ("Workloads/Dev/Booking", "Workloads/Dev/Tracking"),
        _SOAK_MINUTES,
    ),
    DemoChange(
        "waiting_for_go",
        "Deny managed blockchain in Test",
        "Finance asked for it after an audit.",
        "managedblockchain",
        ("Workloads/Test/Booking", "Workloads/Test/Tracking"),
    ),
    DemoChange(
        "halted",
        "Deny thin clients in the sandbox",
        "A trial is over.",
        "thinclient",
        ("Sandbox/Engineering", "Sandbox/Data Science"),
        _SOAK_MINUTES,
    ),
    DemoChange(
        "partially_applied",
        "Deny two services that have ended in Infrastructure and Regulated",
        "Both have reached their end of support.",
        "opsworks",
        ("Infrastructure", "Workloads/Regulated"),
        console=OTHERWISE,
        last_service="qldb",
    ),
    DemoChange(
        "rolled_back",
        "Deny panorama appliances in Infrastructure",
        "It stood in the way of a test.",
        "panorama",
        ("Infrastructure/Test", "Infrastructure/Prod"),
        _SOAK_MINUTES,
    ),
    DemoChange(
        "rollback_failed",
        "Deny document sharing in Regulated",
        "The service has ended.",
        "workdocs",
        ("Workloads/Regulated/Payments", "Workloads/Regulated/Customs Duty"),
        _SOAK_MINUTES,
        console=OTHERWISE,
    ),
    DemoChange(
        "applied",
        "Deny lookout for equipment in Sandbox",
        "The service ends in October.",
        "lookoutequipment",
        ("Sandbox",),
        temporary=True,
    ),
    DemoChange(
        "applied_pending_review",
        "Deny fraud detection in Telematics",
        "A leaked key trained models there.",
        "frauddetector",
        ("Workloads/Prod/Tracking/Telematics",),
        emergency=True,
    ),
    DemoChange(
        "ratified",
        "Deny trading notebooks in Booking",
        "A notebook was opened to the internet.",
        "finspace",
        ("Workloads/Prod/Booking",),
        emergency=True,
    ),
    DemoChange(
        "reverted",
        "Deny calls during the audit in Customs",
        "For as long as the auditors are in the house.",
        "chime",
        ("Workloads/Prod/Customs",),
        ends_after_minutes=_ENDS_AFTER_MINUTES,
    ),
    DemoChange(
        "revert_due",
        "Deny mailboxes in Test until the migration is over",
        "Kept in Terraform, which has to take it back as well.",
        "workmail",
        ("Workloads/Test",),
        elsewhere=True,
        ends_after_minutes=_ENDS_AFTER_MINUTES,
        console=AS_APPROVED,
    ),
    DemoChange(
        "differs",
        "Deny visual inspection in Dev",
        "Applied by a pipeline, which wrote another text.",
        "lookoutvision",
        ("Workloads/Dev",),
        elsewhere=True,
        console=OTHERWISE,
    ),
)

# Where requests come to rest that the apply worker carries out.
ROLLED_OUT: Final = frozenset(
    {
        *("soaking", "waiting_for_go", "halted", "partially_applied", "rolled_back"),
        *("rollback_failed", "applied"),
    }
)
# They come there by themselves: nothing waits for them.
LATER: Final = frozenset({"applied_pending_review", "reverted", "revert_due", "differs"})
NEED_WORKERS: Final = ROLLED_OUT | LATER | {"ratified"}
