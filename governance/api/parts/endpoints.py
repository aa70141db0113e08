"""What every endpoint has in common: its rights, its organization, its parameters."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Final

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from governance.access.actors import actor_of
from governance.access.owners.acting import ActingPerson
from governance.access.rights import SIGNED_IN
from governance.access.viewers import holds, holds_within, viewer_of
from governance.api.parts.idempotency import idempotent
from governance.api.parts.pagination import (
    RowPage,
)
from governance.api.parts.permissions import person_of, token_of
from governance.api.parts.preconditions import CHANGES, if_match, require_match, tag_when_rendered
from governance.api.parts.problems import (
    AGED_OUT,
    NOT_FOUND,
    PERMISSION_DENIED,
    TIME_NOT_KNOWN,
    Problem,
)
from governance.api.parts.representations import (
    FreshnessRepresentation,
    Representation,
)
from governance.filtering.scope import FilterScope
from governance.snapshots.times import BadMoment, UnknownMoment, check_moment, parse_moment
from inventory.models import Connection
from inventory.selectors.connections import KnownSince, connection_by_slug, known_since
from inventory.selectors.coverage import (
    CoverageSummary,
    account_coverage,
    collectors_ever_complete,
    detail_aged_out_at,
)
from inventory.selectors.freshness import data_freshness, sources_of
from inventory.viewing import Viewer, targets_seen

TAGS_COLLECTOR: Final = "organizations.tags"


class Endpoint(GenericAPIView[Any]):
    """An address of the API.

    `rights`: method → the right it needs. `topic`: where the documentation lists it.
    `own_parameters`: query parameters of a GET that it alone has. `example`: an answer to a GET,
    for the documentation. A query parameter that an endpoint does not know is an error, since a
    filter that is misspelt and passed over would answer with everything. `needs_all_places`:
    why a token that is limited to places may not call it; empty: it may. Every GET has an ETag,
    every PUT, PATCH and DELETE demands `If-Match`, every POST takes an `Idempotency-Key`.
    `matches_on_post`: POST demands `If-Match` as well, of what is told at the same address.
    """

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    rights: ClassVar[dict[str, str]]
    topic: ClassVar[str]
    representation: ClassVar[type[Representation]]
    takes_as_of: ClassVar[bool] = False
    own_parameters: ClassVar[tuple[OpenApiParameter, ...]] = ()
    needs_all_places: ClassVar[str] = ""
    matches_on_post: ClassVar[bool] = False
    example: ClassVar[Mapping[str, Any] | None] = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Have what the class does in answer to a POST or a change done once, and knowingly."""
        super().__init_subclass__(**kwargs)
        for method in ("post", *(name.lower() for name in CHANGES)):
            if method in vars(cls):
                if method != "post" or cls.matches_on_post:
                    setattr(cls, method, if_match(vars(cls)[method]))
                if method == "post":
                    setattr(cls, method, idempotent(vars(cls)[method]))

    @cached_property
    def now(self) -> datetime:
        """The time of this request."""
        return timezone.now()

    @cached_property
    def viewer(self) -> Viewer:
        """Who asks."""
        return viewer_of(self.request.user, token=token_of(self.request))

    @cached_property
    def by(self) -> ActingPerson:
        """Who asks, as whoever changes something.

        :raises NotAuthenticated: nobody known.
        """
        return ActingPerson(person_of(self.request), actor_of(self.request), token_of(self.request))

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """Return how the endpoint tells its things."""
        return self.representation

    def parameters(self) -> set[str]:
        """Return the names of the query parameters that a GET knows."""
        names = {"fields", *(parameter.name for parameter in self.own_parameters)}
        return names | {"as_of"} if self.takes_as_of else names

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check rights and rates, then the parameters' names, then a token's places.

        :raises Problem: the token is limited to places, and this address is about all of them.
        """
        super().initial(request, *args, **kwargs)
        if (request.method or "") not in self.allowed_methods:
            raise MethodNotAllowed(request.method or "")
        require_match(request, on_post=self.matches_on_post)
        known = self.parameters() if request.method in {"GET", "HEAD"} else set()
        unknown = sorted(set(request.query_params) - known)
        if unknown:
            message = f"no such parameter; this address knows {', '.join(sorted(known)) or 'none'}"
            raise ValidationError({name: [message] for name in unknown})
        token, why_not = token_of(request), self.needs_all_places
        if why_not and token is not None and token.places is not None:
            raise Problem(PERMISSION_DENIED, f"the token is limited to places, and {why_not}")

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Have caches ask each time, and keep one person's answers from another."""
        done: Any = super().finalize_response(request, response, *args, **kwargs)
        done.headers.setdefault("Cache-Control", "private, no-cache")
        done.headers["Vary"] = "Accept, Authorization, Cookie"
        tag_when_rendered(done, request)
        return done  # type: ignore[no-any-return]

    def only(self) -> set[str] | None:
        """Read `fields`: names separated by commas; None, all of them, where it is empty.

        :raises ValidationError: one of them is no field of this answer, or has no name.
        """
        given = self.request.query_params.get("fields", "")
        if not given.strip():
            return None
        names = {name.strip() for name in given.split(",")}
        if "" in names:
            message = "a name is empty; give names with one comma between them"
            raise ValidationError({"fields": [message]})
        known = list(self.representation().fields)
        unknown = sorted(names - set(known))
        if unknown:
            message = f"{', '.join(unknown)} is not a field; choose one of {', '.join(known)}"
            raise ValidationError({"fields": [message]})
        return names

    def serialized(self, thing: Any, *, many: bool = False, **context: Any) -> Any:
        """Return a thing, or many, as the endpoint tells them."""
        return self.representation(
            thing,
            many=many,
            only=self.only(),
            context={**self.get_serializer_context(), **context},
        ).data

    def answer(self, data: Any) -> Response:
        """Answer with one thing."""
        return Response(data)

    def respond_with(self, page: RowPage, results: Any, **members: Any) -> Response:
        """Answer with a page's results and the address of the next."""
        following = None
        if page.cursor is not None:
            query = self.request.query_params.copy()
            query["cursor"] = page.cursor
            following = self.request.build_absolute_uri(f"{self.request.path}?{query.urlencode()}")
        return Response(
            {"results": results, "next": following, **members},
            headers={} if following is None else {"Link": f'<{following}>; rel="next"'},
        )


class OrganizationEndpoint(Endpoint):
    """An address about one connected organization, named by the connection's slug.

    `shows_tables`: models that its answers rest on, as `sources_of` takes them, of whose freshness
    they tell; `shows_policy_types`: of policies only these types, None: all. `right_at`: method →
    the parameter with the account that its right must be held at, empty for the whole organization;
    a method that is absent needs it in any part of the organization, and shows that part.
    """

    shows_tables: ClassVar[tuple[str, ...]] = ()
    shows_policy_types: ClassVar[tuple[str, ...] | None] = None
    right_at: ClassVar[Mapping[str, str]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check the right, then that it is held at the place that the method is about.

        :raises Problem: no such organization or account that the asker may see.
        :raises PermissionDenied: the right is held elsewhere.
        """
        super().initial(request, *args, **kwargs)
        right = self.rights.get("GET" if request.method == "HEAD" else request.method or "")
        if right is None or right == SIGNED_IN:
            return
        token, where = token_of(request), self.right_at.get(request.method or "")
        if where is None:
            held = holds_within(request.user, right, connection=self.connection, token=token)
        else:
            target_id = self.kwargs[where] if where else ""
            if where and not targets_seen(self.viewer, self.connection).holds_account(target_id):
                raise self.missing(f"account {target_id}")
            held = holds(
                request.user, right, connection=self.connection, target_id=target_id, token=token
            )
        if not held:
            raise PermissionDenied(f"this needs the right {right} here; you hold it elsewhere")

    @cached_property
    def connection(self) -> Connection:
        """The organization.

        :raises Problem: there is none with that name, or the asker may not see it.
        """
        slug = self.kwargs["slug"]
        try:
            return connection_by_slug(self.viewer, slug=slug)
        except Connection.DoesNotExist:
            raise Problem(
                NOT_FOUND, f"there is no connected organization {slug!r} that you may see"
            ) from None

    @cached_property
    def known(self) -> KnownSince:
        """The span that can be looked back on."""
        return known_since(self.viewer, connection=self.connection)

    @cached_property
    def as_of(self) -> datetime | None:
        """The time looked back to, None for now.

        :raises ValidationError: it is no time.
        :raises Problem: nothing is known of that time.
        """
        return self.moment_of(self.request.query_params.get("as_of") if self.takes_as_of else None)

    def moment_of(self, text: str | None) -> datetime | None:
        """Read a time to look back to, of the address or of a body; None is now.

        :raises ValidationError: it is no time.
        :raises Problem: nothing is known of that time.
        """
        if text is None:
            return None
        try:
            moment = parse_moment(text, now=self.now)
            check_moment(moment, known=self.known, now=self.now)
        except BadMoment as error:
            raise ValidationError({"as_of": [str(error)]}) from error
        except UnknownMoment as error:
            raise time_not_known(error) from error
        return moment

    @property
    def scope(self) -> FilterScope:
        """Who looks at what, for selectors and filters."""
        return FilterScope(self.viewer, self.connection, self.as_of, self.now)

    def tables_shown(self) -> tuple[str, ...]:
        """Return the models that the answer rests on, as `sources_of` takes them."""
        return self.shows_tables

    def shown_account_id(self) -> str | None:
        """Return the one account whose things are answered with; None: those of all."""
        account_id: str | None = self.kwargs.get("account_id")
        return account_id

    def freshness(self, *, as_of: datetime | None) -> dict[str, Any]:
        """Return the member `freshness` of an answer; empty where it rests on no table."""
        if not self.shows_tables:
            return {}
        found = data_freshness(
            self.viewer,
            connection=self.connection,
            sources=sources_of(self.tables_shown(), self.shows_policy_types),
            now=self.now,
            account_id=self.shown_account_id(),
            as_of=as_of,
        )
        return {"freshness": FreshnessRepresentation(found).data}

    def answer(self, data: Any) -> Response:
        """Answer with one thing, and how fresh it is unless `fields` leaves that out."""
        if self.only() is None:
            data = {**data, **self.freshness(as_of=self.as_of)}
        return super().answer(data)

    def respond_with(self, page: RowPage, results: Any, **members: Any) -> Response:
        """Answer with a page's results, how fresh they are, and the address of the next."""
        return super().respond_with(page, results, **members, **self.freshness(as_of=self.as_of))

    def coverage_of(self, account_id: str = "") -> CoverageSummary:
        """Say how well an account is known, or with no id the organization itself."""
        return account_coverage(
            self.viewer,
            connection=self.connection,
            account_id=account_id,
            now=self.now,
            as_of=self.as_of,
        )

    @cached_property
    def tags_known(self) -> bool:
        """Whether the tags of accounts, OUs and policies were ever read."""
        return TAGS_COLLECTOR in self.complete_collectors()

    def complete_collectors(self, account_id: str = "") -> frozenset[str]:
        """Return the collectors that were ever complete there."""
        return collectors_ever_complete(
            self.viewer, connection=self.connection, account_id=account_id, as_of=self.as_of
        )

    def check_detail(self, aged_out_at: datetime | None) -> None:
        """Refuse to list coverage by collector of which some is gone.

        :raises Problem: it was aged out at that time; None: it is kept.
        """
        if aged_out_at is not None:
            raise Problem(
                AGED_OUT,
                f"coverage by collector is kept for {settings.INVENTORY_COVERAGE_DAYS} days, and "
                f"this was aged out at {aged_out_at.isoformat()}; how well each account was known "
                "is in `coverage` of /accounts with `as_of`",
            )

    def check_detail_then(self) -> None:
        """Refuse to list coverage by collector of a time for which some is gone.

        :raises Problem: it was aged out.
        """
        self.check_detail(
            detail_aged_out_at(self.viewer, connection=self.connection, as_of=self.as_of)
        )

    def missing(self, what: str) -> Problem:
        """Return the problem that there is no such thing, and when there is none."""
        when = "" if self.as_of is None else f" at {self.as_of.isoformat()}"
        return Problem(NOT_FOUND, f"{self.connection.slug} has no {what}{when}")


class DetailEndpoint(OrganizationEndpoint):
    """An address of one thing."""

    takes_as_of = True


def time_not_known(error: UnknownMoment) -> Problem:
    """Return the problem that nothing is known of a time, with the span that can be asked for."""
    return Problem(
        TIME_NOT_KNOWN,
        str(error),
        first_run_at=error.known.first_run_at,
        latest_run_at=error.known.latest_run_at,
    )
