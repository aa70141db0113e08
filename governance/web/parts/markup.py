"""Markup that Python and templates draw alike: icons, JSON with its keys marked, numbers."""

from functools import cache, lru_cache
from pathlib import Path

from django.conf import settings
from django.template import TemplateSyntaxError
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from governance.presentation.text_diff import pretty_json


class UnknownIcon(TemplateSyntaxError):
    """The icon is not in the sprite."""


@cache
def icon_names() -> frozenset[str]:
    """Return the icons of the sprite, from the list it is built of."""
    lines = Path(settings.BASE_DIR, "static/src/icons.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def icon(name: str, label: str = "", classes: str = "") -> SafeString:
    """Draw an icon of the sprite; without `label` it is hidden from screen readers.

    :raises UnknownIcon: `static/src/icons.txt` does not list it.
    """
    return _drawn(name, label, classes)


@lru_cache(maxsize=1024)
def _drawn(name: str, label: str, classes: str) -> SafeString:
    if name not in icon_names():
        raise UnknownIcon(f"the icon {name!r} is not in static/src/icons.txt")
    said = (
        format_html('role="img" aria-label="{}"', label)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<svg class="icon {}" {}><use href="{}#{}"></use></svg>',
        classes,
        said,
        static("icons.svg"),
        name,
    )


def counted(value: int, words: str) -> str:
    """Write a number with its noun: `3|counted:"account,accounts"`."""
    singular, _, plural = words.partition(",")
    return f"{value:,} {singular if value == 1 else plural or singular + 's'}"


def sentence(error: Exception | str) -> str:
    """Return an error's message as a sentence."""
    text = str(error).rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def coded(text: str) -> SafeString:
    """Return a text with what stands between backticks as code."""
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<code>{}</code>", part) if place % 2 else conditional_escape(part),)
            for place, part in enumerate(text.split("`"))
        ),
    )


def tokens_of_json(text: str) -> list[SafeString]:
    """Lay JSON out in lines whose keys and literals are marked; other text as it is."""
    return marked_lines(pretty_json(text))


def marked_lines(text: str) -> list[SafeString]:
    """Mark the keys and literals in the lines of a JSON text that is laid out already."""
    return [_marked(line) for line in text.splitlines()]


def _marked(line: str) -> SafeString:
    stripped = line.lstrip()
    indent = line[: len(line) - len(stripped)]
    if not stripped.startswith('"') or '": ' not in stripped:
        return format_html("{}", line)
    key, _, rest = stripped.partition('": ')
    return format_html('{}<span class="key">{}"</span>: {}', indent, key, _literal(rest))


def _literal(rest: str) -> SafeString:
    bare = rest.rstrip(",")
    if bare in {"true", "false", "null"} or bare.lstrip("-").replace(".", "", 1).isdigit():
        return format_html('<span class="literal">{}</span>{}', bare, rest[len(bare) :])
    return format_html("{}", rest)
