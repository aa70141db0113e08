"""All dimensions of one question, and statements as boxes over them.

A box is a set of action groups (an int) and two ints of atoms, those that hold and those that do
not. Actions and dimensions are independent, so a box is empty when one of its dimensions is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from policies.catalogue import Catalogue
from policies.comparison.caller_dimension import CallerDimension
from policies.comparison.callers import (
    RESOURCE_ORGANIZATION,
    CallersOrganization,
    is_caller_key,
)
from policies.comparison.dimensions import (
    AtomBits,
    Dimension,
    FoundValue,
    KeyDimension,
    OpaqueDimension,
    TextDimension,
    UnlistedActionDimension,
    single_bits,
)
from policies.comparison.domains import Domains
from policies.comparison.filled_conditions import FilledConditions
from policies.comparison.reasons import Undecided
from policies.comparison.statement_box import AtomTest, StatementAtom, StatementBox
from policies.comparison.text_leaves import globs_leaf
from policies.comparison.text_space import TextSpace
from policies.compiled import CompiledCondition, CompiledStatement
from policies.context_keys import condition_key
from policies.language.conditions import Test
from policies.language.conditions.values import ContextValue
from policies.language.document import PrincipalElement
from policies.language.patterns import Literal, Piece, action_glob, any_matches, resource_glob
from policies.language.policy_types import PolicyType
from policies.language.variables import Variable

RESOURCE = "resource"
ACTION = "action"
CALLER = "caller"

DimensionName = str | tuple[str, object]
"""`resource`, `action`, `caller`, a condition key, or a name of its own for what is opaque."""

EVERYONE = PrincipalElement("*", "*")
ALL_OF_AWS = PrincipalElement("AWS", "*")


class Space:
    """The dimensions that the statements of one question have, made as statements are added.

    `named_actions`: compare actions by their names, as texts, instead of by catalogue groups;
    that is how actions outside the catalogue are compared. `list_keys`: the keys, in lower case,
    that any statement of the question takes for multivalued by a set operator. `organization`:
    whose resources are called; without it the keys that tell of the caller are each on its own.
    `callers`: the dimension of these keys, where not any caller is meant. `known`: values that
    policy variables have, by key in lower case; without it those that the organization determines.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        domains: Domains,
        *,
        list_keys: frozenset[str],
        named_actions: bool = False,
        organization: CallersOrganization | None = None,
        callers: CallerDimension | None = None,
        known: Mapping[str, str] | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.domains = domains
        self.named_actions = named_actions
        self.list_keys = list_keys
        self.names: list[DimensionName] = []
        self.dimensions: list[Dimension] = []
        self.masks: list[int] = []
        self._bits = AtomBits()
        self._at: dict[DimensionName, int] = {}
        self._boxes: dict[CompiledStatement, StatementBox] = {}
        self._values: list[dict[tuple[int, int], FoundValue | None]] = []
        self._emptiness: list[dict[tuple[int, int], bool]] = []
        self.callers = callers
        if callers is None and organization is not None:
            self.callers = CallerDimension(domains.account_id, organization)
        if self.callers is not None:
            self._add(CALLER, self.callers)
        self._positives: dict[tuple[object, ...], CompiledCondition] = {}
        self._filled = FilledConditions(domains.account_id, organization, known)
        self._variable_keys: frozenset[str] = frozenset()
        self.account_bits = 0
        """The atoms that hold for other values where the account is another."""
        self._atom_tests: dict[tuple[int, bool], AtomTest] = {}

    def value(self, dimension: int, true: int, false: int) -> FoundValue | None:
        """Return a value of one dimension of a box; None if the box is empty there."""
        mask = self.masks[dimension]
        key = (true & mask, false & mask)
        known = self._values[dimension]
        try:
            return known[key]
        except KeyError:
            found = known[key] = self.dimensions[dimension].find(*key)
            return found

    def is_empty(self, dimension: int, true: int, false: int) -> bool:
        """Whether a box is proven empty in one dimension."""
        mask = self.masks[dimension]
        key = (true & mask, false & mask)
        known = self._emptiness[dimension]
        found = known.get(key)
        if found is None:
            asked = self.dimensions[dimension]
            if isinstance(asked, CallerDimension):
                found = asked.is_empty(*key)
            else:
                found = self.value(dimension, *key) is None
            known[key] = found
        return found

    def is_possible(self, true: int, false: int) -> bool:
        """Whether no dimension of a box is proven empty."""
        return not true & false and all(
            not self.is_empty(at, true, false)
            for at, mask in enumerate(self.masks)
            if (true | false) & mask
        )

    def used(self, true: int, false: int) -> list[int]:
        """Return the dimensions that a box restricts."""
        either = true | false
        return [at for at, mask in enumerate(self.masks) if either & mask]

    def tests(self, true: int, false: int) -> tuple[AtomTest, ...]:
        """Return the tests of whether a request lies in a box, apart from its action group."""
        return tuple(
            [
                self._atom_test(at, bit, holds)
                for at in self.used(true, false)
                for bits, holds in ((true, True), (false, False))
                for bit in single_bits(bits & self.masks[at])
            ]
        )

    def atoms(self) -> Iterator[tuple[int, AtomTest]]:
        """Yield each atom there is by now: its bit, and the test of whether it holds."""
        for at, mask in enumerate(self.masks):
            for bit in single_bits(mask):
                yield bit, self._atom_test(at, bit, True)

    def _atom_test(self, at: int, bit: int, holds: bool) -> AtomTest:
        found = self._atom_tests.get((bit, holds))
        if found is None:
            name, test = self._test(at, bit)
            found = self._atom_tests[bit, holds] = AtomTest(name, test, holds)
        return found

    def _test(self, at: int, bit: int) -> tuple[str, Test]:
        """Return of what an atom is the test, and the test."""
        dimension, name = self.dimensions[at], str(self.names[at])
        if bit & self.account_bits:
            return "", _cannot_tell
        if isinstance(dimension, TextDimension):
            return name, dimension.text_test(bit)
        if isinstance(dimension, KeyDimension):
            return name, dimension.test(bit)
        if isinstance(dimension, CallerDimension):
            return dimension.key_of(bit), dimension.test(bit)
        return "", _cannot_tell

    def action_tests(self, true: int, false: int) -> tuple[AtomTest, ...]:
        """Return the tests of whether an action's name lies in a box of named actions."""
        at = self._at.get(ACTION)
        if at is None:
            return ()
        mask = self.masks[at]
        return self.tests(true & mask, false & mask)

    def box(self, statement: CompiledStatement) -> StatementBox:
        """Return a statement's box; the same object each time."""
        found = self._boxes.get(statement)
        if found is None:
            atoms = dict.fromkeys(self._atoms(statement))
            true = false = 0
            for atom in atoms:
                if atom.holds:
                    true |= atom.bit
                else:
                    false |= atom.bit
            found = self._boxes[statement] = StatementBox(
                tuple(atoms), true, false, tuple(dict.fromkeys(a.dimension for a in atoms))
            )
        return found

    def _atoms(self, statement: CompiledStatement) -> list[StatementAtom]:
        atoms: list[StatementAtom] = []
        if self.named_actions:
            atoms += self._action_atom(statement)
        atoms += self._resource_atom(statement)
        if statement.principals is not None and not self._are_all(statement.principals):
            name = ("principal", statement.principals)
            atoms.append(
                self._opaque(name, Undecided.PRINCIPALS, holds=not statement.not_principal)
            )
        atoms += [self.condition_atom(condition) for condition in statement.conditions]
        return atoms

    def _are_all(self, principals: tuple[PrincipalElement, ...]) -> bool:
        """Whether a Principal element names everybody, as a control policy's always does."""
        if self.domains.policy_type is PolicyType.RESOURCE_CONTROL_POLICY:
            return any(one in (EVERYONE, ALL_OF_AWS) for one in principals)
        return principals == (EVERYONE,)

    def _action_atom(self, statement: CompiledStatement) -> list[StatementAtom]:
        if statement.action_patterns == ("*",) and not statement.not_action:
            return []
        # An exact name of the catalogue matches no action outside it.
        patterns = [p for p in statement.action_patterns if p not in self.catalogue.index_of]
        globs = [action_glob(pattern) for pattern in patterns]
        at = self._text(ACTION)
        leaf = globs_leaf(globs, any_matches(globs))
        bit = self._text_dimension(at).atom(leaf)
        return [self._atom(at, bit, holds=not statement.not_action)]

    def _resource_atom(self, statement: CompiledStatement) -> list[StatementAtom]:
        if statement.resources is None:
            return []
        holds = not statement.not_resource
        self._variable_keys |= statement.resource_variable_keys
        if statement.resource_variable_keys:
            name = ("resource", statement.resource_templates)
            return [self._opaque(name, Undecided.VARIABLES, holds=holds)]
        if "*" in statement.resources:
            globs = [resource_glob(("*",))]
        else:
            globs = [resource_glob(_fixed(parts)) for parts in statement.resource_templates]
        at = self._text(RESOURCE)
        leaf = globs_leaf(globs, any_matches(globs))
        return [self._atom(at, self._text_dimension(at).atom(leaf), holds=holds)]

    def _atom(self, at: int, bit: int, *, holds: bool) -> StatementAtom:
        self.masks[at] |= bit
        return StatementAtom(at, bit, holds)

    def condition_atom(self, condition: CompiledCondition) -> StatementAtom:
        """Return the literal that a condition by itself is."""
        if condition.operator is None:
            return self._opaque(("condition", condition), Undecided.UNKNOWN_OPERATOR, holds=True)
        self._variable_keys |= condition.variable_keys
        if not condition.variable_keys:
            return self._fixed_condition_atom(condition)
        filled = self._filled.of(condition)
        if filled is None:
            positive = self._positive(condition)
            name = ("condition", positive)
            return self._opaque(
                name, Undecided.VARIABLES, holds=positive.negated is condition.negated
            )
        atom = self._fixed_condition_atom(filled)
        if not condition.variable_keys <= {RESOURCE_ORGANIZATION}:
            self.account_bits |= atom.bit
        return atom

    def _positive(self, condition: CompiledCondition) -> CompiledCondition:
        """Return the condition that holds just where a negated one does not, if there is one.

        With IfExists both hold where the key is absent, and a set operator is not turned round.
        """
        key = (condition.key, condition.operator, condition.templates)
        if condition.if_exists or condition.set_operator is not None:
            return condition
        if not condition.negated:
            return self._positives.setdefault(key, condition)
        found = self._positives.get(key)
        if found is None:
            found = self._positives[key] = replace(condition, negated=False)
        return found

    def _fixed_condition_atom(self, condition: CompiledCondition) -> StatementAtom:
        callers = self.callers
        if callers is not None and is_caller_key(condition.key):
            if condition.key not in callers.keys:
                callers.keys[condition.key] = self._key_dimension(condition.key)
            return self._atom(self._at[CALLER], callers.atom(condition), holds=True)
        at = self._key(condition)
        dimension = self.dimensions[at]
        if not isinstance(dimension, KeyDimension):
            raise TypeError(f"{condition.key} is not a condition key's dimension")
        return self._atom(at, dimension.atom(condition), holds=True)

    def keys_of(self, true: int, false: int) -> tuple[str, ...]:
        """Return the context keys, in lower case, that a box restricts or relates."""
        found: dict[str, None] = {}
        for at in self.used(true, false):
            name, dimension = self.names[at], self.dimensions[at]
            if isinstance(dimension, CallerDimension):
                bits = single_bits((true | false) & self.masks[at])
                found.update(dict.fromkeys(dimension.key_of(bit) for bit in bits))
            elif isinstance(name, str):
                if name not in (RESOURCE, ACTION):
                    found[name] = None
            elif isinstance(name[1], CompiledCondition):
                found.update(dict.fromkeys((name[1].key, *sorted(name[1].variable_keys))))
            elif name[0] == RESOURCE and isinstance(name[1], tuple):
                found.update(dict.fromkeys(_variable_keys(name[1])))
        return tuple(found)

    def reads(self, key: str) -> bool:
        """Whether a condition is on a key of the caller, or on one that its variables read."""
        return key in self._variable_keys or (self.callers is not None and key in self.callers.keys)

    def as_written(self, condition: CompiledCondition) -> CompiledCondition:
        """Return a condition as its policy has it, with variables that were filled in here."""
        return self._filled.written.get(condition, condition)

    def _opaque(self, name: tuple[str, object], reason: Undecided, *, holds: bool) -> StatementAtom:
        at = self._at.get(name)
        if at is None:
            at = self._add(name, OpaqueDimension(reason))
            self.masks[at] = self._bits.next()
        return StatementAtom(at, self.masks[at], holds)

    def _key(self, condition: CompiledCondition) -> int:
        at = self._at.get(condition.key)
        if at is not None:
            return at
        return self._add(condition.key, self._key_dimension(condition.key))

    def _key_dimension(self, key: str) -> KeyDimension:
        known = condition_key(self.catalogue, key)
        domain = self.domains.of_key(key, value_type=known.value_type if known is not None else "")
        return KeyDimension(
            TextSpace(
                domain=domain.globs,
                barred=domain.barred,
                seeds=domain.seeds,
                is_typed=domain.is_typed,
            ),
            self._bits,
            is_list=key in self.list_keys
            or (known.is_multivalued if known is not None else not domain.is_single),
            may_be_absent=domain.may_be_absent,
        )

    def _text(self, name: str) -> int:
        at = self._at.get(name)
        if at is not None:
            return at
        domain = self.domains.of_resource() if name == RESOURCE else self.domains.of_action()
        space = TextSpace(domain=domain.globs, barred=domain.barred, seeds=domain.seeds)
        if name == ACTION:
            return self._add(name, UnlistedActionDimension(space, self._bits, self.catalogue))
        return self._add(name, TextDimension(space, self._bits))

    def _text_dimension(self, at: int) -> TextDimension:
        dimension = self.dimensions[at]
        if not isinstance(dimension, TextDimension):
            raise TypeError("the resource and the action are dimensions of texts")
        return dimension

    def _add(self, name: DimensionName, dimension: Dimension) -> int:
        at = self._at[name] = len(self.dimensions)
        self.names.append(name)
        self.dimensions.append(dimension)
        self.masks.append(0)
        self._values.append({})
        self._emptiness.append({})
        return at


def _cannot_tell(_: ContextValue) -> bool | None:
    return None


def _variable_keys(templates: tuple[object, ...]) -> Iterator[str]:
    for parts in templates:
        if isinstance(parts, tuple):
            yield from (part.key for part in parts if isinstance(part, Variable))


def _fixed(parts: Sequence[Piece | Variable]) -> tuple[Piece, ...]:
    return tuple(part for part in parts if isinstance(part, str | Literal))
