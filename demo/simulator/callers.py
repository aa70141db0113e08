"""Who signed a call: long-lived keys of IAM users and the sessions handed out by AssumeRole."""

import base64
import hashlib
import itertools
import threading
from datetime import datetime, timedelta

from moto.iam.models import AccessKey, IAMBackend, Role, User, iam_backends

from demo.simulator.calls import Call, Caller
from demo.simulator.errors import AwsError


def iam_of(account_id: str) -> IAMBackend:
    """Return an account's IAM as moto keeps it."""
    return iam_backends[account_id]["aws"]


def role_named(account_id: str, name: str) -> Role | None:
    return next((role for role in iam_of(account_id).roles.values() if role.name == name), None)


class Callers:
    """The keys of one simulator.

    moto looks for a key in every account at each request; here sessions are a dictionary and a
    user's key is looked for once and then remembered with its account.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._serial = itertools.count(1)
        self._sessions: dict[str, tuple[Caller, str]] = {}
        self._users: dict[str, tuple[str, User]] = {}
        self._noted_uses: dict[str, datetime] = {}

    def note_use(self, role: Role, now: datetime) -> None:
        """Have IAM tell of the use of a role: of the first here at once, then every four hours.

        AWS shows a use within four hours; a role in use does not change every second.
        """
        noted_at = self._noted_uses.get(role.arn)
        if noted_at is None or now - noted_at > timedelta(hours=4):
            self._noted_uses[role.arn] = role.last_used = now

    def caller_of(self, call: Call, *, now: datetime) -> Caller:
        """Return who signed.

        :raises AwsError: an unknown, inactive or expired key, in the service's own words.
        """
        session = self._sessions.get(call.access_key_id)
        if session is not None:
            caller = session[0]
            if caller.session_token != call.session_token:
                raise _bad_token(call)
            if caller.expires_at is not None and caller.expires_at <= now:
                code = "ExpiredToken" if call.protocol == "query" else "ExpiredTokenException"
                raise AwsError(
                    code, "The security token included in the request is expired", status=403
                )
            return caller
        return self._user_caller(call)

    def open_session(
        self,
        *,
        role: Role,
        session_name: str,
        session_policies: tuple[str, ...],
        source_identity: str,
        until: datetime,
    ) -> tuple[Caller, str]:
        """Return a new session's caller and its secret access key."""
        with self._lock:
            seed = f"{role.arn}/{session_name}/{next(self._serial)}".encode()
        digest = hashlib.sha512(seed).digest()
        key = "ASIA" + base64.b32encode(digest[:10]).decode()
        caller = Caller(
            account_id=role.account_id,
            arn=f"arn:aws:sts::{role.account_id}:assumed-role/{role.name}/{session_name}",
            principal_arn=role.arn,
            kind="AssumedRole",
            user_id=f"{role.id}:{session_name}",
            name=role.name,
            access_key_id=key,
            session_token=base64.b64encode(digest).decode(),
            expires_at=until,
            session_policies=session_policies,
            source_identity=source_identity,
        )
        secret = base64.b64encode(digest[::-1]).decode()[:40]
        self._sessions[key] = (caller, secret)
        self._forget_expired(until - timedelta(hours=12))
        return caller, secret

    def _forget_expired(self, before: datetime) -> None:
        with self._lock:
            if len(self._sessions) > 50_000:
                for key, (caller, _) in list(self._sessions.items()):
                    if caller.expires_at is not None and caller.expires_at < before:
                        del self._sessions[key]

    def _user_caller(self, call: Call) -> Caller:
        found = self._users.get(call.access_key_id) or self._find_user(call.access_key_id)
        if found is None:
            raise _bad_token(call)
        account_id, user = found
        key = _key_of(user, call.access_key_id)
        if key is None or key.status != "Active" or user.name not in iam_of(account_id).users:
            self._users.pop(call.access_key_id, None)
            raise _bad_token(call)
        return Caller(
            account_id=account_id,
            arn=user.arn,
            principal_arn=user.arn,
            kind="User",
            user_id=user.id,
            name=user.name,
            access_key_id=call.access_key_id,
        )

    def _find_user(self, access_key_id: str) -> tuple[str, User] | None:
        for account_id, account in list(iam_backends.items()):
            for user in list(account["aws"].users.values()):
                if _key_of(user, access_key_id) is not None:
                    self._users[access_key_id] = (account_id, user)
                    return account_id, user
        return None


def _key_of(user: User, access_key_id: str) -> AccessKey | None:
    return next((key for key in user.access_keys if key.access_key_id == access_key_id), None)


def _bad_token(call: Call) -> AwsError:
    code = "InvalidClientTokenId" if call.protocol == "query" else "UnrecognizedClientException"
    return AwsError(code, "The security token included in the request is invalid.", status=403)
