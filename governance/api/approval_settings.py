"""/approval-rules and its like: settings whose versions a second person confirms. Sessions only.

Each kind has the same addresses: what holds, proposing, the versions, and deciding over one.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.actors import actor_of
from governance.api.approval_setting_representations import (
    ActiveSettingRepresentation,
    ProposedSettingRepresentation,
    SettingVersionPageRepresentation,
    SettingVersionRepresentation,
)
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.fresh_proof import require_fresh_proof
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.permissions import person_of, token_of
from governance.api.parts.problems import (
    CONFLICT,
    NOT_FOUND,
    PERMISSION_DENIED,
    PRECONDITION_FAILED,
    SESSION_ONLY,
    Problem,
)
from governance.api.parts.representations import Representation, read_body
from governance.approvals.forms import SettingInvalid
from governance.approvals.models import SettingVersion
from governance.approvals.settings import (
    CannotChangeSetting,
    MayNotChangeSetting,
    NoSuchSettingVersion,
    SettingMoved,
    active,
    lone_person_words,
    proposed_version,
    setting_confirm,
    setting_propose,
    setting_refuse,
    setting_version,
    setting_versions,
    setting_withdraw,
)


class SettingEndpoint(OrganizationEndpoint):
    """What the addresses of a setting have in common. Its content names OUs of all parts.

    `kind`: of `SettingVersion.Kind`; `address`: the beginning of the addresses and their names.
    """

    topic = "Approvals"
    representation: ClassVar[type[Representation]] = SettingVersionRepresentation
    right_at: ClassVar[Mapping[str, str]] = {"GET": "", "POST": ""}
    kind = ""
    address = ""

    def get_serializer_context(self) -> dict[str, Any]:
        """Return what representations need to name versions by their addresses."""
        context = super().get_serializer_context()
        return {**context, "slug": self.connection.slug, "address": self.address}

    def require_session(self, request: Request) -> None:
        """Go on only for a person in a session who has just proved who they are.

        :raises Problem: a token was sent, or the proof is missing.
        """
        if token_of(request) is not None:
            raise Problem(SESSION_ONLY, "people change this in their own session")
        require_fresh_proof(request)

    def serialized_version(self, row: SettingVersion) -> Any:
        """Return a version as it is now."""
        found = setting_version(self.connection, self.kind, row.version)
        return SettingVersionRepresentation(found, context=self.get_serializer_context()).data


class SettingActive(SettingEndpoint):
    """What holds of a setting, and proposing something else."""

    rights = {"GET": rights.VIEW_APPROVAL_SETTINGS, "POST": rights.MANAGE_APPROVAL_SETTINGS}
    representation = ActiveSettingRepresentation
    matches_on_post = True
    takes = ProposedSettingRepresentation
    answers = {201: OpenApiResponse(SettingVersionRepresentation(), description="Proposed.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get what holds, and what waits for a second person."""
        return self.answer(
            self.serialized(
                active(self.connection, self.kind),
                proposed=proposed_version(self.connection, self.kind),
                lone_person=lone_person_words(self.connection, person_of(request).pk),
            )
        )

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Propose a content; it holds once a second person confirms it. Sessions only.

        `If-Match` names what was read at this address. 409 where another proposal waits.
        """
        self.require_session(request)
        given = read_body(ProposedSettingRepresentation, request)
        try:
            row = setting_propose(
                actor=actor_of(request),
                user=person_of(request),
                connection=self.connection,
                kind=self.kind,
                content=given["content"],
                reason=given["reason"],
                base_version=active(self.connection, self.kind).version,
                now=self.now,
            )
        except SettingInvalid as error:
            raise ValidationError({"content": _nested(error.errors)}) from error
        except SettingMoved as error:
            raise Problem(PRECONDITION_FAILED, str(error)) from error
        except MayNotChangeSetting as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        except CannotChangeSetting as error:
            raise Problem(CONFLICT, str(error)) from error
        serialized = self.serialized_version(row)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )


def _nested(errors: dict[str, str]) -> dict[str, Any]:
    """Return errors by path as the objects and places that the paths name."""
    nested: dict[str, Any] = {}
    for where, said in errors.items():
        inner = nested
        *steps, last = where.split(".")
        for step in steps:
            inner = inner.setdefault(step, {})
        inner[last] = [said]
    return nested


class SettingVersionList(SettingEndpoint):
    """The versions of a setting."""

    rights = {"GET": rights.VIEW_APPROVAL_SETTINGS}
    page_representation = SettingVersionPageRepresentation
    orderings = {"version": by("version")}
    usual_ordering = "-version"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the versions, the newest first; the defaults are none."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(setting_versions(self.connection, self.kind), asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class SettingVersionDetail(SettingEndpoint):
    """One version of a setting."""

    rights = {"GET": rights.VIEW_APPROVAL_SETTINGS}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one version."""
        try:
            row = setting_version(self.connection, self.kind, kwargs["version"])
        except NoSuchSettingVersion as error:
            raise Problem(NOT_FOUND, str(error)) from error
        return self.answer(self.serialized(row))


class _SettingDecision(SettingEndpoint):
    rights = {"POST": rights.MANAGE_APPROVAL_SETTINGS}
    answers = {200: OpenApiResponse(SettingVersionRepresentation(), description="Decided.")}

    def decided(
        self, request: Request, version: int, decide: Callable[..., SettingVersion]
    ) -> Response:
        """Decide over a version and answer with it.

        :raises Problem: a token, no proof, no such version, or not theirs to decide.
        """
        self.require_session(request)
        try:
            row = decide(
                actor=actor_of(request),
                user=person_of(request),
                connection=self.connection,
                kind=self.kind,
                version=version,
                now=self.now,
            )
        except NoSuchSettingVersion as error:
            raise Problem(NOT_FOUND, str(error)) from error
        except MayNotChangeSetting as error:
            raise Problem(PERMISSION_DENIED, str(error)) from error
        except (CannotChangeSetting, SettingInvalid) as error:
            raise Problem(CONFLICT, str(error)) from error
        return Response(self.serialized_version(row))


class SettingConfirm(_SettingDecision):
    """The confirmation by a second person."""

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Confirm what someone else proposed; from now on it holds. Sessions only.

        403 for who proposed it; 409 where it was decided already, or names what is gone.
        """
        return self.decided(request, kwargs["version"], setting_confirm)


class SettingRefuse(_SettingDecision):
    """The refusal of what someone else proposed."""

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Refuse a proposed version. Sessions only; who proposed it withdraws it instead."""
        return self.decided(request, kwargs["version"], setting_refuse)


class SettingWithdraw(_SettingDecision):
    """The withdrawal of one's own proposal."""

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Withdraw a version that you proposed. Sessions only."""
        return self.decided(request, kwargs["version"], setting_withdraw)


def setting_addresses(address: str, kind: str) -> list[URLPattern]:
    """Return the addresses of one kind of setting, such as `approval-rules`."""
    given = {"kind": kind, "address": address}
    one = f"/{address}/<int:version>"
    return [
        path(f"/{address}", SettingActive.as_view(**given), name=address),
        path(
            f"/{address}/versions", SettingVersionList.as_view(**given), name=f"{address}-versions"
        ),
        path(one, SettingVersionDetail.as_view(**given), name=f"{address}-version"),
        path(f"{one}/confirm", SettingConfirm.as_view(**given), name=f"{address}-confirm"),
        path(f"{one}/refuse", SettingRefuse.as_view(**given), name=f"{address}-refuse"),
        path(f"{one}/withdraw", SettingWithdraw.as_view(**given), name=f"{address}-withdraw"),
    ]
