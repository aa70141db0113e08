"""A question → who can, with what it rests on. Answers are kept while the rows are as they were."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Final

import numpy

from governance.posture.requests.applicable_policies import is_collected
from governance.posture.requests.questions import AssumedPolicy
from governance.posture.state.granted_access import granted_policy
from governance.posture.state.identities import Identity, load_identity
from governance.posture.state.organization import (
    CompiledOrganization,
    accounts_without_iam,
    load_organization,
)
from governance.posture.state.process_cache import ProcessCache
from governance.posture.state.resources import Resource, load_resource
from governance.posture.who_can.deciding import decide
from governance.posture.who_can.loading import is_population_at_hand, load_population
from governance.posture.who_can.numbering import Numbers
from governance.posture.who_can.population import KINDS, Population
from governance.posture.who_can.progress import Progress, no_progress
from governance.posture.who_can.question import ANY, WhoCanQuestion, without_collected
from governance.posture.who_can.search import Search
from governance.posture.who_can.ways import NOBODY, STANDINGS, Standing, WaysTogether
from inventory.models import Connection
from inventory.viewing import Viewer
from policies import Effect, default_compiler
from policies.evaluation.principal import parse_principal

_KEPT: Final = 12


@dataclass(frozen=True, eq=False)
class WhoCanAnswer:
    """Who can. Arrays hold one number a principal of `population`, in its order.

    `way_of`: the place in `ways`, or NOBODY for those who are denied. `not_collected`: accounts
    whose principals are not known at all but for their root user. `resource`: the one that is asked
    for, where it is collected and its own policy is not assumed otherwise. `searches`: by action,
    to look closer at one principal.
    """

    question: WhoCanQuestion
    organization: CompiledOrganization
    population: Population
    way_of: Numbers
    ways: tuple[WaysTogether, ...]
    not_collected: frozenset[str]
    role: Identity | None
    resource: Resource | None
    searches: Mapping[str, Search] = field(repr=False)
    as_of: datetime | None = None

    @cached_property
    def standing_of(self) -> Numbers:
        """The place in STANDINGS of each principal's standing, NOBODY for those denied."""
        by_way = [STANDINGS.index(way.standing) for way in self.ways]
        return numpy.array([*by_way, NOBODY], dtype=numpy.int64)[self.way_of]

    @cached_property
    def rows(self) -> Numbers:
        """The places of those who are not denied, of the kinds that are assumed to call."""
        kinds = self.question.assumed.engine.principal_kinds
        chosen = self.way_of != NOBODY
        if kinds is not None:
            of_kind = numpy.array([kind in kinds for kind in KINDS])
            chosen &= of_kind[self.population.kinds]
        return numpy.flatnonzero(chosen)

    @cached_property
    def let_in(self) -> tuple[str, ...]:
        """Whom the policy of the role or resource that is asked for names besides, as it does.

        Services, identity providers, everybody, and accounts that are not of this organization.
        """
        services_alone = False
        if self.resource is not None:
            services_alone = self.resource.is_for_services_alone
            own = self.resource.document_for(is_same_account=False)
            documents = (self.resource.document if services_alone else own, self.resource.granted)
        else:
            trust = self.role.trust if self.role else None
            documents = (trust.document if trust else None, None)
        known = set(self.population.account_ids)
        found: dict[str, None] = {}
        for statement in (
            one for each in documents if each for one in default_compiler().document(each)
        ):
            if statement.effect is not Effect.ALLOW:
                continue
            if statement.not_principal:
                found["everyone but those whom it lists"] = None
                continue
            for element in statement.principals or ():
                if services_alone and element.kind != "Service":
                    if element.value == "*":
                        found["every AWS service"] = None
                    continue
                parts = element.value.split(":")
                account_id = parts[4] if len(parts) >= 5 else element.value
                if element.kind != "AWS" or account_id not in known:
                    found["everyone" if element.value == "*" else element.value] = None
        return tuple(found)

    def count(self, rows: Numbers) -> dict[Standing, int]:
        """Count some rows by standing."""
        counts = numpy.bincount(self.standing_of[rows], minlength=len(STANDINGS))
        return {standing: int(counts[place]) for place, standing in enumerate(STANDINGS)}

    def way(self, row: int) -> WaysTogether:
        """Return how a principal may.

        :raises IndexError: it may not.
        """
        place = int(self.way_of[row])
        if place == NOBODY:
            raise IndexError(f"row {row} is denied")
        return self.ways[place]


def who_can(
    viewer: Viewer,
    *,
    connection: Connection,
    question: WhoCanQuestion,
    as_of: datetime | None = None,
    progress: Progress = no_progress,
) -> WhoCanAnswer:
    """Answer a question from what the inventory held at `as_of`, or holds now.

    Equal questions to the same state share one answer: never change it.
    """
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    population = load_population(
        viewer,
        connection=connection,
        account_ids=all_accounts(organization),
        as_of=as_of,
        progress=progress,
    )
    found = _answered(viewer, connection, organization, population, question, as_of, progress)
    if found is None:
        raise AssertionError("only an answer that is kept may be lacking")
    return found


def who_can_at_once(
    viewer: Viewer,
    *,
    connection: Connection,
    question: WhoCanQuestion,
    as_of: datetime | None = None,
) -> WhoCanAnswer | None:
    """Answer where that takes well under a second, else return None.

    That is where this process has read everybody at that time already, and for a whole service
    where it has answered the same before.
    """
    if not is_population_at_hand(viewer, connection=connection, as_of=as_of):
        return None
    organization = load_organization(viewer, connection=connection, as_of=as_of)
    population = load_population(
        viewer, connection=connection, account_ids=all_accounts(organization), as_of=as_of
    )
    return _answered(
        viewer,
        connection,
        organization,
        population,
        question,
        as_of,
        no_progress,
        kept_only=question.is_service,
    )


def _answered(
    viewer: Viewer,
    connection: Connection,
    organization: CompiledOrganization,
    population: Population,
    question: WhoCanQuestion,
    as_of: datetime | None,
    progress: Progress,
    *,
    kept_only: bool = False,
) -> WhoCanAnswer | None:
    not_collected = accounts_without_iam(
        viewer, connection=connection, organization=organization, as_of=as_of
    )
    role = None
    if question.is_about_trust:
        role = load_identity(
            viewer,
            connection=connection,
            organization=organization,
            principal=parse_principal(question.resource),
            as_of=as_of,
        )
    question, resource = _with_resource(viewer, connection, organization, question, as_of)
    resource_key = resource.key if resource else None
    key = (organization.key, population.key, question, not_collected, as_of, resource_key)
    if kept_only:
        return _answers.known(key)

    def find() -> WhoCanAnswer:
        decided = decide(organization, population, question, role, resource, progress)
        return WhoCanAnswer(
            question=question,
            organization=organization,
            population=population,
            way_of=decided.way_of,
            ways=decided.ways,
            not_collected=not_collected,
            role=role,
            resource=resource,
            searches=decided.searches,
            as_of=as_of,
        )

    return _answers.get(key, find)


def _with_resource(
    viewer: Viewer,
    connection: Connection,
    organization: CompiledOrganization,
    question: WhoCanQuestion,
    as_of: datetime | None,
) -> tuple[WhoCanQuestion, Resource | None]:
    """Return the question for what is collected of its resource, and what that is."""
    if question.resource == ANY or not question.may_have_resource_policy:
        return without_collected(question), None
    found = load_resource(viewer, connection=connection, arn=question.resource, as_of=as_of)
    if not is_collected(found):
        return without_collected(question), None
    if not question.resource_account_id:
        question = replace(question, resource_account_id=found.account_id)
    if question.resource_policy is not AssumedPolicy.COLLECTED:
        return question, None
    return question, replace(found, granted=granted_policy(found, organization))


def forget() -> None:
    """Drop the answers that this process keeps."""
    _answers.clear()


_answers: Final[ProcessCache[tuple[object, ...], WhoCanAnswer]] = ProcessCache(most=_KEPT)


def all_accounts(organization: CompiledOrganization) -> tuple[str, ...]:
    """Return every account, those whose place in the tree is not known too."""
    unplaced = (name.target_id for name in organization.unplaced.values() if name.kind == "ACCOUNT")
    return (*organization.account_ids, *unplaced)
