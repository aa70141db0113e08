"""Clients and the credentials they sign with.

Making a session or a client is dear, the calls are cheap. So a process has two botocore sessions
over one loader of service models: its own, which finds the worker's credentials by the default
chain and only assumes roles, and the acting one, whose clients are made once for a service,
region and endpoint and sign with whatever role `acting_as` names in the context of the call.
Clients are safe to share among threads, and a context belongs to one thread, so accounts cannot
be mixed up; without `acting_as` an acting client signs nothing.
"""

import json
import re
import socket
import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import EndpointConnectionError
from botocore.handlers import json_decode_policies
from django.conf import settings
from urllib3.exceptions import NameResolutionError

from inventory.aws.explain import AssumedRole
from inventory.aws.parsing import ParserFactory
from inventory.aws.replies import check_replies

if TYPE_CHECKING:
    from botocore.loaders import Loader

# The one name under which everything Orgwarden does shows in CloudTrail, through chained roles.
SOURCE_IDENTITY: Final = "orgwarden"

# S3's addresses for directory buckets, which few regions have.
_OTHER_ADDRESS: Final = "//s3express-"
_ACCOUNT_PREFIX: Final = re.compile(r"://\d{12}\.")

_acting: ContextVar[ReadOnlyCredentials | None] = ContextVar("acting", default=None)


class NobodyActing(RuntimeError):
    """An acting client was called outside of `acting_as`."""


class ActingCredentials(Credentials):
    """Credentials that are those of the role in whose name the context acts."""

    def __init__(self) -> None:
        """Hold nothing of its own."""
        super().__init__("", "", None, method="acting")

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return the credentials of the acting role.

        :raises NobodyActing: never the worker's own instead.
        """
        credentials = _acting.get()
        if credentials is None:
            raise NobodyActing("call AWS inside of acting_as(credentials)")
        return credentials


class _ActingProvider:
    """Gives a botocore session its credentials, in place of the default chain."""

    def load_credentials(self) -> Credentials:
        return ActingCredentials()


@contextmanager
def acting_as(credentials: ReadOnlyCredentials) -> Iterator[None]:
    """Sign the calls made inside, in this context, with `credentials`."""
    token = _acting.set(credentials)
    try:
        yield
    finally:
        _acting.reset(token)


def _without_account_prefix(request: AWSRequest, **_: Any) -> None:
    """Take the account's id from the host, where only AWS's own names have one for each account."""
    request.url = _ACCOUNT_PREFIX.sub("://", str(request.url), count=1)


class _Clients:
    """The process's sessions and clients, made when first wanted, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[bool, botocore.session.Session] = {}
        self._clients: dict[tuple[bool, str, str, str], BaseClient] = {}
        self._keys: dict[BaseClient, tuple[bool, str, str, str]] = {}

    def in_region(self, client: BaseClient, region: str) -> BaseClient:
        acting, service, _, endpoint_url = self._keys[client]
        return self.get(service, region, endpoint_url, acting=acting)

    def is_offered(self, client: BaseClient, error: EndpointConnectionError) -> bool:
        acting, service, region, _ = self._keys[client]
        known = self._session(acting=acting).get_available_regions(service, client.meta.partition)
        if not known or _OTHER_ADDRESS in str(error.kwargs.get("endpoint_url", "")):
            return not isinstance(error.kwargs.get("error"), NameResolutionError | socket.gaierror)
        return region in known

    def get(self, service: str, region: str, endpoint_url: str, *, acting: bool) -> BaseClient:
        key = (acting, service, region, endpoint_url)
        client = self._clients.get(key)
        if client is None:
            with self._lock:
                client = self._clients.get(key)
                if client is None:
                    client = self._make(service, region, endpoint_url, acting=acting)
                    self._clients[key] = client
                    self._keys[client] = key
        return client

    def _make(self, service: str, region: str, endpoint_url: str, *, acting: bool) -> BaseClient:
        session = self._session(acting=acting)
        config = Config(
            connect_timeout=settings.AWS_CONNECT_TIMEOUT_SECONDS,
            read_timeout=settings.AWS_READ_TIMEOUT_SECONDS,
            # Retries are the caller's, where they are counted and paced.
            retries={"total_max_attempts": 1, "mode": "standard"},
            # Given whole, since botocore would put its parts together anew for each call.
            user_agent=f"{session.user_agent()} orgwarden",
            # What answers in AWS's place has one name, not one for each bucket.
            s3={"addressing_style": "path"} if endpoint_url else None,
        )
        made: BaseClient = session.create_client(
            service, region_name=region, endpoint_url=endpoint_url or None, config=config
        )
        check_replies(made)
        if endpoint_url:
            made.meta.events.register("before-sign.s3-control", _without_account_prefix)
        return made

    def _session(self, *, acting: bool) -> botocore.session.Session:
        session = self._sessions.get(acting)
        if session is None:
            session = botocore.session.Session()
            for other in self._sessions.values():
                loader: Loader = other.get_component("data_loader")
                session.register_component("data_loader", loader)
            if acting:
                session.register_component("credential_provider", _ActingProvider())
            session.register_component("response_parser_factory", ParserFactory())
            # Policies are kept as AWS wrote them; this handler would parse them.
            session.unregister("after-call.iam", json_decode_policies)  # type: ignore[arg-type]
            self._sessions[acting] = session
        return session


_clients = _Clients()


def acting_client(service: str, *, region: str, endpoint_url: str = "") -> BaseClient:
    """Return the process's client that signs with the role named by `acting_as`."""
    return _clients.get(service, region, endpoint_url, acting=True)


def in_region(client: BaseClient, region: str) -> BaseClient:
    """Return the process's client that differs from `client` in its region alone."""
    return _clients.in_region(client, region)


def is_offered(client: BaseClient, error: EndpointConnectionError) -> bool:
    """Whether the service of a client that could not connect is offered in its region.

    As botocore's data say; they lag behind AWS, so they are asked only about what cannot be
    reached. Where they know nothing of a service, it is offered if its address has a name.
    """
    return _clients.is_offered(client, error)


def own_client(service: str, *, region: str, endpoint_url: str = "") -> BaseClient:
    """Return the process's client that signs with the worker's own credentials."""
    return _clients.get(service, region, endpoint_url, acting=False)


def warm(services: Collection[str], *, regions: Iterable[str]) -> None:
    """Make clients before a worker forks, so that its children share them (1 MB instead of 25).

    Of the endpoints in AWS's place, if there are any: they are what is called then.
    """
    for region, endpoint_url in product(regions, settings.AWS_ENDPOINTS_ALLOWED or ("",)):
        own_client("sts", region=region, endpoint_url=endpoint_url)
        for service in services:
            acting_client(service, region=region, endpoint_url=endpoint_url)


def session_policy(actions: Iterable[str]) -> str:
    """Return the policy that narrows a session to `actions`, whatever else its role may do."""
    statement = {"Effect": "Allow", "Action": sorted(set(actions)), "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return json.dumps(policy, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class RoleRequest:
    """A role to assume. `duration_seconds`: 900 to 3600, more is not given to chained roles.

    `policy`: the session policy, at most 2,048 characters. `session_name`: 2 to 64 characters.
    """

    role: AssumedRole
    external_id: str
    session_name: str
    duration_seconds: int
    policy: str

    def parameters(self) -> dict[str, Any]:
        """Return what sts:AssumeRole is called with."""
        if not 900 <= self.duration_seconds <= 3600:
            raise ValueError(f"a session lasts 900 to 3600 s, not {self.duration_seconds}")
        given: dict[str, Any] = {
            "RoleArn": self.role.arn,
            "RoleSessionName": self.session_name,
            "SourceIdentity": SOURCE_IDENTITY,
            "DurationSeconds": self.duration_seconds,
            "Policy": self.policy,
        }
        if self.external_id:
            given["ExternalId"] = self.external_id
        return given
