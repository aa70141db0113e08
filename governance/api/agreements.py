"""What the addresses of contracts and of exceptions do alike."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Final, Generic

from django.db.models import QuerySet
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from governance.access.owners.acting import MayNot
from governance.access.step_up import is_stepped_up, stepped_up_at
from governance.api.agreement_representations import (
    AgreementReviewRepresentation,
    NewAgreementReviewRepresentation,
)
from governance.api.change_reviews import review_problems
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.pagination import Orderings, page_of, page_request
from governance.api.parts.problems import (
    CONFLICT,
    NOT_FOUND,
    PERMISSION_DENIED,
    PRECONDITION_FAILED,
    Problem,
)
from governance.api.parts.representations import Representation, read_body
from governance.approvals.agreements.approving import AgreementStanding, agreement_reviews
from governance.approvals.agreements.changing import (
    AgreementMoved,
    CannotChangeAgreement,
    NoSuchAgreement,
    State,
)
from governance.approvals.agreements.kinds import AgreementKind, AnAgreement
from governance.approvals.agreements.terms import AgreementInvalid
from governance.approvals.entitlement import names_of
from governance.approvals.models import Review

_OPEN: Final = (State.DRAFT, State.PROPOSED)


@contextmanager
def agreement_problems() -> Iterator[None]:
    """Turn what services refuse into problems."""
    try:
        yield
    except AgreementInvalid as error:
        raise ValidationError(
            {path.replace(".", "/"): [words] for path, words in error.errors.items()}
        ) from error
    except MayNot as error:
        raise Problem(PERMISSION_DENIED, str(error)) from error
    except NoSuchAgreement as error:
        raise Problem(NOT_FOUND, str(error)) from error
    except AgreementMoved as error:
        raise Problem(PRECONDITION_FAILED, str(error)) from error
    except CannotChangeAgreement as error:
        raise Problem(CONFLICT, str(error)) from error


class AgreementsEndpoint(OrganizationEndpoint, Generic[AnAgreement]):
    """What the addresses of one kind of agreements have in common; `<noun>_number` is in them.

    `whole_representation`: an agreement with the approvals that it needs.
    """

    kind: ClassVar[AgreementKind[Any]]
    whole_representation: ClassVar[type[Representation]]

    def found(self, number: int) -> AnAgreement | None:
        """Return the agreement of a number, None where the asker sees none."""
        raise NotImplementedError(f"{type(self).__qualname__} must define found")

    def standing(self, agreement: AnAgreement) -> AgreementStanding:
        """Return who has to agree to an agreement and who did."""
        raise NotImplementedError(f"{type(self).__qualname__} must define standing")

    def own_context(self, agreement: AnAgreement) -> Mapping[str, Any]:
        """Return what its representation needs beside names and standing."""
        return {}

    @property
    def number(self) -> int:
        """The number in the address."""
        number: int = self.kwargs[f"{self.kind.noun}_number"]
        return number

    def find(self, number: int | None = None) -> AnAgreement:
        """Return the agreement of a number, or of the address.

        :raises Problem: there is none that the asker may see.
        """
        wanted = self.number if number is None else number
        found = self.found(wanted)
        if found is None:
            raise self.missing(f"{self.kind.noun} {wanted} that you may see")
        return found

    def whole(self, number: int) -> Any:
        """Return the agreement of a number as the API answers with it.

        :raises Problem: see `find`.
        """
        agreement = self.find(number)
        standing = self.standing(agreement) if agreement.state in _OPEN else None
        people = set(agreement.waiting_for)
        if standing is not None:
            people |= {review.reviewer_id for review in standing.reviews}
        return self.whole_representation(
            agreement,
            only=self.only() if self.request.method in {"GET", "HEAD"} else None,
            context={
                **self.get_serializer_context(),
                "slug": self.connection.slug,
                "standing": standing,
                "names": names_of(people),
                **self.own_context(agreement),
            },
        ).data

    def made(self, agreement: AnAgreement) -> Response:
        """Answer with a draft that was made."""
        whole = self.whole(agreement.number)
        return Response(whole, status=status.HTTP_201_CREATED, headers={"Location": whole["url"]})

    def done(self, act: Callable[[int], object]) -> Response:
        """Do something to the agreement of the address, and answer with it as it is then.

        `act`: takes its key.

        :raises Problem: see `find` and `agreement_problems`.
        """
        found = self.find()
        with agreement_problems():
            act(found.pk)
        return Response(self.whole(found.number))

    def reviews(self) -> Response:
        """Answer with the reviews of the agreement of the address."""
        found = self.find()
        representation = AgreementReviewRepresentation(
            agreement_reviews(self.kind, found), many=True, context={"digest": found.digest}
        )
        return self.answer({"results": representation.data})

    def reviewed(self, review: Callable[..., Review]) -> Response:
        """Have the agreement of the address reviewed as the body says, and answer with that.

        `review`: takes its key, then by name what `agreement_review` takes of a request.

        :raises Problem: see `find`, `agreement_problems` and `review_problems`.
        """
        values = read_body(NewAgreementReviewRepresentation, self.request)
        found = self.find()
        proven = is_stepped_up(self.request)
        with agreement_problems(), review_problems():
            made = review(
                found.pk,
                by=self.by,
                verdict=values["verdict"],
                body=values["body"],
                digest=values["digest"],
                stepped_up_at=stepped_up_at(self.request) if proven else None,
                now=self.now,
            )
        representation = AgreementReviewRepresentation(made, context={"digest": found.digest})
        return Response(representation.data, status=status.HTTP_201_CREATED)


class AgreementListEndpoint(AgreementsEndpoint[AnAgreement]):
    """The agreements of one kind of an organization."""

    orderings: ClassVar[Orderings]
    usual_ordering: ClassVar[str] = "-number"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def listed(self, rows: "QuerySet[AnAgreement]", **context: Any) -> Response:
        """Answer with the page of some agreements that the query asks for."""
        page = page_of(rows, page_request(self.request, self.orderings, usual=self.usual_ordering))
        results = self.serialized(page.rows, many=True, slug=self.connection.slug, **context)
        return self.respond_with(page, results)
