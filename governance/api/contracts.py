"""/contracts: which crossings are meant."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import User
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.acting import MayNot
from governance.access.step_up import is_stepped_up, stepped_up_at
from governance.api.change_reviews import review_problems
from governance.api.contract_representations import (
    ContractEndRepresentation,
    ContractExportRepresentation,
    ContractFileRepresentation,
    ContractImportRepresentation,
    ContractPatchRepresentation,
    ContractReasonRepresentation,
    ContractRepresentation,
    ContractReviewRepresentation,
    ContractSummaryRepresentation,
    NewContractRepresentation,
    NewContractReviewRepresentation,
)
from governance.api.parts.endpoints import OrganizationEndpoint, by
from governance.api.parts.memory_lists import chosen
from governance.api.parts.pagination import Key, page_of, page_request
from governance.api.parts.permissions import HasRight, person_of
from governance.api.parts.problems import (
    CONFLICT,
    INVALID,
    NOT_FOUND,
    PERMISSION_DENIED,
    PRECONDITION_FAILED,
    Problem,
)
from governance.api.parts.representations import Representation, read_body
from governance.api.parts.session_alone import BySessionAlone
from governance.approvals.agreements.approving import agreement_reviews
from governance.approvals.agreements.changing import (
    AgreementMoved,
    CannotChangeAgreement,
    NoSuchAgreement,
    State,
)
from governance.approvals.entitlement import names_of
from governance.contracts.approving import contract_standing
from governance.contracts.deciding import (
    contract_end,
    contract_review,
    contract_submit,
    contract_withdraw,
)
from governance.contracts.declaring import contract_declare, contract_edit
from governance.contracts.directory import ContractDirectory
from governance.contracts.files import ContractFileUnreadable, contract_file
from governance.contracts.importing import (
    CannotImportContracts,
    ContractImport,
    contracts_import,
    contracts_import_preview,
)
from governance.contracts.kind import CONTRACT
from governance.contracts.models import TrustContract
from governance.contracts.reading import MEMBERS, TermsInvalid, read_terms
from governance.contracts.selectors import contract_edges, contract_find, contracts
from governance.contracts.terms import ContractTerms

_TOPIC = "Contracts"
_LONGEST_WORDS = 300
_OPEN = (State.DRAFT, State.PROPOSED)


@contextmanager
def contract_problems() -> Iterator[None]:
    """Turn what services refuse into problems."""
    try:
        yield
    except TermsInvalid as error:
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


class ContractsEndpoint(OrganizationEndpoint):
    """What the addresses of contracts have in common."""

    topic = _TOPIC
    representation: ClassVar[type[Representation]] = ContractRepresentation

    @cached_property
    def directory(self) -> ContractDirectory:
        """What is known of the organization."""
        return ContractDirectory(self.connection)

    def find(self) -> TrustContract:
        """Return the contract of the address.

        :raises Problem: there is none that the asker may see.
        """
        number = self.kwargs["contract_number"]
        found = contract_find(self.viewer, connection=self.connection, number=number)
        if found is None:
            raise self.missing(f"contract {number} that you may see")
        return found

    def told(self, contract: TrustContract) -> Any:
        """Return a contract as the API tells it whole."""
        found = self._again(contract)
        standing = None
        if found.state in _OPEN:
            standing = contract_standing(found, now=self.now, directory=self.directory)
        people = set(found.waiting_for)
        if standing is not None:
            people |= {review.reviewer_id for review in standing.reviews}
        edges = contract_edges(self.viewer, found, directory=self.directory)
        return ContractRepresentation(
            found,
            only=self.only() if self.request.method in {"GET", "HEAD"} else None,
            context={
                **self.get_serializer_context(),
                "slug": self.connection.slug,
                "standing": standing,
                "names": names_of(people),
                "edge_keys": list(edges.values_list("key", flat=True)),
            },
        ).data

    def _again(self, contract: TrustContract) -> TrustContract:
        if hasattr(contract, "edge_count"):
            return contract
        found = contract_find(self.viewer, connection=self.connection, number=contract.number)
        if found is None:
            raise self.missing(f"contract {contract.number} that you may see")
        return found


class ContractPageRepresentation(Representation):
    """A page of contracts."""

    results = ContractSummaryRepresentation(many=True)
    next = serializers.URLField(allow_null=True)


class ContractList(ContractsEndpoint):
    """The contracts of an organization."""

    rights = {"GET": rights.VIEW_CONTRACTS, "POST": rights.DECLARE_CONTRACT}
    representation = ContractSummaryRepresentation
    page_representation = ContractPageRepresentation
    takes = NewContractRepresentation
    answers = {201: OpenApiResponse(ContractRepresentation(), description="A draft is made.")}
    orderings = {"number": (Key("number"),), "updated_at": by("updated_at", "pk")}
    usual_ordering = "-number"
    own_parameters = (
        OpenApiParameter(
            "state",
            OpenApiTypes.STR,
            enum=list(TrustContract.State.values),
            many=True,
            description="Only in these states.",
        ),
        OpenApiParameter(
            "q", OpenApiTypes.STR, description="Looks in purpose and both ends; C-17 finds that."
        ),
        OpenApiParameter(
            "target_id",
            OpenApiTypes.STR,
            description="Only those that let into this account, OU or root.",
        ),
        OpenApiParameter("declared_by", OpenApiTypes.STR, description="A user name, or me."),
        OpenApiParameter(
            "waiting_for",
            OpenApiTypes.STR,
            description="Only those whose turn it is for this person: a user name, or me.",
        ),
    )

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the contracts that you may see."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        states = chosen(request, "state", {state: state for state in TrustContract.State.values})
        rows = contracts(
            self.viewer,
            connection=self.connection,
            states=states,
            words=self.text("q"),
            target_id=self.text("target_id"),
            declared_by_id=self.person("declared_by"),
            waiting_for_id=self.person("waiting_for"),
        )
        page = page_of(rows, asked)
        results = self.serialized(page.rows, many=True, slug=self.connection.slug)
        return self.respond_with(page, results)

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Declare a contract, as a draft.

        Needs the right at every account, OU or root that it lets into.
        """
        values = _given(NewContractRepresentation, request)
        replaces = None
        if (number := values.pop("replaces", None)) is not None:
            replaces = contract_find(self.viewer, connection=self.connection, number=number)
            if replaces is None:
                raise ValidationError({"replaces": [f"there is no contract {number} for you"]})
        with contract_problems():
            made = contract_declare(
                by=self.by,
                connection=self.connection,
                terms=read_terms(values, self.directory, today=self.now.date()),
                replaces=replaces,
                directory=self.directory,
                now=self.now,
            )
        serialized = self.told(made)
        return Response(
            serialized, status=status.HTTP_201_CREATED, headers={"Location": serialized["url"]}
        )

    def text(self, name: str) -> str:
        """Read a parameter, empty where it is absent.

        :raises ValidationError: no such value can be stored.
        """
        value = self.request.query_params.get(name, "")
        if "\0" in value or len(value) > _LONGEST_WORDS:
            raise ValidationError({name: [f"give {_LONGEST_WORDS} characters at most, no NUL"]})
        return value

    def person(self, name: str) -> int | None:
        """Return the key of a person whom a parameter names; 0: nobody has that name.

        :raises ValidationError: see `text`.
        """
        value = self.text(name)
        if not value:
            return None
        if value == "me":
            return person_of(self.request).pk
        return User.objects.filter(username=value).values_list("pk", flat=True).first() or 0


class ContractDetail(ContractsEndpoint):
    """One contract."""

    rights = {"GET": rights.VIEW_CONTRACTS, "PATCH": rights.DECLARE_CONTRACT}
    takes = ContractPatchRepresentation
    answers = {200: OpenApiResponse(ContractRepresentation(), description="Edited.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one contract."""
        return self.answer(self.told(self.find()))

    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Edit a contract: a new version, which voids its reviews.

        Who edits it cannot approve it. 409 once it is active or over: declare another one that
        replaces it.
        """
        values = _given(ContractPatchRepresentation, request)
        found = self.find()
        with contract_problems():
            edited = contract_edit(
                by=self.by,
                contract_id=found.pk,
                terms=_changed(found.terms, values, self.directory),
                version=found.version,
                directory=self.directory,
                now=self.now,
            )
        return Response(self.told(self._fresh(edited)))

    def _fresh(self, contract: TrustContract) -> TrustContract:
        found = contract_find(self.viewer, connection=self.connection, number=contract.number)
        return contract if found is None else found


def _given(body: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Read a body; what its members say is checked by `read_terms`.

    :raises ValidationError: naming each member that is wrong.
    """
    data = request.data
    known = {*MEMBERS, "replaces"} if body is NewContractRepresentation else set(MEMBERS)
    if isinstance(data, dict) and (unknown := sorted(set(data) - known)):
        message = f"no such member; there are {', '.join(sorted(known))}"
        raise ValidationError({name: [message] for name in unknown})
    return dict(read_body(body, request))


def _changed(
    terms: ContractTerms, values: Mapping[str, Any], directory: ContractDirectory
) -> ContractTerms:
    """Return terms with some members changed.

    :raises TermsInvalid: see there.
    """
    return read_terms({**terms.as_json(), **values}, directory)


class ContractAct(ContractsEndpoint):
    """An act on a contract."""

    takes: Any = None
    answers = {200: OpenApiResponse(ContractRepresentation(), description="It is done.")}

    def done(self, number: int) -> Response:
        """Answer with the contract as it is now."""
        found = contract_find(self.viewer, connection=self.connection, number=number)
        if found is None:
            raise self.missing(f"contract {number} that you may see")
        return Response(self.told(found))


class ContractSubmit(ContractAct):
    """Proposing a contract."""

    rights = {"POST": rights.DECLARE_CONTRACT}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Have a draft reviewed by owners of what it lets into."""
        found = self.find()
        with contract_problems():
            contract_submit(by=self.by, contract_id=found.pk, now=self.now)
        return self.done(found.number)


class ContractWithdraw(ContractAct):
    """Taking a contract back."""

    rights = {"POST": rights.DECLARE_CONTRACT}
    takes = ContractReasonRepresentation

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Withdraw a contract that is not active."""
        reason = read_body(ContractReasonRepresentation, request)["reason"]
        found = self.find()
        with contract_problems():
            contract_withdraw(by=self.by, contract_id=found.pk, reason=reason, now=self.now)
        return self.done(found.number)


class ContractEnd(ContractAct):
    """Ending a contract."""

    rights = {"POST": rights.DECLARE_CONTRACT}
    takes = ContractEndRepresentation

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """End an active contract before its last day, with a reason."""
        reason = read_body(ContractEndRepresentation, request)["reason"]
        found = self.find()
        with contract_problems():
            contract_end(by=self.by, contract_id=found.pk, reason=reason, now=self.now)
        return self.done(found.number)


class ContractReviewsRepresentation(Representation):
    """All reviews of a contract, also of earlier versions."""

    results = ContractReviewRepresentation(many=True)


class ContractReviews(ContractsEndpoint):
    """The reviews of a contract."""

    permission_classes = [BySessionAlone, HasRight]
    rights = {"GET": rights.VIEW_CONTRACTS, "POST": rights.VIEW_CONTRACTS}
    representation = ContractReviewsRepresentation
    takes = NewContractReviewRepresentation
    answers = {201: OpenApiResponse(ContractReviewRepresentation(), description="It is given.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the reviews of a contract."""
        found = self.find()
        context = {"digest": found.digest}
        reviews = agreement_reviews(CONTRACT, found)
        told = ContractReviewRepresentation(reviews, many=True, context=context)
        return self.answer({"results": told.data})

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Approve a contract, request changes, reject it, or comment. Sessions only.

        Verdicts are for owners of what it lets into who did not write it, and for security where
        the target or the outsider asks for it. 409 where `digest` is not the one that stands now.
        """
        values = read_body(NewContractReviewRepresentation, request)
        found = self.find()
        with contract_problems(), review_problems():
            made = contract_review(
                by=self.by,
                contract_id=found.pk,
                verdict=values["verdict"],
                body=values["body"],
                digest=values["digest"],
                stepped_up_at=stepped_up_at(request) if is_stepped_up(request) else None,
                now=self.now,
            )
        told = ContractReviewRepresentation(made, context={"digest": found.digest}).data
        return Response(told, status=status.HTTP_201_CREATED)


class ContractExport(ContractsEndpoint):
    """Contracts as a file."""

    rights = {"GET": rights.VIEW_CONTRACTS}
    representation = ContractExportRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get the active contracts that you may see as YAML, in the form of an import."""
        rows = contracts(self.viewer, connection=self.connection, states=[State.ACTIVE])
        text = contract_file(contract.terms for contract in rows.order_by("number"))
        name = f"{self.connection.slug}-contracts.yaml"
        return self.answer(
            self.serialized({"name": name, "media_type": "application/yaml", "text": text})
        )


class ContractImportEndpoint(ContractsEndpoint):
    """Contracts from a file."""

    rights = {"POST": rights.DECLARE_CONTRACT}
    representation = ContractImportRepresentation
    takes = ContractFileRepresentation
    answers = {
        200: OpenApiResponse(ContractImportRepresentation(), description="Declared, or tried.")
    }

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Declare the contracts of a YAML file that are not there yet: all of them, or none.

        With `dry_run` it only says what it would declare, and what is wrong by line.
        """
        values = read_body(ContractFileRepresentation, request)
        content = values["content"].encode()
        try:
            if values["dry_run"]:
                found = contracts_import_preview(self.connection, content, by=self.by, now=self.now)
                return self._told(found, applied=False)
            found = contracts_import(
                by=self.by,
                connection=self.connection,
                content=content,
                submit=values["submit"],
                now=self.now,
            )
        except ContractFileUnreadable as error:
            raise ValidationError({"content": [str(error)]}) from error
        except CannotImportContracts as error:
            raise Problem(
                INVALID,
                str(error),
                errors=[
                    {"pointer": "#/content", "detail": f"line {one.line}: {one.message}"}
                    for one in error.errors
                ],
            ) from error
        return self._told(found, applied=True)

    def _told(self, found: ContractImport, *, applied: bool) -> Response:
        return Response(
            self.serialized(
                {
                    "applied": applied,
                    "declared": [contract.number for contract in found.made],
                    "new": len(found.new),
                    "unchanged": [contract.number for contract in found.unchanged],
                    "errors": found.errors,
                }
            )
        )
