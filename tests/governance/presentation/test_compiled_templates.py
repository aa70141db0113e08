"""Compiled templates give what Django's own way gives, letter for letter."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.template import Context, Engine, RequestContext, context_processors
from django.template.base import Node
from django.template.loader_tags import ExtendsNode
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe

from governance.presentation.compiled_templates.compiler import WRITERS
from governance.presentation.compiled_templates.loader import CompiledNodes

_LOADERS = "django.template.loaders"


@dataclass
class Row:
    """What templates read: attributes, properties, methods, and what goes wrong in them."""

    name: str = "<b>"
    tags: tuple[str, ...] = ("a", "b")

    def method(self) -> str:
        return "called & escaped"

    def needs(self, argument: str) -> str:
        return argument

    def writes(self) -> str:
        raise AssertionError("a template must not call what writes")

    writes.alters_data = True  # type: ignore[attr-defined]

    @property
    def gone(self) -> str:
        raise ObjectDoesNotExist

    @property
    def broken(self) -> str:
        raise AttributeError("broken")


PARTS = {
    "base.html": "<{% block head %}head {{ word }}{% endblock %}|{% block body %}{% endblock %}>",
    "middle.html": '{% extends "base.html" %}{% block head %}middle {{ block.super }}{% endblock %}'
    "{% block body %}[{% block inner %}inner{% endblock %}]{% endblock %}",
    "part.html": "{{ word }}-{{ given }}-{{ forloop.counter }}-{{ row.name }};",
    "tree.html": "{{ node.name }}{% for node in node.children %}"
    '({% include "tree.html" %}){% endfor %}',
    "binds.html": '{% url "healthz" as there %}{{ there }}',
    "raw.html": "{% autoescape off %}{{ markup }}{% endautoescape %}",
}

CASES = {
    "text": "plain <text> {# comment #}",
    "escapes": "{{ markup }} {{ safe }} {{ word }} {{ 3 }} {{ 'x<y' }}",
    "kinds": "{{ none }} {{ yes }} {{ number }} {{ fraction }} {{ rows }} {{ True }} {{ moment }}",
    "missing": "[{{ nothing }}][{{ nothing.at.all }}][{{ row.nothing }}][{{ map.nothing.x }}]",
    "lookups": "{{ map.key }} {{ map.items }} {{ map.keys }} {{ list.1 }} {{ list.9 }} {{ map.2 }}",
    "calls": "{{ row.method }} {{ row.needs }}{{ row.writes }} {{ function }}"
    "{{ row.method.upper }}",
    "gone in silence": "[{{ row.gone }}][{{ row.gone.name }}]"
    "{% if row.gone %}a{% else %}b{% endif %}",
    "filters": "{{ word|upper }} {{ nothing|default:'d' }} {{ safe|capfirst }} "
    "{{ list|join:', ' }} {{ markup|linebreaksbr }} {{ none|default_if_none:'n' }} "
    "{{ word|add:word }} "
    "{{ moment|date:'Y H' }} {{ list|length }} {{ nothing|length }} {{ yes|yesno:'y,n' }}",
    "filters of filters": "{{ markup|truncatechars:4|upper }} {{ safe|default:markup|lower }}",
    "if": "{% if word %}a{% endif %}{% if nothing %}b{% elif number > 2 %}c{% else %}d{% endif %}"
    "{% if not nothing and word == 'word' or fail %}e{% endif %}"
    "{% if 'a' in row.tags %}f{% endif %}{% if number not in list %}g{% endif %}",
    "if that raises": "{% if none > 3 %}a{% else %}b{% endif %}{% if 1 in none %}a{% endif %}"
    "{% if none is None and number is not None %}d{% endif %}"
    "{% for a in list %}{% if a < 3 or a == 'b' %}{{ a }}{% else %}-{% endif %}{% endfor %}",
    "if without an argument": "{% if word|add:nothing %}a{% else %}b{% endif %}",
    "lookups in what is read late": "{{ late.name }}[{{ late.nothing }}]{{ late_map.key }}"
    "{{ late_map.items }}[{{ late_map.nothing }}][{{ late.gone }}]",
    "for": "{% for row in rows %}{{ forloop.counter }}/{{ forloop.revcounter }}{{ row.name }}"
    "{% if forloop.first %}F{% endif %}{% if forloop.last %}L{% endif %}{% empty %}-{% endfor %}",
    "for of nothing": "{% for x in nothing %}x{% empty %}-{% endfor %}"
    "{% for x in none %}x{% endfor %}",
    "for of pairs": "{% for key, value in map.pairs %}{{ key }}={{ value }};{% endfor %}"
    "{% for a in list reversed %}{{ a }}{{ forloop.counter0 }}{% endfor %}"
    "{% for a in lazy %}{{ a }}{{ forloop.revcounter0 }}{% endfor %}",
    "for in for": "{% for a in list %}{% for b in list %}{{ forloop.parentloop.counter }}"
    "{{ forloop.counter }}{{ forloop.parentloop.parentloop.counter }} {% endfor %}"
    "{% endfor %}{{ a }}",
    "forloop itself": "{% for a in list %}{% with f=forloop %}{{ f.counter }}{{ f.last }}"
    "{{ f.nothing }}{% endwith %}{% endfor %}",
    "with": "{% with a=word b=nothing %}{{ a }}[{{ b }}]{% with a='in' word=a %}{{ a }}{{ word }}"
    "{% endwith %}{{ a }}{% endwith %}{{ a }}{{ word }}",
    "include": '{% include "part.html" with given=number %}'
    '{% for row in rows %}{% include "part.html" %}{% endfor %}',
    "include alone": '{% with given="g" %}'
    '{% include "part.html" with word="own" only %}{% endwith %}',
    "include by name": "{% for row in rows %}"
    "{% include part with given=forloop.counter %}{% endfor %}",
    "include of itself": '{% with node=tree %}{% include "tree.html" %}{% endwith %}',
    "include of what is interpreted": "{% include raw %}",
    "extends": '{% extends "base.html" %}{% block body %}{{ word }}{% endblock %} lost',
    "extends twice": '{% extends "middle.html" %}{% block inner %}{{ block.super }}!{% endblock %}'
    "{% block head %}child {{ block.super }}{% endblock %}",
    "block as a name": "{% for block in list %}{{ block }}{% endfor %}",
    "addresses": "{% url 'healthz' %}{% url 'healthz' as there %}{{ there }}"
    "{% url 'start-of' slug=word %}{% url 'start-of' slug=word %}"
    "{% url 'no-such' as lost %}[{{ lost }}]",
    "addresses in branches": "{% if nothing %}{% url 'healthz' as word %}{% endif %}{{ word }}"
    "{% if number %}{% url 'healthz' as word %}{% endif %}{{ word }}",
    "names where they are bound": '{% include "binds.html" %}[{{ there }}]'
    "{% for a in list %}{{ there }}{% url 'healthz' as there %}{% endfor %}[{{ there }}]",
    "tags": "{% load look %}{% icon 'x' %}{% icon shown %}{% ago none never=word %}"
    "{% firstof nothing word %}{% bar label=markup whole=4 bad=number %}"
    "{% widthratio number 10 100 %}",
    "tags with the context": "{% load look %}{% for row in rows %}{% keeps row.name as kept %}"
    "{{ kept }}{% endfor %}",
    "inclusion tag": "{% load look %}{% for a in list %}{% help 'ceiling' %}{% endfor %}",
    "static files": "{% load static %}{% static 'app.js' %}{% static word %}",
    "token": "{% csrf_token %}",
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(
        dirs=[str(Path(settings.BASE_DIR, "templates"))],
        libraries=Engine.get_default().libraries,
        context_processors=["django.template.context_processors.request"],
        loaders=[
            (
                "governance.presentation.compiled_templates.loader.Loader",
                [
                    (f"{_LOADERS}.locmem.Loader", {**PARTS, **CASES}),
                    f"{_LOADERS}.filesystem.Loader",
                ],
            )
        ],
    )


def _context(rf: RequestFactory) -> Context:
    return RequestContext(
        rf.get("/?q=1"),
        {
            "word": "word",
            "markup": '<a href="x">\'&',
            "safe": mark_safe("<i>safe</i>"),
            "none": None,
            "yes": True,
            "number": 3,
            "fraction": 2.5,
            "moment": datetime(2026, 11, 30, 4, 30, tzinfo=UTC),
            "rows": [Row("one"), Row("<two>")],
            "row": Row(),
            "map": {"key": "<v>", "items": [1], "pairs": [("k", 1)], "2": "two"},
            "list": ["a", "b", "c"],
            "late": SimpleLazyObject(Row),
            "late_map": SimpleLazyObject(lambda: {"key": "<v>", "items": [1]}),
            "lazy": (letter for letter in "xyz"),
            "function": lambda: "<called>",
            "shown": "check",
            "part": "part.html",
            "raw": "raw.html",
            "tree": {"name": "r", "children": [{"name": "a", "children": [{"name": "b"}]}]},
        },
    )


@pytest.mark.parametrize("name", CASES)
def test_a_compiled_template_draws_what_django_draws(
    engine: Engine, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(context_processors, "get_token", lambda request: "token")
    template: Any = engine.get_template(name)
    drawn = template.render(_context(rf))
    assert template.nodelist.draws_alone
    monkeypatch.setattr(CompiledNodes, "draw", None)
    assert drawn == template.render(_context(rf))


def test_an_interpreted_template_may_extend_a_compiled_one(
    engine: Engine, rf: RequestFactory
) -> None:
    template = engine.from_string(
        '{% extends "middle.html" %}{% block inner %}own {{ block.super }}{% endblock %}'
    )
    assert template.render(_context(rf)) == "<middle head word|[own inner]>"


@pytest.mark.parametrize(
    ("source", "raised"),
    [
        ("{{ row.broken }}", AttributeError),
        ("{{ word|add:nothing }}", Exception),
        ("{% url 'no-such' %}", Exception),
        ("{% if row.broken %}{% endif %}", AttributeError),
        ("{{ late.broken }}", AttributeError),
    ],
)
def test_what_raises_as_django_draws_raises_compiled_too(
    engine: Engine, rf: RequestFactory, source: str, raised: type[Exception]
) -> None:
    template: Any = engine.from_string(source)
    with pytest.raises(raised) as interpreted:
        template.render(_context(rf))
    template.nodelist = CompiledNodes(template.nodelist, template)
    with pytest.raises(type(interpreted.value)):
        template.render(_context(rf))


def test_only_mail_in_plain_text_has_tags_that_are_not_compiled() -> None:
    folder, engine = Path(settings.BASE_DIR, "templates"), Engine.get_default()
    left = set()
    for path in folder.rglob("*.*"):
        name = str(path.relative_to(folder))
        nodes: Any = engine.get_template(name).nodelist
        if {type(node) for node in nodes.get_nodes_by_type(Node)} - {*WRITERS, ExtendsNode}:
            left.add(name)
    assert left == {"governance/notifications/mail.txt"}
