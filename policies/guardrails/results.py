"""What is found of one guardrail, account by account, made when it is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from policies.catalogue import Catalogue
from policies.comparison.witness import Witness
from policies.context_keys import spelled
from policies.guardrails.answers import AccountAnswer
from policies.guardrails.compiled_guardrail import CompiledGuardrail
from policies.guardrails.guardrail import AccountResult, GuardrailOutcome
from policies.guardrails.wording import because
from policies.language.json_reader import JsonValue


class SharedAnswers(Mapping[str, AccountAnswer]):
    """Answers by account, where accounts at one place have one answer."""

    def __init__(
        self,
        account_ids: Collection[str],
        place_of: Mapping[str, int],
        of_place: Mapping[int, AccountAnswer],
    ) -> None:
        self._account_ids = account_ids
        self._asked = frozenset(account_ids) if len(account_ids) < len(place_of) else None
        self._place_of = place_of
        self._of_place = of_place

    def __len__(self) -> int:
        return len(self._account_ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._account_ids)

    def __getitem__(self, account_id: str) -> AccountAnswer:
        if self._asked is not None and account_id not in self._asked:
            raise KeyError(account_id)
        return self._of_place[self._place_of[account_id]]

    def outcomes(self) -> Iterator[GuardrailOutcome]:
        """Yield the outcome of each account, in order."""
        outcome_of = {at: found.outcome for at, found in self._of_place.items()}
        return map(outcome_of.__getitem__, map(self._place_of.__getitem__, self._account_ids))


class GuardrailResults(Mapping[str, AccountResult]):
    """The results of one guardrail by account id. Accounts that are alike share an answer."""

    def __init__(
        self,
        guardrail: CompiledGuardrail,
        answers: Mapping[str, AccountAnswer],
        management_account_id: str | None,
        catalogue: Catalogue,
    ) -> None:
        self.answers = answers
        self._guardrail = guardrail
        self._management = management_account_id
        self._catalogue = catalogue

    def __len__(self) -> int:
        return len(self.answers)

    def __iter__(self) -> Iterator[str]:
        return iter(self.answers)

    def outcomes(self) -> Iterator[GuardrailOutcome]:
        """Yield the outcome of each account, in order."""
        if isinstance(self.answers, SharedAnswers):
            return self.answers.outcomes()
        return (found.outcome for found in self.answers.values())

    def __getitem__(self, account_id: str) -> AccountResult:
        found = self.answers[account_id]
        answer = found.answer
        request: dict[str, JsonValue] | None = None
        if answer.witness is not None:
            witness = exchanged(answer.witness, found.account_id, account_id)
            request = request_json(witness, self._catalogue)
        return AccountResult(
            outcome=answer.outcome,
            because=because(
                self._guardrail,
                found,
                request,
                is_management=account_id == self._management,
            ),
            counterexample=request,
            keys=tuple(spelled(self._catalogue, key) for key in answer.keys),
        )


def exchanged(witness: Witness, was: str, account_id: str) -> Witness:
    """Return a request with two accounts exchanged wherever it names them.

    Nothing tells the two apart, so what is decided of the one request is decided of the other.
    """
    if was == account_id:
        return witness

    def swapped(text: str) -> str:
        return account_id.join(part.replace(account_id, was) for part in text.split(was))

    owner = witness.resource_account_id
    return Witness(
        principal=swapped(witness.principal),
        action=witness.action,
        resource=swapped(witness.resource),
        resource_account_id=None if owner is None else swapped(owner),
        context={
            key: swapped(value) if isinstance(value, str) else tuple(map(swapped, value))
            for key, value in witness.context.items()
        },
    )


def request_json(witness: Witness, catalogue: Catalogue) -> dict[str, JsonValue]:
    """Return a request as `python -m policies evaluate` reads it."""
    request: dict[str, JsonValue] = {
        "principal": witness.principal,
        "action": witness.action,
        "resource": witness.resource,
    }
    if witness.resource_account_id is not None:
        request["resource_account_id"] = witness.resource_account_id
    context: dict[str, JsonValue] = {
        spelled(catalogue, key): value if isinstance(value, str) else list(value)
        for key, value in witness.context.items()
    }
    request["context"] = context
    return request
