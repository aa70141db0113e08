"""The simulated AWS of one process: one organization, its keys and everything that answers."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random as moto_random
from moto.moto_api._internal.models import moto_api_backend

from demo.cloudtrail.log_bucket import LogBucket
from demo.cloudtrail.recording import RECORDED, REGION, recorded_event
from demo.simulator import control_tower, resource_policies, s3
from demo.simulator.answering import Answer, answer
from demo.simulator.authorization import Question
from demo.simulator.callers import Callers, iam_of
from demo.simulator.calls import Call, Caller
from demo.simulator.control_tower import ControlTower, answer_control_tower
from demo.simulator.crossings import Crossings, answer_crossings
from demo.simulator.errors import AwsError
from demo.simulator.iam.credential_report import CredentialReports, RootUser
from demo.simulator.iam.operations import answer_iam
from demo.simulator.iam.organization import answer_for_organization
from demo.simulator.identity_center import (
    IdentityCenter,
    administrators,
    answer_identity_center,
)
from demo.simulator.journal import Journal, JournaledCall
from demo.simulator.log_objects import answer_log_objects
from demo.simulator.moto_services import MotoServices, unsupported
from demo.simulator.organizations.enforcement import Enforcement
from demo.simulator.organizations.operations import OPERATIONS, is_read
from demo.simulator.organizations.request import Request
from demo.simulator.organizations.state import Organization
from demo.simulator.permissions import (
    action_of,
    check_allowed,
    check_organizations_account,
    context_of,
)
from demo.simulator.protection.operations import WRITES, answer_protection
from demo.simulator.protection.state import Protection
from demo.simulator.rates import Rate, Rates
from demo.simulator.reading import read_call
from demo.simulator.regions import list_regions
from demo.simulator.resources import resource_of, service_context
from demo.simulator.security_tokens import SecurityTokens
from demo.simulator.seeded_resources import ResourceCall, Resources
from demo.simulator.service_models import check_organizations_input
from demo.simulator.tagging import asks_for_organization, get_resources

_LIST_PUBLIC_KEYS = "cloudtrail:ListPublicKeys"
_LIST_REGIONS = "account:ListRegions"
# REST services whose operations are the actions that allow them.
_NAMED_AS_ALLOWED = frozenset(
    {
        *("account", "eks", "ram", "rolesanywhere", "access-analyzer", "guardduty", "securityhub"),
        *("controltower", "controlcatalog"),
    }
)
_LIST_DIRECTORY_BUCKETS = "s3express:ListDirectoryBuckets"
_JOURNALED = frozenset({"organizations", "iam"})
_JOURNALED_CALLS = WRITES | control_tower.WRITES
_KNOWN_REST = frozenset({_LIST_DIRECTORY_BUCKETS, *resource_policies.OPERATIONS})


@dataclass(slots=True)
class Seed:
    """What seeding leaves beside moto's backends.

    `regions`: by account, the status of the regions that it has opted into. `resources`: what has
    a policy of its own, but for buckets.
    """

    organization: Organization
    account_rates: dict[tuple[str, str], Rate] = field(default_factory=dict)
    root_users: dict[str, RootUser] = field(default_factory=dict)
    regions: dict[str, dict[str, str]] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    warnings: list[str] = field(default_factory=list)
    identity_center: IdentityCenter | None = None
    crossings: Crossings = field(default_factory=Crossings)
    protection: Protection = field(default_factory=Protection)
    control_tower: ControlTower | None = None
    log_bucket: LogBucket | None = None


Seeding = Callable[[datetime], Seed]


class World:
    """Answers calls whose caller is known. `seeding` fills an empty moto and returns the rest."""

    def __init__(self, seeding: Seeding, journal: Journal, rates: Rates) -> None:
        self._seeding = seeding
        self._lock = threading.RLock()
        self._moto = MotoServices()
        self.journal = journal
        self.rates = rates
        self.callers = Callers()
        self.reports = CredentialReports()
        self.enforcement = Enforcement()
        self.seed = self._fill()
        for entry in journal.entries:
            self._repeat(entry)

    @property
    def organization(self) -> Organization:
        return self.seed.organization

    def start_anew(self) -> None:
        """Throw every change away and seed again."""
        with self._lock:
            self.journal.restart()
            self.callers = Callers()
            self.seed = self._fill()

    def _fill(self) -> Seed:
        moto_api_backend.reset()
        self._writes = 0
        self.reports.forget()
        self.rates.forget()
        self.enforcement.forget()
        seed = self._seeding(self.journal.seeded_at)
        self.reports.roots = seed.root_users
        self.rates.account_rates = seed.account_rates
        return seed

    def answer(self, call: Call, caller: Caller, environ: dict[str, Any]) -> Answer:
        """Do what is asked and return the answer.

        :raises AwsError: whatever AWS would refuse with.
        """
        now = datetime.now(UTC)
        if call.service == "sts":
            return self._security_tokens(call, caller, now)
        if call.service == "organizations":
            self._check_operation(call)
        self._authorize(call, caller, now)
        if is_read(call.operation) or not (
            call.service in _JOURNALED or call.name in _JOURNALED_CALLS
        ):
            return self._dispatch(call, caller, environ, now)
        with self._lock:
            content_type = environ.get("CONTENT_TYPE", "")
            found = self._dispatch(call, caller, environ, now)
            if found[0] < 300:
                agent = environ.get("HTTP_USER_AGENT", "")
                self.journal.add(caller, call, content_type, now, agent)
                self._record(call, caller, now, agent, found[2])
            return found

    def _record(
        self, call: Call, caller: Caller, at: datetime, agent: str, body: bytes = b""
    ) -> None:
        """Have CloudTrail record a write."""
        bucket = self.seed.log_bucket
        if bucket is not None and call.service in RECORDED:
            event = recorded_event(call, caller, at=at, agent=agent, answer=body)
            bucket.record(caller.account_id, REGION, at, event)

    def _security_tokens(self, call: Call, caller: Caller, now: datetime) -> Answer:
        tokens = SecurityTokens(self.organization, self.callers)
        if call.operation == "AssumeRole":
            return answer(call, tokens.assume_role(call, caller, now))
        if call.operation == "GetCallerIdentity":
            return answer(call, tokens.get_caller_identity(call, caller, now))
        raise unsupported(call)

    def _check_operation(self, call: Call) -> None:
        if call.operation not in OPERATIONS:
            raise unsupported(call)
        check_organizations_input(call.operation, call.parameters)

    def _authorize(self, call: Call, caller: Caller, now: datetime) -> None:
        enforced = self.enforcement.state_at(self.organization, now)
        if s3.is_s3(call):
            context = context_of(self.organization, caller, region=call.region, now=now)
            question = Question(s3.action_of(call), s3.resource_of(call), context)
            check_allowed(enforced, caller, question)
            s3.check_bucket(call, caller, question)
            return
        # What a REST call is allowed by is not told by its operation's name alone, elsewhere.
        if call.protocol.startswith("rest") and not (
            call.service in _NAMED_AS_ALLOWED or call.name in _KNOWN_REST
        ):
            return
        context = context_of(self.organization, caller, region=call.region, now=now)
        context |= service_context(call, self.organization)
        resource = resource_of(call, caller, self.organization)
        question = Question(action_of(call), resource, context)
        check_allowed(enforced, caller, question)
        if call.service == "organizations":
            check_organizations_account(self.organization, caller, call.operation, question)

    def _dispatch(
        self, call: Call, caller: Caller, environ: dict[str, Any], now: datetime
    ) -> Answer:
        if call.service == "organizations":
            request = Request(self.organization, call.operation, call.parameters, caller, now)
            with self._lock:
                if not is_read(call.operation):
                    self.enforcement.note(self.organization, now)
                return answer(call, OPERATIONS[call.operation](request))
        if call.service == "iam":
            if not is_read(call.operation):
                # moto draws its ids at random; a fixed seed a write gives a replay the same ids.
                self._writes += 1
                moto_random.seed(self._writes)
            found = answer_for_organization(call, caller, self.organization)
            if found is not None:
                return answer(call, found)
            found = answer_iam(call, iam_of(caller.account_id), self.reports, now)
            if found is not None:
                return answer(call, found)
        found = self._seeded(call, caller)
        if found is not None:
            return answer(call, found)
        if s3.is_s3(call) or call.name == _LIST_DIRECTORY_BUCKETS:
            return self._s3(call, caller, environ)
        if call.name == "tagging:GetResources" and asks_for_organization(call.parameters):
            self._check_tag_reader(caller)
            with self._lock:
                return answer(call, get_resources(self.organization, call.parameters))
        if call.service in resource_policies.SERVICES and not is_read(call.operation):
            raise unsupported(call)
        return self._moto.answer(call, environ, caller.account_id)

    def _s3(self, call: Call, caller: Caller, environ: dict[str, Any]) -> Answer:
        if call.name == _LIST_DIRECTORY_BUCKETS:
            return s3.list_directory_buckets()
        if call.name == "s3:ListBuckets":
            return s3.list_buckets(call, caller.account_id)
        found = answer_log_objects(call, environ, self.seed.log_bucket)
        return found or self._moto.answer(call, environ, caller.account_id)

    def _seeded(self, call: Call, caller: Caller) -> dict[str, Any] | None:
        """Return what the front itself answers from what was seeded; None: moto is to answer."""
        if call.name == _LIST_REGIONS:
            return list_regions(self.seed.regions.get(caller.account_id, {}), call.parameters)
        if call.name == _LIST_PUBLIC_KEYS and self.seed.log_bucket is not None:
            return self.seed.log_bucket.digests.public_keys()
        if call.service in {"sso", "identitystore"}:
            own = self.organization
            return answer_identity_center(
                call,
                caller,
                self.seed.identity_center,
                administrators=administrators(own.management_account_id, own.delegated),
            )
        if call.name in resource_policies.OPERATIONS:
            asked = ResourceCall(
                self.seed.resources, caller.account_id, call.region, call.parameters
            )
            return resource_policies.OPERATIONS[call.name](asked)
        own = self.organization
        found = answer_protection(call, caller, self.seed.protection, own)
        if found is None:
            found = answer_control_tower(
                call, caller, self.seed.control_tower, own.management_account_id
            )
        if found is not None:
            return found
        return answer_crossings(call, caller.account_id, self.seed.crossings)

    def _check_tag_reader(self, caller: Caller) -> None:
        if caller.account_id != self.organization.management_account_id:
            raise AwsError(
                "AccessDeniedException", "You don't have permissions to access this resource."
            )

    def _repeat(self, entry: JournaledCall) -> None:
        """Make a journaled write again, without asking whether it is allowed."""
        environ = entry.environ()
        caller = Caller(entry.account_id, "", "", "Replay", "", "", "")
        try:
            call = read_call(environ)
            body = self._dispatch(call, caller, environ, entry.at)[2]
            if entry.caller is not None:
                self._record(call, entry.caller, entry.at, entry.agent, body)
        except AwsError as error:
            self.seed.warnings.append(
                f"{entry.service}:{entry.operation} of {entry.at} could not be repeated: {error}"
            )
