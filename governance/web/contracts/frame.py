"""What the screens of contracts share: who acts, what is known, the contract of the address."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

from django.http import Http404

from governance.access import rights
from governance.approvals.agreements.approving import AgreementStanding
from governance.contracts.approving import contract_standing
from governance.contracts.directory import ContractDirectory
from governance.contracts.kind import CONTRACT
from governance.contracts.models import TrustContract
from governance.contracts.selectors import contract_find
from governance.web.parts.agreements import AgreementPage
from governance.web.parts.pages import Crumb, Tab
from governance.web.trust.frame import TrustPage
from inventory.viewing import targets_seen


class ContractsPart(TrustPage):
    """A screen of contracts, as of now."""

    required_right = rights.VIEW_CONTRACTS
    tab = "contracts"
    shows_tables: ClassVar[tuple[str, ...]] = ()

    def begin(self) -> None:
        """Find the organization; contracts are shown as of now."""
        super().begin()
        self.as_of = None

    @cached_property
    def directory(self) -> ContractDirectory:
        """What is known of the organization."""
        return ContractDirectory(self.connection)

    def linked_id(self, target_id: str) -> str:
        """Return the id of an OU or account whose page this person can open; else empty."""
        seen = targets_seen(self.viewer, self.connection)
        is_seen = seen.holds_wholly(target_id) or target_id in seen.ancestor_ids
        return target_id if is_seen and target_id in self.directory.tree.by_id else ""

    def list_crumbs(self) -> Sequence[Crumb]:
        """Return the way to the list of contracts, the list last."""
        return [Crumb("Trust", self.href("trust")), Crumb("Contracts", self.href("contracts"))]


class ContractPart(AgreementPage, ContractsPart):
    """A screen about one contract, whose number is in the address. Sets `contract`."""

    required_right = rights.VIEW_CONTRACTS
    kind = CONTRACT
    contract: TrustContract

    @property
    def agreement(self) -> TrustContract:
        """The contract."""
        return self.contract

    def standing(self) -> AgreementStanding:
        """Return who has to agree to it and who did."""
        return contract_standing(self.contract, now=self.now, directory=self.directory)

    def begin(self) -> None:
        """Find the contract.

        :raises Http404: this organization has none with this number.
        """
        super().begin()
        number = self.kwargs["contract_number"]
        found = contract_find(self.viewer, connection=self.connection, number=number)
        if found is None:
            raise Http404(f"There is no contract C-{number} here.")
        self.contract = found

    def get_title(self) -> str:
        """Return what the contract is called."""
        return f"Contract {self.contract}"

    def get_crumbs(self) -> Sequence[Crumb]:
        """Return the list and this contract."""
        return [*self.list_crumbs(), Crumb(str(self.contract))]

    def get_tabs(self) -> Sequence[Tab]:
        """Show none: this is one contract."""
        return []
