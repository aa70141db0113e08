"""Writes a template as a Python function."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.template import Engine, Template, TemplateDoesNotExist, TemplateSyntaxError
from django.template.base import FilterExpression, Node, TextNode, VariableNode
from django.template.context import Context
from django.template.defaulttags import (
    CommentNode,
    CsrfTokenNode,
    FirstOfNode,
    ForNode,
    IfNode,
    LoadNode,
    URLNode,
    WidthRatioNode,
    WithNode,
)
from django.template.library import InclusionNode, SimpleNode
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.templatetags.static import StaticNode

from governance.presentation.compiled_templates import runtime
from governance.presentation.compiled_templates.expressions import Expressions, Loop, Names

# Draws a template: the context, and what takes each piece of text.
Draw = Callable[[Context, Callable[[str], None]], None]

# The same markup put in place again and again would become a function of any length.
_MOST_LINES: Final = 40_000


class NotCompiled(Exception):
    """The template holds what only Django's own way draws."""


def compiled(template: Template) -> Draw:
    """Return a function that draws the template.

    :raises NotCompiled: it cannot be compiled as a whole.
    """
    return _Writer(template.engine).written(template)


Blocks = Mapping[str, Sequence[BlockNode]]


class _Writer:
    """Writes the body of one function, node by node."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._constants: dict[str, Any] = {
            name: getattr(runtime, name)
            for name in (
                *("get", "resolved", "resolved_or_none", "argument", "filtered_as_safe", "shown"),
                *("escaped", "repeated", "loop_state", "condition", "drawn", "tagged", "included"),
                *("address", "address_or_empty", "template_localtime", "MISSING"),
            )
        }
        self._lines: list[str] = []
        self._text: list[str] = []
        self._depth = 1
        self._count = 0
        self._names = Names(self._fresh)
        self._write = Expressions(self._constant)
        # Those that are being written, each in the one before; what `block.super` is made of.
        self._templates: list[str] = []
        self._supers: Sequence[BlockNode] = ()

    def written(self, template: Template) -> Draw:
        """Write the whole function and make it."""
        try:
            self._templates.append(str(template.name))
            self._template(template)
        except (TemplateDoesNotExist, TemplateSyntaxError) as error:
            raise NotCompiled(f"a part of {template.name} cannot be read: {error}") from error
        self._flush()
        head = ["def draw(context, put):", "    known = {}"]
        head.append("    for names in context.dicts: known.update(names)")
        head += [
            f"    {local} = known.get({name!r}, MISSING)"
            for name, local in self._names.free.items()
        ]
        source = "\n".join([*head, *self._lines, "    return None"])
        file = f"<template {template.name}>"
        # Tracebacks show the lines.
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        # Written from templates of this installation, in which no person's text stands.
        exec(compile(source, file, "exec"), self._constants)  # noqa: S102  # nosec B102
        draw: Draw = self._constants["draw"]
        return draw

    def _fresh(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def _constant(self, value: Any) -> str:
        if value is None or type(value) in (str, int, bool, float):
            return repr(value)
        name = self._fresh("k")
        self._constants[name] = value
        return name

    def _line(self, text: str) -> None:
        self._flush()
        self._lines.append(f"{'    ' * self._depth}{text}")
        if len(self._lines) > _MOST_LINES:
            raise NotCompiled(f"it comes to more than {_MOST_LINES:,} lines")

    def _flush(self) -> None:
        if self._text:
            text, self._text = "".join(self._text), []
            if text:
                self._lines.append(f"{'    ' * self._depth}put({text!r})")

    def _put(self, expression: str) -> None:
        self._line(f"put({expression})")

    @contextmanager
    def _indented(self) -> Iterator[None]:
        self._depth += 1
        before = len(self._lines)
        yield
        self._flush()
        if len(self._lines) == before:
            self._line("pass")
        self._depth -= 1

    def _template(self, template: Template) -> None:
        """Write a template with those it extends put in place."""
        blocks: dict[str, list[BlockNode]] = {}
        seen = [template.name]
        while (child := _extending(template)) is not None:
            for name, block in child.blocks.items():
                blocks.setdefault(name, []).append(block)
            parent: Any = child.parent_name
            if parent.is_var or parent.filters:
                raise NotCompiled("it extends what is known only when it is drawn")
            template = self._engine.get_template(parent.var)
            if template.name in seen:
                raise NotCompiled("it extends a template of its own name")
            seen.append(template.name)
        own: list[Any] = template.nodelist.get_nodes_by_type(BlockNode)
        for block in own:
            blocks.setdefault(block.name, []).append(block)
        self._scoped(template.nodelist, blocks)

    def _scoped(self, nodes: Sequence[Node], blocks: Blocks) -> None:
        """Write nodes in a scope that has just begun, with the names that tags bind in it.

        Such a name has its earlier value until then, and where the tag is passed over.
        """
        self._declare(nodes)
        self._nodes(nodes, blocks)

    def _declare(self, nodes: Sequence[Node]) -> None:
        for name in _bound_by(nodes):
            before = self._names.local(name)
            self._line(f"{self._names.bind(name)} = {before}")

    def _nodes(self, nodes: Sequence[Node], blocks: Blocks) -> None:
        for node in nodes:
            write = WRITERS.get(type(node))
            if write is None:
                raise NotCompiled(f"it has a {type(node).__name__}")
            write(self, node, blocks)

    def _text_node(self, node: TextNode, blocks: Blocks) -> None:
        self._text.append(node.s)

    def _nothing(self, node: Node, blocks: Blocks) -> None:
        """Write nothing: the tag did its work when the template was read."""

    def _variable(self, node: VariableNode, blocks: Blocks) -> None:
        said = node.filter_expression
        lookups = said.var.lookups if said.is_var else None
        if lookups and lookups[0] == "block" and not self._names.is_bound("block"):
            if lookups != ("block", "super") or said.filters:
                raise NotCompiled("it asks for its block")
            if self._supers:
                self._block_of(self._supers, blocks)
            return
        if not said.is_var and not said.filters:
            self._text.append(str(runtime.escaped(said.var)))
            return
        self._put(f"shown({self._write.unresolved(said, self._names)}, context)")

    def _block(self, node: BlockNode, blocks: Blocks) -> None:
        chain = blocks.get(node.name) or [node]
        self._block_of(chain, blocks)

    def _block_of(self, chain: Sequence[BlockNode], blocks: Blocks) -> None:
        with self._names.scope():
            before, self._supers = self._supers, chain[1:]
            self._scoped(chain[0].nodelist, blocks)
            self._supers = before

    def _if(self, node: IfNode, blocks: Blocks) -> None:
        self._branches(list(node.conditions_nodelists), blocks)

    def _branches(self, branches: list[tuple[Any, Sequence[Node]]], blocks: Blocks) -> None:
        if not branches:
            return
        (judged, nodes), *rest = branches
        if judged is None:
            self._nodes(nodes, blocks)
            return
        holds = self._fresh("c")
        self._line("try:")
        with self._indented():
            self._line(f"{holds} = {self._write.condition(judged, self._names)}")
        self._line("except Exception:")
        with self._indented():
            written = self._constant(judged)
            self._line(f"{holds} = condition({written}, context, {self._names.bound()})")
        self._line(f"if {holds}:")
        with self._indented():
            self._nodes(nodes, blocks)
        if rest:
            self._line("else:")
            with self._indented():
                self._branches(rest, blocks)

    def _for(self, node: Any, blocks: Blocks) -> None:
        values, length = self._fresh("s"), self._fresh("n")
        taken = self._write.or_none(node.sequence, self._names)
        self._line(f"{values} = repeated({taken})")
        self._line(f"{length} = len({values})")
        self._line(f"if {length} < 1:")
        with self._indented(), self._names.scope():
            self._scoped(node.nodelist_empty, blocks)
        self._line("else:")
        with self._indented(), self._names.scope():
            at = self._fresh("i")
            parent = self._names.loop
            self._names.loop = Loop(at, length, parent)
            locals_ = [self._names.bind(name) for name in node.loopvars]
            if len(locals_) == 1:
                # One variable is bound beside what tags bind, from one round to the next.
                self._declare(node.nodelist_loop)
            gone_through = f"reversed({values})" if node.is_reversed else values
            self._line(f"for {at}, ({', '.join(locals_)}) in enumerate({gone_through}):")
            with self._indented():
                if len(locals_) > 1:
                    self._declare(node.nodelist_loop)
                self._nodes(node.nodelist_loop, blocks)
            self._names.loop = parent

    def _with(self, node: WithNode, blocks: Blocks) -> None:
        with self._bound(node.extra_context):
            self._scoped(node.nodelist, blocks)

    @contextmanager
    def _bound(self, values: Mapping[str, FilterExpression]) -> Iterator[None]:
        made = {}
        for name, value in values.items():
            made[name] = self._fresh("v")
            self._line(f"{made[name]} = {self._write.resolved(value, self._names)}")
        with self._names.scope():
            for name, local in made.items():
                self._names.bind(name, local)
            yield

    def _include(self, node: IncludeNode, blocks: Blocks) -> None:
        name = node.template
        if node.isolated_context:
            self._draw_as_django(node, blocks)
            return
        if name.is_var or name.filters:
            asked = self._write.resolved(name, self._names)
            with self._bound(node.extra_context):
                self._put(f"included({asked}, context, {self._names.bound()})")
            return
        template = self._engine.get_template(name.var)
        if template.name in self._templates:
            self._draw_as_django(node, blocks)
            return
        self._templates.append(str(template.name))
        with self._bound(node.extra_context):
            self._template(template)
        self._templates.pop()

    def _draw_as_django(self, node: Node, blocks: Blocks) -> None:
        if getattr(node, "asvar", None):
            raise NotCompiled(f"a {type(node).__name__} binds a name")
        self._put(f"drawn({self._constant(node)}, context, {self._names.bound()})")

    def _arguments(self, node: Any) -> tuple[str, str]:
        given = "".join(f"{self._write.resolved(one, self._names)}, " for one in node.args)
        named = "".join(
            f"{key!r}: {self._write.resolved(one, self._names)}, "
            for key, one in node.kwargs.items()
        )
        return f"({given})", f"{{{named}}}"

    def _simple_tag(self, node: SimpleNode, blocks: Blocks) -> None:
        if node.target_var is None and not node.takes_context and _is_constant(node):
            self._text.append(node.render(Context()))
            return
        function = self._constant(node.func)
        given, named = self._arguments(node)
        if node.takes_context:
            made = f"tagged({function}, context, {self._names.bound()}, {given}, {named})"
        else:
            made = f"{function}(*{given}, **{named})"
        if node.target_var is not None:
            self._line(f"{self._names.local(node.target_var)} = {made}")
        else:
            self._put(f"escaped({made})")

    def _url(self, node: URLNode, blocks: Blocks) -> None:
        given, named = self._arguments(node)
        name = self._write.resolved(node.view_name, self._names)
        if node.asvar:
            made = f"address_or_empty(context, {name}, {given}, {named})"
            self._line(f"{self._names.local(node.asvar)} = {made}")
        else:
            self._put(f"escaped(address(context, {name}, {given}, {named}))")

    def _static(self, node: StaticNode, blocks: Blocks) -> None:
        if node.varname is not None:
            raise NotCompiled("a static file's address binds a name")
        if isinstance(node.path, FilterExpression) and not node.path.is_var:
            self._text.append(node.render(Context()))
        else:
            self._draw_as_django(node, blocks)


def _extending(template: Template) -> ExtendsNode | None:
    """Return the tag by which a template extends another; it stands before all but text."""
    for node in template.nodelist:
        if not isinstance(node, TextNode):
            return node if isinstance(node, ExtendsNode) else None
    return None


def _bound_by(nodes: Sequence[Node]) -> list[str]:
    """Return the names that tags among these bind, in the branches of `if` too."""
    found: dict[str, None] = {}
    for node in nodes:
        if isinstance(node, IfNode):
            found.update(dict.fromkeys(_bound_by(list(node))))
        name = getattr(node, "target_var", None) or getattr(node, "asvar", None)
        if name:
            found[name] = None
    return list(found)


def _is_constant(node: SimpleNode) -> bool:
    """Whether what a tag gives is the same each time (`drawn_once`)."""
    given = [*node.args, *node.kwargs.values()]
    return getattr(node.func, "drawn_once", False) and not any(
        (one.is_var and one.var.lookups is not None) or one.filters for one in given
    )


# Of a type that is not among them a template is not compiled.
WRITERS: Final[dict[type[Node], Callable[[_Writer, Any, Blocks], None]]] = {
    TextNode: _Writer._text_node,
    VariableNode: _Writer._variable,
    LoadNode: _Writer._nothing,
    CommentNode: _Writer._nothing,
    BlockNode: _Writer._block,
    IfNode: _Writer._if,
    ForNode: _Writer._for,
    WithNode: _Writer._with,
    IncludeNode: _Writer._include,
    SimpleNode: _Writer._simple_tag,
    URLNode: _Writer._url,
    StaticNode: _Writer._static,
    CsrfTokenNode: _Writer._draw_as_django,
    InclusionNode: _Writer._draw_as_django,
    FirstOfNode: _Writer._draw_as_django,
    WidthRatioNode: _Writer._draw_as_django,
}
