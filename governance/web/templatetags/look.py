"""What the includes need beyond Django's own tags: icons, times, numbers, names, diffs."""

from collections.abc import Hashable, Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.forms.boundfield import BoundField, BoundWidget
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.presentation import text_diff
from governance.presentation.compiled_templates import drawn_once
from governance.presentation.concepts import CONCEPTS
from governance.web.parts import ages, names
from governance.web.parts.filters import PLACES
from governance.web.parts.markup import coded, counted, icon, tokens_of_json
from governance.web.parts.people import name_of
from governance.web.parts.states import StateLook, state_look
from governance.web.parts.targets import named_link

register = template.Library()
register.simple_tag(drawn_once(icon))
register.simple_tag(drawn_once(named_link))
register.filter(coded)
register.filter(counted)
register.filter(tokens_of_json)


@register.simple_tag
def ago(moment: datetime | None, short: bool = False, never: str = "Never") -> SafeString:
    """Show a time relative to now, with the exact time on hover and focus.

    `short`: without "ago", for narrow columns. `never`: what None means, in words.
    """
    if moment is None:
        return format_html('<span class="ink-2">{}</span>', never)
    now = timezone.now()
    said = ages.age(now - moment) if short and moment <= now else ages.ago(moment, now=now)
    return _time(moment.isoformat(), ages.exact(moment), "short" if short else "long", said)


# What was read in one run was read at the same time, so a page says one time again and again.
@lru_cache(maxsize=4096)
def _time(at: str, exact: str, length: str, said: str) -> SafeString:
    return format_html(
        '<time class="tip" tabindex="0" datetime="{}" data-tip="{}" data-age="{}">'
        '<span class="said">{}</span><span class="visually-hidden">, {}</span></time>',
        at,
        exact,
        length,
        said,
        exact,
    )


@register.simple_tag
def navigation(groups: Hashable, section: str) -> SafeString:
    """Show the navigation (`shell.Shell.navigation`) with the entry `section` lit.

    It follows from these alone and is the same on most pages, so it is rendered once for each.
    """
    return _navigation(groups, section)


@lru_cache(maxsize=512)
def _navigation(groups: Hashable, section: str) -> SafeString:
    return render_to_string("includes/navigation.html", {"groups": groups, "section": section})


@register.simple_tag
def scroll_region(label: str) -> SafeString:
    """Return the attributes with which the keyboard reaches a box that scrolls sideways.

    For a box of text, and for a table in which nothing else takes the focus. `label`: its name.
    """
    return format_html(' tabindex="0" role="region" aria-label="{}"', label)


@register.filter
def utc(moment: datetime) -> str:
    """Write a time in full, in the time zone and form that the person chose."""
    return ages.exact(moment)


@register.filter
def day(value: date | None) -> str:
    """Write a day in the form that the person chose; none: empty."""
    return ages.day(value) if isinstance(value, date) else ""


@register.filter
def utc_input(moment: object) -> str:
    """Write a time as a field for date and time takes it, in UTC; without one: empty."""
    if not isinstance(moment, datetime):
        return ""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


@register.filter
def duration(seconds: float | None) -> str:
    """Write how long something took; None is work that has not ended."""
    return "not ended" if seconds is None else ages.duration(seconds)


@register.filter
def number(value: float | None) -> str:
    """Group an integer's digits by comma; a number with a fraction keeps one digit of it."""
    if value is None:
        return "?"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


@register.filter
def noun(words: str) -> str:
    """Return the plural of a noun given as one and many: `"account,accounts"|noun`."""
    one, _, many = words.partition(",")
    return many or f"{one}s"


@register.filter
def percent(part: float, whole: float) -> str:
    """Write a share in percent: `42 %`; `<1 %` is little but not nothing."""
    if not whole:
        return "?"
    share = 100 * part / whole
    if 0 < share < 1:
        return "<1 %"
    if 99 < share < 100:
        return ">99 %"
    return f"{share:.0f} %"


@register.filter
def both_ends(text: str) -> str:
    """Shorten a long digest in its middle."""
    return names.both_ends(text)


@register.simple_tag
def short_name(name: str, parent_name: str = "", siblings_prefix: str = "") -> SafeString:
    """Show a name short; the whole one stays in the title and for screen readers."""
    short = names.short_name(name, parent_name=parent_name, siblings_prefix=siblings_prefix)
    if short == name:
        return format_html("{}", name)
    return format_html(
        '<span title="{0}"><span aria-hidden="true">{1}</span>'
        '<span class="visually-hidden">{0}</span></span>',
        name,
        short,
    )


@register.inclusion_tag("includes/help.html", name="help")
def help_beside(key: str) -> dict[str, Any]:
    """Show a mark that says what a concept means. `key`: of `presentation.concepts.CONCEPTS`."""
    concept = CONCEPTS[key]
    return {"key": key, "concept": concept, "label": f"What {concept.title} means"}


@register.simple_tag(takes_context=True)
def arranged_row(context: Context) -> str:
    """Draw `row` by the list's `row_template`, with the columns that are shown."""
    drawn = Engine.get_default().get_template(context["row_template"]).render(context)
    arranged: str = context["view"].arrange(drawn, context["row"])
    return arranged


@register.simple_tag
def policy_counts(chips: Iterable[Any]) -> SafeString:
    """Draw the chips of a node, each with `code`, `label`, `here` and `inherited`.

    Each is `includes/policy_count.html`, drawn once for all rows that show the same.
    """
    # Each is a rendered template, which escapes.
    counts = (_policy_count(c.code, c.label, c.here, c.inherited) for c in chips)
    return SafeString("".join(counts))  # nosec B703


@lru_cache(maxsize=4096)
def _policy_count(code: str, label: str, here: int, inherited: int) -> str:
    return render_to_string(
        "includes/policy_count.html",
        {"code": code, "label": label, "here": here, "inherited": inherited},
    ).strip()


@register.filter
def look_of(state: str) -> StateLook:
    """Return icon, tone and word of a state."""
    return state_look(str(state))


@register.filter
def initials(user: Any) -> str:
    """Return two letters for a person."""
    full = name_of(user)
    words = full.replace(".", " ").replace("-", " ").split()
    letters: str = words[0][0] + words[-1][0] if len(words) > 1 else full[:2]
    return letters.upper()


@register.simple_tag
def text_diff_lines(before: str, after: str, as_json: bool = True) -> list[text_diff.DiffLine]:
    """Compare two texts line by line, laid out as JSON first unless told not to."""
    if as_json:
        before, after = text_diff.pretty_json(before), text_diff.pretty_json(after)
    return text_diff.diff_lines(before, after)


@register.filter
def removed_and_added(lines: list[text_diff.DiffLine]) -> tuple[int, int]:
    """Count the removed and the added lines."""
    return text_diff.counts(lines)


@register.simple_tag
def bar(label: str, whole: float, thin: bool = False, **parts: float) -> SafeString:
    """Draw quantities one after another on a common scale from 0 to `whole`.

    `parts` are named by what they are, in their order: `always`, `cond`, `cut`, `warn`, `bad`,
    `unknown`. Whatever is left stays the track. A part that is not 0 is never thinner than 1 %.
    """
    drawn, at = [], 0.0
    for name, value in parts.items():
        if not value or not whole:
            continue
        width = max(100 * value / whole, 1.0)
        start = min(at, 100 - width)
        drawn.append((f"{start:.3f}%", f"{width:.3f}%", name))
        at = start + width
    rectangles = format_html_join(
        "", '<rect x="{}" y="0" width="{}" height="100%" class="{}"/>', drawn
    )
    return format_html(
        '<svg class="bar{}" role="img" aria-label="{}">'
        '<rect class="track" width="100%" height="100%" rx="1.5"/>{}</svg>',
        " thin" if thin else "",
        label,
        rectangles,
    )


_CLASSES = {
    "checkbox": "form-check-input",
    "select": "form-select",
    "selectmultiple": "form-select",
    "nullbooleanselect": "form-select",
}


@register.filter
def styled(field: BoundField) -> SafeString:
    """Draw a field's control with its class, and tie its error to it."""
    attributes: dict[str, str | bool] = {"class": _CLASSES.get(field.widget_type, "form-control")}
    if field.errors:
        described = [f"{field.auto_id}_error"]
        if field.help_text:
            described.insert(0, f"{field.auto_id}_helptext")
        attributes["aria-describedby"] = " ".join(described)
        attributes["aria-invalid"] = "true"
    return field.as_widget(attrs=attributes)


@register.simple_tag
def wrong(error: str, field_id: str) -> SafeString:
    """Tie a control that a template draws itself to its error, which has the id `…-error`."""
    if not error:
        return SafeString("")
    return format_html(' aria-invalid="true" aria-describedby="{}-error"', field_id)


@register.filter
def styled_choices(field: BoundField) -> list[BoundWidget]:
    """Return the boxes of a field with several, each with its class."""
    field.field.widget.attrs["class"] = "form-check-input"
    return list(field.subwidgets)


@register.filter
def times(count: int) -> range:
    """Count up to a number in a template."""
    return range(count)


@register.simple_tag(takes_context=True)
def keeps(context: dict[str, Any], *names_to_drop: str) -> list[tuple[str, str]]:
    """Return the address's pairs but those named and the place in a list, for hidden fields.

    `names_to_drop`: each may be several, with spaces between.
    """
    request = context["request"]
    dropped = {name for names in names_to_drop for name in names.split()}
    return [
        (key, value)
        for key, values in request.GET.lists()
        for value in values
        if key not in dropped and key not in PLACES
    ]
