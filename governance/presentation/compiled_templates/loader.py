"""Django's cached loader, with templates that draw by compiled functions."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.template import Context, Origin, Template
from django.template.base import Node, NodeList
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.template.loaders.cached import Loader as CachedLoader
from django.utils.safestring import SafeString

from governance.presentation.compiled_templates.compiler import Draw, NotCompiled, compiled

log = logging.getLogger(__name__)


class CompiledNodes(NodeList):
    """The nodes of a template, drawn by a function that is made when they are first drawn."""

    def __init__(self, nodes: Iterable[Node], template: Template) -> None:
        super().__init__(nodes)
        self._template = template
        self._draw: Draw | None = None
        self._is_tried = False

    @property
    def draw(self) -> Draw | None:
        """The function; None where only Django's own way draws the template."""
        if not self._is_tried:
            try:
                self._draw = compiled(self._template)
            except NotCompiled as reason:
                log.debug("%s is not compiled: %s", self._template.name, reason)
            self._is_tried = True
        return self._draw

    @property
    def draws_alone(self) -> bool:
        """Whether the template is compiled."""
        return self.draw is not None

    def render(self, context: Context) -> SafeString:
        """Draw the template."""
        draw = self.draw if context.autoescape else None
        # A template that is not compiled and extends this one has blocks of its own for it.
        if draw is None or BLOCK_CONTEXT_KEY in context.render_context:
            return super().render(context)
        pieces: list[str] = []
        draw(context, pieces.append)
        return SafeString("".join(pieces))  # nosec B703


class Loader(CachedLoader):
    """Gives out each template once a process, to be compiled when it is first drawn."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        """Return a template.

        :raises TemplateDoesNotExist: no loader has it.
        """
        template: Template = super().get_template(template_name, skip)
        if not isinstance(template.nodelist, CompiledNodes) and not self.engine.debug:
            template.nodelist = CompiledNodes(template.nodelist, template)
        return template
