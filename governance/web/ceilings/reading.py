"""What every page with a ceiling reads: the assumptions in its address, and the ceilings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString

from governance.posture.ceilings.assumptions import (
    NOT_ROOT,
    ORDINARY_ROLE,
    CeilingAssumptions,
    in_words,
)
from governance.posture.ceilings.level_stack import LevelStep, level_stack
from governance.posture.ceilings.organization_ceilings import (
    Binding,
    OrganizationCeilings,
    organization_ceilings,
)
from governance.posture.ceilings.strategies import Strategy, strategy_of
from governance.posture.ceilings.usual import UsualAssumptions, usual_assumptions
from governance.posture.state.organization import CONTROL_TYPES, SCP, load_organization
from governance.web.ceilings.strategy import strategy_html
from governance.web.ceilings.wording import TYPE_WORDS, NotMeasuredText, TypeWords, not_measured
from governance.web.parts.filters import address
from governance.web.parts.markup import icon
from governance.web.parts.pages import ConnectionPage, Fact, Tab, fact_html
from inventory.selectors.freshness import AUTHORIZATION_POLICY_TYPES, AUTHORIZATION_TABLES
from policies import PolicyType
from policies.ceiling import BadAssumption
from policies.context_keys import GLOBAL_KEYS, spelled

_MOST_VALUES: Final = 60
_ADDING: Final = ("assume_key", "assume_value")

_KIND_TERMS: Final = (ORDINARY_ROLE, NOT_ROOT, "principal=role", "principal=user", "principal=root")


@dataclass(frozen=True, slots=True)
class AssumptionChip:
    """An assumption. `without`: the address that leaves it out. `is_code`: it names a key."""

    words: str
    without: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class TypeLink:
    """A type of policy whose ceiling can be looked at, with the address that does."""

    words: TypeWords
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Assuming:
    """The line of assumptions. `kept`: what the form that adds one must send along.

    `keys` and `values` complete what is typed; `kinds`: who may be assumed to call, each with
    its address; `error`: why what was typed is no assumption.
    """

    chips: tuple[AssumptionChip, ...]
    kept: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]
    values: tuple[str, ...]
    kinds: tuple[tuple[str, str], ...]
    usual_href: str
    is_usual: bool
    typed_key: str
    typed_value: str
    error: str


class CeilingPage(ConnectionPage):
    """A page of one target that shows its ceiling.

    `route`: the URL name of the target's own page; `id_argument`: what that calls its id.
    """

    shows_tables: ClassVar[tuple[str, ...]] = AUTHORIZATION_TABLES
    shows_policy_types = AUTHORIZATION_POLICY_TYPES
    route: ClassVar[str]
    id_argument: ClassVar[str]
    target_id: str
    policy_type: PolicyType
    usual: UsualAssumptions
    assume_error: str = ""
    ceilings: OrganizationCeilings
    steps: tuple[LevelStep, ...]

    def begin(self) -> None:
        """Read the ceilings of the address's type of policy under its assumptions.

        :raises BadRequest: an assumption that says nothing, or a type that has no ceiling.
        :raises Http404: no such target at that time.
        """
        super().begin()
        self.target_id = self.kwargs[self.id_argument]
        self.policy_type = _policy_type(self.request.GET.get("policy_type", SCP))
        organization = load_organization(
            self.viewer, connection=self.connection, as_of=self.as_of, marks=self.marks
        )
        self.usual = usual_assumptions(organization, self.connection.home_region)
        try:
            assumed = self.read_assumed(self.request.GET.getlist("assume"))
        except BadAssumption as error:
            raise BadRequest(f"assume in the address cannot be read: {error}.") from None
        self.ceilings = organization_ceilings(organization, assumed, self.policy_type)
        try:
            self.steps = level_stack(self.ceilings, self.target_id)
        except KeyError:
            raise Http404(f"{self.target_id} is not in the organization at that time.") from None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page; an assumption that was typed is put into the address first."""
        try:
            added = typed_assumption(request.GET, self.assumed, read=self.read_assumed)
        except BadAssumption as error:
            self.assume_error = str(error)
        else:
            if added is not None:
                return HttpResponseRedirect(assuming_address(request.GET, added))
        return super().get(request, *args, **kwargs)

    def get_facts(self) -> Sequence[Fact]:
        """Name the strategy of the SCPs attached right at the target, and where allows break."""
        facts = list(super().get_facts())
        facts.append(Fact("SCP strategy", self.strategy_at(self.target_id)))
        broken = next((step.target for step in self._scp_steps() if step.breaks), None)
        if broken is not None:
            where = "here" if broken.target_id == self.target_id else f"at {broken.name}"
            chain_html = fact_html(
                '<span class="bad">{} Broken {}</span>', icon("alert-circle", "Error"), where
            )
            facts.append(Fact("Allow chain", chain_html))
        return facts

    def strategy_at(self, target_id: str) -> SafeString:
        """Return the strategy of the SCPs attached at a target, as the page shows it."""
        organization = self.ceilings.organization
        if target_id not in organization.service_control.tree.by_id:
            return strategy_html(Strategy.UNKNOWN)
        return strategy_html(strategy_of(organization, target_id))

    def _scp_steps(self) -> tuple[LevelStep, ...]:
        if self.policy_type is SCP:
            return self.steps
        scps = organization_ceilings(self.ceilings.organization, self.assumed)
        return level_stack(scps, self.target_id)

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs, with assumptions and time kept."""
        query = self.kept_query()
        return [replace(tab, href=tab.href.partition("?")[0] + query) for tab in super().get_tabs()]

    def read_assumed(self, terms: Sequence[str]) -> CeilingAssumptions:
        """Read assumptions for the type of policy that is looked at.

        :raises BadAssumption: one of them says nothing.
        """
        return self.usual.read(terms, self.policy_type)

    @property
    def type_words(self) -> TypeWords:
        """The type of policy that is looked at, in words."""
        return TYPE_WORDS[self.policy_type]

    def type_links(self) -> tuple[TypeLink, ...]:
        """Return the types that can be looked at instead, SCPs first."""
        return tuple(
            TypeLink(
                TYPE_WORDS[kind],
                address(self.request.GET, policy_type=None if kind is SCP else kind.value),
                kind is self.policy_type,
            )
            for kind in CONTROL_TYPES
        )

    @property
    def assumed(self) -> CeilingAssumptions:
        """What the ceilings take for given."""
        return self.ceilings.assumed

    def part_address(self, part: str, **arguments: str) -> str:
        """Return the address of a part of the ceiling, with assumptions and time kept.

        `part`: empty for the target's own page.
        """
        name = f"{self.route}-{part}" if part else self.route
        where = {"slug": self.connection.slug, self.id_argument: self.target_id, **arguments}
        return reverse(name, kwargs=where) + self.kept_query()

    def kept_query(self) -> str:
        """Return the type, the assumptions and the time of the address, with its question mark."""
        kept = QueryDict(mutable=True)
        for name in ("policy_type", "assume", "as_of"):
            if name in self.request.GET:
                kept.setlist(name, self.request.GET.getlist(name))
        return f"?{kept.urlencode()}" if kept else ""

    def binding(self) -> Binding:
        """Say whether policies of the type bind the target."""
        return self.ceilings.binding(self.target_id)

    def not_measured(self) -> NotMeasuredText | None:
        """Say why the target has no measured stack; None where it has."""
        return not_measured(self.binding(), self.policy_type)

    def assuming(self) -> Assuming:
        """Describe the line of assumptions."""
        keys, values = self._completions()
        return assuming_line(
            self.request.GET,
            self.assumed,
            usual=self.read_assumed([]),
            keys=keys,
            values=values,
            error=self.assume_error,
        )

    def _completions(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return condition keys, those that bear on this target first, and values they meet."""
        catalogue = self.ceilings.catalogue
        keys: dict[str, None] = {}
        values: dict[str, None] = {}
        for step in self.steps:
            for statement in self.ceilings.tree.by_id[step.target.target_id].level.statements:
                for condition in statement.conditions:
                    keys[spelled(catalogue, condition.key)] = None
                    values.update(dict.fromkeys(v for v in condition.values if "*" not in v))
        used = sorted(keys)
        rest = sorted(key.name for key in GLOBAL_KEYS.values() if key.name not in keys)
        return (*used, *rest), tuple(sorted(values))[:_MOST_VALUES]


def _policy_type(given: str) -> PolicyType:
    """Read the type of policy in the address.

    :raises BadRequest: there is no ceiling of it.
    """
    for kind in CONTROL_TYPES:
        if kind.value == given:
            return kind
    known = " or ".join(CONTROL_TYPES)
    raise BadRequest(f"policy_type is {given!r}; a ceiling can be of {known}.")


def typed_assumption(
    query: QueryDict,
    assumed: CeilingAssumptions,
    *,
    read: Callable[[Sequence[str]], CeilingAssumptions],
) -> CeilingAssumptions | None:
    """Return the assumptions with one that was typed; None where none was. `read` reads terms.

    :raises BadAssumption: what was typed is none.
    """
    key = query.get("assume_key", "").strip()
    if not key:
        return None
    value = query.get("assume_value", "").strip()
    term = f"{key}={value}" if value else f"!{key}"
    terms = (*(t for t in assumed.terms if not t.startswith(f"{key}=")), term)
    return read(terms)


def assuming_line(
    query: QueryDict,
    assumed: CeilingAssumptions,
    *,
    usual: CeilingAssumptions,
    keys: tuple[str, ...],
    values: tuple[str, ...],
    error: str,
) -> Assuming:
    """Describe the line of assumptions of a page with this query.

    `keys`, `values`: completions; `error`: why what was typed is no assumption.
    """
    kept = [
        (name, value)
        for name, found in query.lists()
        for value in found
        if name not in (*_ADDING, "assume", "format", "page")
    ]
    kinds = tuple(
        (in_words(term), assuming_address(query, _with_kind(assumed, term)))
        for term in _KIND_TERMS
        if term not in assumed.terms
    )
    return Assuming(
        chips=tuple(
            AssumptionChip(
                in_words(term),
                with_assumptions(query, assumed.without(term)),
                not term.startswith("principal"),
            )
            for term in assumed.terms
        ),
        kept=(*kept, *(("assume", term) for term in assumed.terms)),
        keys=keys,
        values=values,
        kinds=kinds,
        usual_href=address(query, assume=None, assume_key=None, assume_value=None),
        is_usual=assumed == usual,
        typed_key=query.get("assume_key", ""),
        typed_value=query.get("assume_value", ""),
        error=error,
    )


def assuming_address(query: QueryDict, assumed: CeilingAssumptions) -> str:
    """Return the query with other assumptions."""
    return with_assumptions(query, assumed.address())


def with_assumptions(query: QueryDict, terms: tuple[str, ...]) -> str:
    """Return the query with other values of `assume`."""
    changed = query.copy()
    for name in (*_ADDING, "page", "format"):
        changed.pop(name, None)
    changed.setlist("assume", list(terms))
    return f"?{changed.urlencode()}"


def _with_kind(assumed: CeilingAssumptions, term: str) -> CeilingAssumptions:
    """Return the assumptions with another who calls."""
    others = (one for one in assumed.terms if not one.startswith("principal"))
    return CeilingAssumptions((*others, term))
