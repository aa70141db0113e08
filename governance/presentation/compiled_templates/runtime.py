"""What compiled templates call: Django's rules for names, filters and escaping, in short ways."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from functools import lru_cache
from inspect import signature
from typing import Any, Final, TypeAlias

from django.template.base import (
    Node,
    VariableDoesNotExist,
    render_value_in_context,
)
from django.template.context import Context
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.functional import SimpleLazyObject, empty
from django.utils.html import conditional_escape
from django.utils.safestring import SafeData, SafeString
from django.utils.timezone import template_localtime as template_localtime  # type: ignore[attr-defined]


class Absent:
    """A name or an attribute that there is not."""

    def __init__(self, said: str) -> None:
        self._said = said

    def __repr__(self) -> str:
        return self._said


# No such name: an empty text, or None where a tag takes that.
MISSING: Final = Absent("MISSING")
# Read, and failed in silence, as where a row is gone: an empty text everywhere.
FAILED: Final = Absent("FAILED")

_NOT_HELD: Final = (TypeError, AttributeError, KeyError, ValueError, IndexError)


def get(value: Any, name: str) -> Any:
    """Return what `value` holds under `name`: as a key, an attribute or an index, in this order.

    As `Variable._resolve_lookup` does, but that what is found is called by whoever takes it.
    """
    if callable(value):
        value = called(value)
    kind = type(value)
    if kind is dict:
        return value[name] if name in value else _searched(value, name)
    if kind is SimpleLazyObject:
        # Every name of it is one of what it stands for.
        value = _stood_for(value)
        kind = type(value)
    if hasattr(kind, "__getitem__"):
        return _searched(value, name)
    try:
        return getattr(value, name)
    except Exception:  # noqa: BLE001  # which of them is silent, and which goes on, is told there
        return _searched(value, name)


def _stood_for(value: Any) -> Any:
    if value._wrapped is empty:
        value._setup()
    return value._wrapped


def _searched(value: Any, name: str) -> Any:
    if value is MISSING or value is FAILED:
        return value
    try:
        return _found(value, name)
    except Exception as error:
        if getattr(error, "silent_variable_failure", False):
            return FAILED
        raise


def _found(value: Any, name: str) -> Any:
    if hasattr(type(value), "__getitem__"):
        try:
            return value[name]
        except _NOT_HELD:
            pass
    try:
        return getattr(value, name)
    except (TypeError, AttributeError):
        if _names(value, name):
            # Raised by a property, not for want of one.
            raise
    if not name.isdecimal():
        return MISSING
    try:
        return value[int(name)]
    except (IndexError, ValueError, KeyError, TypeError):
        return MISSING


def _names(value: Any, name: str) -> bool:
    """Whether `dir` has a name, without listing all the others."""
    kind: Any = type(value)
    if kind.__dir__ is not object.__dir__:
        return name in dir(value)
    return name in getattr(value, "__dict__", ()) or any(name in vars(one) for one in kind.__mro__)


def called(value: Any) -> Any:
    """Return what calling gives, as templates call: without arguments, and nothing that writes."""
    if getattr(value, "do_not_call_in_templates", False):
        return value
    if getattr(value, "alters_data", False):
        return ""
    try:
        return value()
    except TypeError:
        if _takes_nothing(value):
            raise
        return ""
    except Exception as error:
        if getattr(error, "silent_variable_failure", False):
            return FAILED
        raise


def _takes_nothing(value: Any) -> bool:
    try:
        expected = signature(value)
    except ValueError:
        return False
    try:
        expected.bind()
    except TypeError:
        return False
    return True


def resolved(value: Any) -> Any:
    """Return a value for a filter or a tag; an empty text where there is none."""
    if callable(value):
        value = called(value)
    return "" if value is MISSING or value is FAILED else value


def resolved_or_none(value: Any) -> Any:
    """Return a value for `if` and `for`; None where there is none."""
    if callable(value):
        value = called(value)
    if value is MISSING:
        return None
    return "" if value is FAILED else value


def argument(value: Any) -> Any:
    """Return a filter's argument.

    :raises VariableDoesNotExist: there is none.
    """
    if callable(value):
        value = called(value)
    if value is MISSING:
        raise VariableDoesNotExist("Failed lookup of a filter's argument")
    return "" if value is FAILED else value


def filtered_as_safe(
    function: Callable[..., Any], value: Any, *arguments: Any, **named: Any
) -> Any:
    """Apply a filter that leaves safe text safe."""
    found = function(value, *arguments, **named)
    if isinstance(value, SafeData) and not hasattr(found, "__html__"):
        return SafeString(found)  # nosec B703
    return found


def shown(value: Any, context: Context) -> str:
    """Return a value as text of a page, escaped."""
    kind = type(value)
    if kind is SafeString:
        return value  # type: ignore[no-any-return]
    if kind is str:
        return html.escape(value)
    if kind is int:
        return str(value)
    if callable(value):
        value = called(value)
    if value is MISSING or value is FAILED:
        return ""
    return render_value_in_context(value, context)


def escaped(value: Any) -> str:
    """Return what a tag gave as text of a page, escaped."""
    kind = type(value)
    if kind is SafeString:
        return value  # type: ignore[no-any-return]
    return html.escape(value) if kind is str else conditional_escape(value)


def repeated(values: Any) -> Sized:
    """Return what a loop goes through, with a length."""
    if values is None:
        return ()
    return values if hasattr(values, "__len__") else list(values)


def loop_state(at: int, length: int, parent: Mapping[str, Any]) -> dict[str, Any]:
    """Return `forloop` for tags that are not compiled."""
    return {
        "parentloop": parent,
        "counter0": at,
        "counter": at + 1,
        "revcounter": length - at,
        "revcounter0": length - at - 1,
        "first": at == 0,
        "last": at == length - 1,
    }


def _held(names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in names.items() if value is not MISSING}


def condition(written: Any, context: Context, names: Mapping[str, Any]) -> Any:
    """Judge a condition as Django does, where judging it the short way has raised."""
    with context.push(_held(names)):
        try:
            return written.eval(context)
        except VariableDoesNotExist:
            return None


def drawn(node: Node, context: Context, names: Mapping[str, Any]) -> str:
    """Draw a node as Django does, with the names bound around it."""
    with context.push(_held(names)):
        return node.render(context)


def tagged(
    function: Callable[..., Any],
    context: Context,
    names: Mapping[str, Any],
    arguments: Sequence[Any],
    named: Mapping[str, Any],
) -> Any:
    """Call a tag that takes the context, with the names bound around it."""
    with context.push(_held(names)):
        return function(context, *arguments, **named)


def included(name: Any, context: Context, names: Mapping[str, Any]) -> str:
    """Draw the template of a name that is known only now, with the names bound around it."""
    template = name
    if not callable(getattr(template, "render", None)):
        wanted = [name] if isinstance(name, str) else list(name or ())
        bound: Any = context.template
        template = bound.engine.select_template(wanted)
    elif hasattr(template, "template"):
        template = template.template
    with context.push(_held(names)):
        nodes: Any = template.nodelist
        # A compiled template keeps nothing of its own in the context, so it needs no frame in it.
        alone = getattr(nodes, "draws_alone", False)
        drawn: str = nodes.render(context) if alone else template.render(context)
        return drawn


# Equal ones are written alike, which True and 1 are not.
_PLAIN: Final = (str, SafeString, int)


def address(context: Context, name: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> str:
    """Return the address of a view.

    :raises NoReverseMatch: there is none.
    """
    try:
        where: _Where = context.addresses_where  # type: ignore[attr-defined]
    except AttributeError:
        where = context.addresses_where = _where(context)  # type: ignore[attr-defined]
    given = tuple(named.items())
    for one in (name, *arguments, *named.values()):
        if type(one) not in _PLAIN:
            return _made_address(name, arguments, given, where[0])
    return _address(name, tuple(arguments), given, *where)


# What else an address depends on, the same for a whole page: application, prefix, URL conf.
_Where: TypeAlias = tuple[str | None, str, str | None]


def _where(context: Context) -> _Where:
    request = getattr(context, "request", None)
    try:
        application = request.current_app  # type: ignore[union-attr]
    except AttributeError:
        match = getattr(request, "resolver_match", None)
        application = getattr(match, "namespace", None)
    return application, get_script_prefix(), get_urlconf()


@lru_cache(maxsize=16384)
def _address(
    name: Any,
    arguments: tuple[Any, ...],
    named: tuple[tuple[str, Any], ...],
    application: str | None,
    prefix: str,
    urls: str | None,
) -> str:
    return _made_address(name, arguments, named, application)


def _made_address(
    name: Any, arguments: Iterable[Any], named: Iterable[tuple[str, Any]], application: str | None
) -> str:
    return reverse(name, args=list(arguments), kwargs=dict(named), current_app=application)


def address_or_empty(
    context: Context, name: Any, arguments: Sequence[Any], named: Mapping[str, Any]
) -> str:
    """Return the address of a view; empty where there is none."""
    try:
        return address(context, name, arguments, named)
    except NoReverseMatch:
        return ""
