"""/people, /service-accounts and /groups: who may use the instance. Closed to tokens."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from governance.access import rights
from governance.access.actors import actor_of
from governance.access.models import Profile
from governance.access.owners.recovery import RecoveryNotConfirmed
from governance.access.people import (
    CannotDeactivate,
    PersonInvalid,
    PersonValues,
    person_change,
    person_create,
    person_deactivate,
    person_reactivate,
    service_account_change,
    service_account_create,
)
from governance.access.role_assignments import LastAdministrator
from governance.api.parts.endpoints import Endpoint
from governance.api.parts.fresh_proof import proven_body, require_fresh_proof
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import page_of, page_request
from governance.api.parts.problems import CONFLICT, NOT_FOUND, Problem
from governance.api.parts.representations import BodyRepresentation, Representation

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


class NewPersonRepresentation(BodyRepresentation):
    """A person to be made. Someone who is made cannot sign in before they have a password."""

    username = serializers.CharField(max_length=150)
    first_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    last_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    email = serializers.EmailField(max_length=254, allow_blank=True, default="")


class PersonChangeRepresentation(BodyRepresentation):
    """What changes about a person; what is left out stays."""

    username = serializers.CharField(max_length=150, required=False)
    first_name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    last_name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    email = serializers.EmailField(max_length=254, allow_blank=True, required=False)


class NewServiceAccountRepresentation(BodyRepresentation):
    """A service account to be made."""

    username = serializers.CharField(max_length=150)
    description = serializers.CharField(
        max_length=200, allow_blank=True, default="", help_text="Its purpose."
    )


class ServiceAccountChangeRepresentation(BodyRepresentation):
    """What changes about a service account; what is left out stays."""

    username = serializers.CharField(max_length=150, required=False)
    description = serializers.CharField(max_length=200, allow_blank=True, required=False)


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

    rights = {"GET": rights.MANAGE_PEOPLE, "POST": rights.MANAGE_PEOPLE}
    page_representation = PersonPageRepresentation
    takes: ClassVar[type[BodyRepresentation]] = NewPersonRepresentation
    answers = {201: OpenApiResponse(PersonRepresentation(), description="Created.")}
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

    def post(self, request: Request, /) -> Response:
        """Make one, with no roles and no way to sign in yet. Sessions only, after a fresh proof."""
        given = proven_body(self.takes, request)
        try:
            made = self.made(given)
        except PersonInvalid as error:
            raise _invalid(error) from error
        serialized = self.serialized(self.find(made.pk))
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": str(serialized["url"])}
        )

    def made(self, given: dict[str, Any]) -> User:
        """Make one of the kind.

        :raises PersonInvalid: a value that it cannot have.
        """
        return person_create(
            actor=actor_of(self.request), values=PersonValues(**given), now=self.now
        )


def _invalid(error: PersonInvalid) -> ValidationError:
    return ValidationError({name: [words] for name, words in error.fields.items()})


class PersonDetail(_People):
    """One person."""

    rights = {"GET": rights.MANAGE_PEOPLE, "PATCH": rights.MANAGE_PEOPLE}
    takes: ClassVar[type[BodyRepresentation]] = PersonChangeRepresentation
    answers = {200: OpenApiResponse(PersonRepresentation(), description="The current state.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one."""
        return self.answer(self.serialized(self.find(kwargs[self.id_parameter])))

    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Change what is written down of one. Sessions only, after a fresh proof."""
        user = self.find(kwargs[self.id_parameter])
        given = proven_body(self.takes, request)
        try:
            self.change(user, given)
        except PersonInvalid as error:
            raise _invalid(error) from error
        except RecoveryNotConfirmed as error:
            raise Problem(CONFLICT, f"{error}: ask for it on the person's page") from error
        return self.answer(self.serialized(self.find(user.pk)))

    def change(self, user: User, given: dict[str, Any]) -> None:
        """Change one of the kind.

        :raises PersonInvalid: a value that it cannot have.
        """
        names = ("username", "first_name", "last_name", "email")
        values = PersonValues(**{name: given.get(name, getattr(user, name)) for name in names})
        person_change(actor=actor_of(self.request), user_id=user.pk, values=values, now=self.now)


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
    takes = NewServiceAccountRepresentation

    def made(self, given: dict[str, Any]) -> User:
        """Make one of the kind.

        :raises PersonInvalid: a value that it cannot have.
        """
        return service_account_create(actor=actor_of(self.request), **given, now=self.now)


class ServiceAccountDetail(PersonDetail):
    """One service account."""

    kind = Profile.Kind.SERVICE_ACCOUNT
    id_parameter = "service_account_id"
    takes = ServiceAccountChangeRepresentation

    def change(self, user: User, given: dict[str, Any]) -> None:
        """Change one of the kind.

        :raises PersonInvalid: a value that it cannot have.
        """
        service_account_change(
            actor=actor_of(self.request),
            user_id=user.pk,
            username=given.get("username", user.username),
            description=given.get("description", user.profile.description),
            now=self.now,
        )


class ServiceAccountDeactivate(PersonDeactivate):
    """Deactivates a service account."""

    kind = Profile.Kind.SERVICE_ACCOUNT
    id_parameter = "service_account_id"


class ServiceAccountReactivate(PersonReactivate):
    """Reactivates a service account."""

    kind = Profile.Kind.SERVICE_ACCOUNT
    id_parameter = "service_account_id"
