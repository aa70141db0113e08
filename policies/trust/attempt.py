"""One statement, one class of callers, one action: what passes all that binds it.

The statement is a box over the keys that the callers' requests are free to say. What the policy
denies is taken out of it, then what RCPs deny, then each level of SCPs keeps what it allows. What
is left is a request, which the evaluator confirms; nothing left proves that none passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from policies.catalogue import Catalogue
from policies.comparison.callers import (
    PRINCIPAL_ARN,
    PRINCIPAL_ORGANIZATION,
    PRINCIPAL_PATHS,
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    USER_NAME,
)
from policies.comparison.domains import Domain
from policies.comparison.questions import MOST_BOXES
from policies.comparison.reasons import Undecided
from policies.comparison.regions import Boxes, RegionAlgebra, StatementPart
from policies.comparison.space import RESOURCE, Space
from policies.compiled import CompiledStatement
from policies.context_keys import condition_key
from policies.evaluation.policy_set import TargetPolicies
from policies.evaluation.principal import NotAPrincipal, PrincipalKind
from policies.evaluation.request import NotARequest, Request, make_request
from policies.language.conditions.values import ContextValue, Missing
from policies.language.document import Effect
from policies.trust.binding import (
    NEVER_MET,
    SCP,
    BindingStatement,
    BindingStatements,
    SearchAnswer,
)
from policies.trust.callers import CallerClass
from policies.trust.edges import EdgeBlock
from policies.trust.question import TrustQuestion
from policies.trust.reduction import CallerDomains, reduced, unresolved_keys
from policies.trust.service_sources import account_of_source

_MOST_TRIED: Final = 24
_GUESS: Final = "example"
_MOST_GUESSED: Final = 12


class PassingAttempt:
    """One statement, class of callers and action, under the levels that bind them."""

    def __init__(
        self,
        question: TrustQuestion,
        own: BindingStatement,
        caller: CallerClass,
        action: str,
        resources: Domain,
        deciding: BindingStatements,
        catalogue: Catalogue,
        confirm: Callable[[Request], bool],
    ) -> None:
        """`own`: the statement that allows; `confirm`: whether the evaluator allows a request."""
        self._question = question
        self._own = own
        self._caller = caller
        self._action = action
        self._deciding = deciding
        self._catalogue = catalogue
        self._confirm = confirm
        everything = [own.statement, *(one.statement for one in deciding)]
        self._conditions = [c for statement in everything for c in statement.conditions]
        self.open_keys: frozenset[str] = frozenset()
        self._space = Space(
            catalogue,
            CallerDomains(
                question.policy_type,
                None,
                keys=tuple(caller.domains.items()),
                resources=resources,
            ),
            list_keys=frozenset(c.key for c in self._conditions if c.set_operator is not None),
        )
        self._algebra = RegionAlgebra(self._space, {}, 1, most_boxes=MOST_BOXES)
        self._resources = resources
        self._keys = {c.key for c in self._conditions}.union(
            *(c.variable_keys for c in self._conditions),
            *(statement.resource_variable_keys for statement in everything),
        )
        if PRINCIPAL_PATHS in self._keys:
            self._keys.add(PRINCIPAL_ORGANIZATION)

    def _part(self, statement: CompiledStatement) -> StatementPart | None:
        left = reduced(statement, self._caller.value)
        if left is None:
            return None
        self.open_keys |= unresolved_keys(left)
        return StatementPart(1, self._space.box(left))

    def find(self) -> SearchAnswer:
        """Return a request, or what keeps all out, or why neither can be told."""
        own = self._own
        part = self._part(own.statement)
        if part is None or not self._space.is_possible(part.box.true, part.box.false):
            return SearchAnswer(blocked_by=own.block(NEVER_MET))
        left: Boxes = {(part.box.true, part.box.false): 1}
        cut = False
        for one in self._deciding.denies:
            denied = self._part(one.statement)
            if denied is not None:
                self._algebra.subtract(left, denied)
                cut |= self._cut(left)
            if not left and not cut:
                return SearchAnswer(blocked_by=one.block("it denies every request that is left"))
        for level, statements in self._deciding.levels:
            block = self._through(left, level, statements)
            cut |= self._cut(left)
            if block is not None and not cut:
                return SearchAnswer(blocked_by=block)
        return self._confirmed(left)

    def _cut(self, left: Boxes) -> bool:
        if len(left) <= MOST_BOXES:
            return False
        for key in list(left)[MOST_BOXES:]:
            del left[key]
        return True

    def _through(
        self, left: Boxes, level: TargetPolicies, statements: Sequence[BindingStatement]
    ) -> EdgeBlock | None:
        """Keep of some boxes what a level of SCPs allows; return what it lacks if nothing stays."""
        allows = [one for one in statements if one.statement.effect is Effect.ALLOW]
        parts = [part for one in allows if (part := self._part(one.statement)) is not None]
        if all(part.box.atoms for part in parts):
            kept: Boxes = {}
            for (true, false), groups in left.items():
                for part in parts:
                    both = self._algebra.intersect((groups, true, false), part)
                    if both is not None:
                        kept[both[1], both[2]] = 1
            left.clear()
            left.update(kept)
            if not left:
                because = "no statement of this level allows it"
                return EdgeBlock(SCP, level.target_id, None, None, None, because)
        for one in statements:
            if one.statement.effect is not Effect.DENY:
                continue
            part = self._part(one.statement)
            if part is not None:
                self._algebra.subtract(left, part)
            if not left:
                return one.block("it denies every request that is left")
        return None

    def _confirmed(self, left: Boxes) -> SearchAnswer:
        reason = Undecided.BOX_LIMIT if not left else Undecided.NOT_CONFIRMED
        for true, false in islice(left, _MOST_TRIED):
            values: dict[str, ContextValue] = {}
            for at in self._space.used(true, false):
                found = self._space.value(at, true, false)
                if isinstance(found, Undecided):
                    reason = found
                elif isinstance(found, str | tuple):
                    values[str(self._space.names[at])] = found
            for request in self._requests(values):
                if self._confirm(request):
                    return SearchAnswer(witness=request)
        return SearchAnswer(undecided=str(reason))

    def _requests(self, values: Mapping[str, ContextValue]) -> Iterator[Request]:
        """Yield the request that has these values and what the caller gives of the keys read."""
        caller = self._caller
        context: dict[str, str | tuple[str, ...]] = {}
        for key in sorted(self._keys):
            value = caller.value(key)
            if isinstance(value, str | tuple):
                context[key] = value
        resource = self._resources.seeds[0]
        for key, value in values.items():
            if isinstance(value, Missing):
                continue
            if key == RESOURCE:
                resource = str(value)
            else:
                context[key] = self._as_sent(key, value)
        principal = self._principal(context)
        for sent in _that_agree(context):
            try:
                yield make_request(
                    principal,
                    self._spelled(),
                    resource,
                    resource_account_id=self._question.resource.account_id,
                    context=sent,
                )
            except (NotARequest, NotAPrincipal):
                return

    def _as_sent(self, key: str, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        """Return a lone text by itself, unless its key is known to hold lists."""
        if not isinstance(value, tuple) or len(value) != 1:
            return value
        known = condition_key(self._catalogue, key)
        return value if known is not None and known.is_multivalued else value[0]

    def _principal(self, context: dict[str, str | tuple[str, ...]]) -> str:
        """Return who calls; of a user's ARN and name in the context, one follows the other."""
        stand_in = self._caller.stand_in
        arn = context.get(PRINCIPAL_ARN)
        if PRINCIPAL_ARN not in self._caller.domains or stand_in.kind is PrincipalKind.SESSION:
            return stand_in.text
        name = context.get(USER_NAME)
        if stand_in.kind is PrincipalKind.USER and isinstance(name, str):
            if isinstance(arn, str):
                context[USER_NAME] = arn.rpartition("/")[2]
            else:
                return f"{stand_in.text.rpartition('/')[0]}/{name}"
        return arn if isinstance(arn, str) else stand_in.text

    def _spelled(self) -> str:
        index = self._catalogue.index_of.get(self._action)
        return self._action if index is None else self._catalogue.names[index]

    def guesses(self) -> Iterator[str]:
        """Yield texts that keys related by variables may both have."""
        yield _GUESS
        related = {c.key for c in self._conditions if c.variable_keys & self.open_keys}
        texts: dict[str, None] = {}
        for condition in self._conditions:
            if condition.key in related | self.open_keys:
                texts.update(dict.fromkeys(text for text in condition.values if "${" not in text))
        for text in islice(texts, _MOST_GUESSED):
            yield text.replace("*", _GUESS).replace("?", "x")


def _that_agree(
    context: Mapping[str, str | tuple[str, ...]],
) -> Iterator[Mapping[str, str | tuple[str, ...]]]:
    """Yield a context whose aws:SourceAccount is the account of aws:SourceArn, where that has one.

    Where the two differ, each in turn follows the other or is left out.
    """
    arn, account_id = context.get(SOURCE_ARN), context.get(SOURCE_ACCOUNT)
    if isinstance(arn, str) and isinstance(account_id, str):
        fixed = account_of_source(arn)
        if fixed is not None and fixed != account_id:
            yield {**context, SOURCE_ACCOUNT: fixed}
            yield {**context, SOURCE_ARN: arn.replace(f":{fixed}:", f":{account_id}:", 1)}
            yield {key: value for key, value in context.items() if key != SOURCE_ARN}
            yield {key: value for key, value in context.items() if key != SOURCE_ACCOUNT}
            return
    yield context
