"""/contracts: which crossings are meant."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.api.agreement_representations import (
    AgreementEndRepresentation,
    AgreementReasonRepresentation,
    AgreementReviewRepresentation,
    AgreementReviewsRepresentation,
    NewAgreementReviewRepresentation,
)
from governance.api.agreements import (
    AgreementListEndpoint,
    AgreementsEndpoint,
    agreement_problems,
)
from governance.api.contract_representations import (
    ContractPageRepresentation,
    ContractPatchRepresentation,
    ContractRepresentation,
    ContractSummaryRepresentation,
    NewContractRepresentation,
)
from governance.api.parts.list_endpoint import by
from governance.api.parts.memory_lists import chosen
from governance.api.parts.pagination import Key
from governance.api.parts.parameters import person_parameter, text_parameter
from governance.api.parts.permissions import HasRight
from governance.api.parts.representations import Representation, read_body
from governance.api.parts.session_alone import BySessionAlone
from governance.approvals.agreements.approving import AgreementStanding
from governance.approvals.agreements.changing import State
from governance.contracts.approving import contract_standing
from governance.contracts.deciding import (
    contract_end,
    contract_review,
    contract_submit,
    contract_withdraw,
)
from governance.contracts.declaring import contract_declare, contract_edit
from governance.contracts.directory import ContractDirectory
from governance.contracts.kind import CONTRACT
from governance.contracts.models import TrustContract
from governance.contracts.reading import MEMBERS, read_terms
from governance.contracts.selectors import contract_edges, contract_find, contracts
from governance.contracts.terms import ContractTerms
from inventory.selectors.freshness import TRUST_TABLES


class ContractsEndpoint(AgreementsEndpoint[TrustContract]):
    """What the addresses of contracts have in common."""

    topic = "Contracts"
    kind = CONTRACT
    representation: ClassVar[type[Representation]] = ContractRepresentation
    whole_representation = ContractRepresentation

    @cached_property
    def directory(self) -> ContractDirectory:
        """What is known of the organization."""
        return ContractDirectory(self.connection)

    def found(self, number: int) -> TrustContract | None:
        """Return the contract of a number, None where the asker sees none."""
        return contract_find(self.viewer, connection=self.connection, number=number)

    def standing(self, agreement: TrustContract) -> AgreementStanding:
        """Return who has to agree to a contract and who did."""
        return contract_standing(agreement, now=self.now, directory=self.directory)

    def own_context(self, agreement: TrustContract) -> Mapping[str, Any]:
        """Return the keys of the edges that it covers."""
        edges = contract_edges(self.viewer, agreement, directory=self.directory)
        return {"edge_keys": list(edges.values_list("key", flat=True))}


class ContractList(AgreementListEndpoint[TrustContract], ContractsEndpoint):
    """The contracts of an organization."""

    rights = {"GET": rights.VIEW_CONTRACTS, "POST": rights.DECLARE_CONTRACT}
    representation = ContractSummaryRepresentation
    shows_tables = TRUST_TABLES
    page_representation = ContractPageRepresentation
    takes = NewContractRepresentation
    answers = {201: OpenApiResponse(ContractRepresentation(), description="Draft created.")}
    orderings = {"number": (Key("number"),), "updated_at": by("updated_at", "pk")}
    own_parameters = (
        OpenApiParameter(
            "state",
            OpenApiTypes.STR,
            enum=list(State.values),
            many=True,
            description="Only in these states.",
        ),
        OpenApiParameter(
            "q",
            OpenApiTypes.STR,
            description="Searches purpose and both ends; C-17 finds that contract.",
        ),
        OpenApiParameter(
            "target_id",
            OpenApiTypes.STR,
            description="Only those that give access to this account, OU or root.",
        ),
        OpenApiParameter("declared_by", OpenApiTypes.STR, description="A user name, or me."),
        OpenApiParameter(
            "waiting_for",
            OpenApiTypes.STR,
            description="Only those that wait for this person: a user name, or me.",
        ),
    )

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the contracts that you may see."""
        states = {state: state for state in State.values}
        return self.listed(
            contracts(
                self.viewer,
                connection=self.connection,
                states=chosen(request, "state", states),
                words=text_parameter(request, "q"),
                target_id=text_parameter(request, "target_id"),
                declared_by_id=person_parameter(request, "declared_by"),
                waiting_for_id=person_parameter(request, "waiting_for"),
            )
        )

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Declare a contract, as a draft.

        Needs the right at every account, OU or root that it lets into.
        """
        values = _given(NewContractRepresentation, request)
        replaces = None
        if (number := values.pop("replaces", None)) is not None:
            replaces = self.found(number)
            if replaces is None:
                raise ValidationError({"replaces": [f"there is no contract {number} for you"]})
        with agreement_problems():
            made = contract_declare(
                by=self.by,
                connection=self.connection,
                terms=read_terms(values, self.directory, today=self.now.date()),
                replaces=replaces,
                directory=self.directory,
                now=self.now,
            )
        return self.made(made)


class ContractDetail(ContractsEndpoint):
    """One contract."""

    rights = {"GET": rights.VIEW_CONTRACTS, "PATCH": rights.DECLARE_CONTRACT}
    takes = ContractPatchRepresentation
    answers = {200: OpenApiResponse(ContractRepresentation(), description="Edited.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one contract."""
        return self.answer(self.whole(self.number))

    def patch(self, request: Request, /, **kwargs: Any) -> Response:
        """Edit a contract: a new version, which voids its reviews.

        Who edits it cannot approve it. 409 once it is active or over: declare another one that
        replaces it.
        """
        values = _given(ContractPatchRepresentation, request)
        found = self.find()
        with agreement_problems():
            contract_edit(
                by=self.by,
                contract_id=found.pk,
                terms=_changed(found.terms, values, self.directory),
                version=found.version,
                directory=self.directory,
                now=self.now,
            )
        return Response(self.whole(found.number))


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

    :raises AgreementInvalid: see there.
    """
    return read_terms({**terms.as_json(), **values}, directory)


class ContractAct(ContractsEndpoint):
    """An act on a contract."""

    takes: Any = None
    answers = {200: OpenApiResponse(ContractRepresentation(), description="Done.")}


class ContractSubmit(ContractAct):
    """Proposing a contract."""

    rights = {"POST": rights.DECLARE_CONTRACT}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Have a draft reviewed by owners of what it lets into."""
        return self.done(lambda key: contract_submit(by=self.by, contract_id=key, now=self.now))


class ContractWithdraw(ContractAct):
    """Taking a contract back."""

    rights = {"POST": rights.DECLARE_CONTRACT}
    takes = AgreementReasonRepresentation

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Withdraw a contract that is not active."""
        given = read_body(AgreementReasonRepresentation, request)
        return self.done(
            lambda key: contract_withdraw(by=self.by, contract_id=key, now=self.now, **given)
        )


class ContractEnd(ContractAct):
    """Ending a contract."""

    rights = {"POST": rights.DECLARE_CONTRACT}
    takes = AgreementEndRepresentation

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """End an active contract before its last day, with a reason."""
        given = read_body(AgreementEndRepresentation, request)
        return self.done(
            lambda key: contract_end(by=self.by, contract_id=key, now=self.now, **given)
        )


class ContractReviews(ContractsEndpoint):
    """The reviews of a contract."""

    permission_classes = [BySessionAlone, HasRight]
    rights = {"GET": rights.VIEW_CONTRACTS, "POST": rights.VIEW_CONTRACTS}
    representation = AgreementReviewsRepresentation
    takes = NewAgreementReviewRepresentation
    answers = {201: OpenApiResponse(AgreementReviewRepresentation(), description="Created.")}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the reviews of a contract."""
        return self.reviews()

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Approve a contract, request changes, reject it, or comment. Sessions only.

        Verdicts are for owners of its target who did not write it, and for security where the
        target or the outside party requires it. 409 where `digest` is not the current one.
        """
        return self.reviewed(lambda key, **given: contract_review(contract_id=key, **given))
