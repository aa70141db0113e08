"""/people, /service-accounts and /groups: who may use the instance. Closed to tokens."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.models import Profile
from governance.access.people import CannotDeactivate, person_deactivate, person_reactivate
from governance.access.role_assignments import LastAdministrator
from governance.api.parts.endpoints import Endpoint, by
from governance.api.parts.fresh_proof import require_fresh_proof
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.problems import CONFLICT, NOT_FOUND, Problem
from governance.api.parts.representations import Representation

_TOPIC = "People"


class PersonRepresentation(Representation):
    """A person or a service account."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    username = serializers.CharField()
    name = serializers.CharField(source="get_full_name", help_text="Empty: not known.")
    email = serializers.CharField()
    description = serializers.CharField(
        source="profile.description", help_text="What a service account is for."
    )
    is_active = serializers.BooleanField()
    is_break_glass = serializers.BooleanField(source="profile.break_glass")
    groups = serializers.SerializerMethodField(help_text="Names of the groups it is in.")
    created_at = serializers.DateTimeField(source="date_joined")
    last_seen_at = serializers.DateTimeField(
        source="profile.last_seen_at", allow_null=True, help_text="To the minute; null: never."
    )
    deactivated_at = serializers.DateTimeField(source="profile.deactivated_at", allow_null=True)

    def get_url(self, user: User) -> str:
        """Return the address."""
        is_person = user.profile.kind == Profile.Kind.PERSON
        address: str = reverse(
            "api:person" if is_person else "api:service-account",
            kwargs={"user_id" if is_person else "service_account_id": user.pk},
            request=self.context["request"],
        )
        return address

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_groups(self, user: User) -> list[str]:
        """Return the names."""
        return sorted(group.name for group in user.groups.all())


class PersonPageRepresentation(serializers.Serializer[Any]):
    """A page of people or service accounts."""

    results = PersonRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class _People(Endpoint):
    topic = _TOPIC
    representation = PersonRepresentation
    kind: ClassVar[Profile.Kind] = Profile.Kind.PERSON
    id_parameter: ClassVar[str] = "user_id"

    def rows(self) -> "QuerySet[User]":
        """Return all of the kind."""
        found = User.objects.filter(profile__kind=self.kind).select_related("profile")
        return found.prefetch_related("groups")

    def find(self, user_id: int) -> User:
        """Return one of them.

        :raises Problem: there is none with this id.
        """
        found = self.rows().filter(pk=user_id).first()
        if found is None:
            raise Problem(NOT_FOUND, f"there is no {self.kind.value} {user_id}")
        return found


class PersonList(_People):
    """The people."""

    rights = {"GET": rights.MANAGE_PEOPLE}
    page_representation = PersonPageRepresentation
    own_parameters = (
        OpenApiParameter("is_active", OpenApiTypes.BOOL, description="Only active ones, or not."),
    )
    orderings = {"username": by("username", "id"), "created_at": by("date_joined", "id")}
    usual_ordering = "username"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List them, those that are deactivated too."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        rows, wanted = self.rows(), request.query_params.get("is_active", "")
        if wanted:
            if wanted not in {"true", "false"}:
                raise serializers.ValidationError({"is_active": ["is true or false"]})
            rows = rows.filter(is_active=wanted == "true")
        page = page_of(rows, asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class PersonDetail(_People):
    """One person."""

    rights = {"GET": rights.MANAGE_PEOPLE}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one."""
        return self.answer(self.serialized(self.find(kwargs[self.id_parameter])))


class _Switch(_People):
    rights = {"POST": rights.MANAGE_PEOPLE}
    takes = None
    answers = {200: OpenApiResponse(PersonRepresentation(), description="Done.")}

    def switched(self, request: Request, user_id: int, switch: Callable[..., User]) -> Response:
        """Switch one and answer with it.

        :raises Problem: there is none with this id, no fresh proof, or it may not be.
        """
        self.find(user_id)
        require_fresh_proof(request)
        try:
            switch(actor=actor_of(request), user_id=user_id, now=self.now)
        except (CannotDeactivate, LastAdministrator) as error:
            raise Problem(CONFLICT, str(error)) from None
        return self.answer(self.serialized(self.find(user_id)))


class PersonDeactivate(_Switch):
    """Deactivates one."""

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Deactivate one: sessions end and tokens are revoked at once."""
        return self.switched(request, kwargs[self.id_parameter], person_deactivate)


class PersonReactivate(_Switch):
    """Reactivates one."""

    def post(self, request: Request, **kwargs: Any) -> Response:
        """Let one in again, with the roles it has. Tokens stay revoked."""
        return self.switched(request, kwargs[self.id_parameter], person_reactivate)


class ServiceAccountList(PersonList):
    """The service accounts."""

    kind = Profile.Kind.SERVICE_ACCOUNT


class ServiceAccountDetail(PersonDetail):
    """One service account."""

    kind = Profile.Kind.SERVICE_ACCOUNT
    id_parameter = "service_account_id"


class ServiceAccountDeactivate(PersonDeactivate):
    """Deactivates a service account."""

    kind = Profile.Kind.SERVICE_ACCOUNT
    id_parameter = "service_account_id"


class ServiceAccountReactivate(PersonReactivate):
    """Reactivates a service account."""

    kind = Profile.Kind.SERVICE_ACCOUNT
    id_parameter = "service_account_id"


class GroupRepresentation(Representation):
    """A group."""

    id = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    name = serializers.CharField()
    members = serializers.SerializerMethodField(help_text="User names.")
    roles = serializers.SerializerMethodField(help_text="Roles that it holds somewhere.")

    def get_url(self, group: Group) -> str:
        """Return the address."""
        address: str = reverse(
            "api:group", kwargs={"group_id": group.pk}, request=self.context["request"]
        )
        return address

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_members(self, group: Group) -> list[str]:
        """Return the user names."""
        return sorted(user.username for user in group.user_set.all())

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_roles(self, group: Group) -> list[str]:
        """Return the roles."""
        return sorted({one.role for one in group.role_assignments.all()})


class GroupPageRepresentation(serializers.Serializer[Any]):
    """A page of groups."""

    results = GroupRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class _Groups(Endpoint):
    topic = _TOPIC
    representation = GroupRepresentation

    def rows(self) -> "QuerySet[Group]":
        """Return all groups."""
        return Group.objects.prefetch_related("user_set", "role_assignments")


class GroupList(_Groups):
    """The groups."""

    rights = {"GET": rights.MANAGE_PEOPLE}
    page_representation = GroupPageRepresentation
    orderings = {"name": by("name", "id")}
    usual_ordering = "name"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request) -> Response:
        """List groups with their members and roles."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(self.rows(), asked)
        return self.respond_with(page, self.serialized(page.rows, many=True))


class GroupDetail(_Groups):
    """One group."""

    rights = {"GET": rights.MANAGE_PEOPLE}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one group."""
        found = self.rows().filter(pk=kwargs["group_id"]).first()
        if found is None:
            raise Problem(NOT_FOUND, f"there is no group {kwargs['group_id']}")
        return self.answer(self.serialized(found))
