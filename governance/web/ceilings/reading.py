"""What every page with a ceiling reads: the assumptions in its address, and the ceilings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse

from governance.posture.assumed import NOT_ROOT, Assumed, in_words, read_assumed
from governance.posture.ceilings import Binding, OrganizationCeilings, organization_ceilings
from governance.posture.level_stack import LevelStep, level_stack
from governance.posture.organization import load_organization
from governance.posture.strategies import STRATEGY_WORDS, strategy_of
from governance.web.filters import address
from governance.web.pages import ConnectionPage, Fact, Tab
from policies.ceiling import BadAssumption
from policies.context_keys import GLOBAL_KEYS, spelled

_MOST_VALUES: Final = 60
_ADDING: Final = ("assume_key", "assume_value")

_KIND_TERMS: Final = (NOT_ROOT, "principal=role", "principal=user", "principal=root")


@dataclass(frozen=True, slots=True)
class AssumptionChip:
    """An assumption. `without`: the address that leaves it out. `is_code`: it names a key."""

    words: str
    without: str
    is_code: bool


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

    route: ClassVar[str]
    id_argument: ClassVar[str]
    target_id: str
    assume_error: str = ""
    ceilings: OrganizationCeilings
    steps: tuple[LevelStep, ...]

    def begin(self) -> None:
        """Read the ceilings under the assumptions in the address.

        :raises BadRequest: an assumption that says nothing.
        :raises Http404: no such target at that time.
        """
        super().begin()
        self.target_id = self.kwargs[self.id_argument]
        try:
            assumed = read_assumed(
                self.request.GET.getlist("assume"), home_region=self.connection.home_region
            )
        except BadAssumption as error:
            raise BadRequest(f"assume in the address cannot be read: {error}.") from None
        organization = load_organization(self.viewer, connection=self.connection, as_of=self.as_of)
        self.ceilings = organization_ceilings(organization, assumed)
        try:
            self.steps = level_stack(self.ceilings, self.target_id)
        except KeyError:
            raise Http404(f"{self.target_id} is not in the organization at that time.") from None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page; an assumption that was typed is put into the address first."""
        key = request.GET.get("assume_key", "").strip()
        if key:
            value = request.GET.get("assume_value", "").strip()
            term = f"{key}={value}" if value else f"!{key}"
            terms = (*(t for t in self.assumed.terms if not t.startswith(f"{key}=")), term)
            try:
                added = read_assumed(terms, home_region=self.connection.home_region)
            except BadAssumption as error:
                self.assume_error = str(error)
            else:
                return HttpResponseRedirect(assuming_address(request.GET, added))
        return super().get(request, *args, **kwargs)

    def get_facts(self) -> Sequence[Fact]:
        """Name the strategy of the SCPs attached right at the target."""
        facts = list(super().get_facts())
        if self.target_id in self.ceilings.tree.by_id:
            named = strategy_of(self.ceilings.organization, self.target_id)
            facts.append(Fact("SCP strategy", STRATEGY_WORDS[named]))
        return facts

    def get_tabs(self) -> Sequence[Tab]:
        """Return the tabs, with assumptions and time kept."""
        query = self.kept_query()
        return [replace(tab, href=tab.href.partition("?")[0] + query) for tab in super().get_tabs()]

    @property
    def assumed(self) -> Assumed:
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
        """Return the assumptions and the time of the address, with its question mark."""
        kept = QueryDict(mutable=True)
        for name in ("assume", "as_of"):
            if name in self.request.GET:
                kept.setlist(name, self.request.GET.getlist(name))
        return f"?{kept.urlencode()}" if kept else ""

    def binding(self) -> Binding:
        """Say whether SCPs bind the target."""
        return self.ceilings.binding(self.target_id)

    def assuming(self) -> Assuming:
        """Describe the line of assumptions."""
        query, assumed = self.request.GET, self.assumed
        usual = read_assumed([], home_region=self.connection.home_region)
        keys, values = self._completions()
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
                    _with_terms(query, assumed.without(term)),
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


def assuming_address(query: QueryDict, assumed: Assumed) -> str:
    """Return the query with other assumptions."""
    return _with_terms(query, assumed.address())


def _with_terms(query: QueryDict, terms: tuple[str, ...]) -> str:
    changed = query.copy()
    for name in (*_ADDING, "page", "format"):
        changed.pop(name, None)
    changed.setlist("assume", list(terms))
    return f"?{changed.urlencode()}"


def _with_kind(assumed: Assumed, term: str) -> Assumed:
    """Return the assumptions with another who calls."""
    others = (one for one in assumed.terms if not one.startswith("principal"))
    return Assumed((*others, term))
