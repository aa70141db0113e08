"""A difference as a row of the table: icon, words, links, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from governance.presentation.snapshot_texts import digests
from governance.snapshots.differences import FULL_ACCESS_ID, SnapshotDifference
from governance.snapshots.kinds import KIND_WORDS, DifferenceKind, Subject
from governance.snapshots.moments import Moment
from governance.snapshots.sides import PathStep
from governance.web.parts.ages import exact
from governance.web.parts.states import Tone, state_look
from governance.web.parts.targets import page_href
from inventory.policy_types import policy_type

_TAGS_SHOWN: Final = 4
_ICONS: Final[dict[str, tuple[str, Tone]]] = {
    "Added": ("plus", "plain"),
    "Created": ("plus", "plain"),
    "Registered": ("plus", "plain"),
    "Enabled": ("check", "plain"),
    "Removed": ("minus", "plain"),
    "Deleted": ("minus", "plain"),
    "Deregistered": ("minus", "plain"),
    "Disabled": ("ban", "plain"),
    "Moved": ("arrow-right", "plain"),
    "Renamed": ("pencil", "plain"),
    "Text changed": ("file-diff", "plain"),
    "Tags changed": ("tag", "plain"),
    "Email changed": ("mail", "plain"),
    "Attached": ("link", "plain"),
    "Detached": ("unlink", "plain"),
}
_SUBJECT_ICONS: Final = {
    Subject.ACCOUNT: ("box", "account"),
    Subject.ORGANIZATIONAL_UNIT: ("folder", "OU"),
    Subject.ROOT: ("building", "root"),
    Subject.POLICY: ("file-certificate", "policy"),
    Subject.POLICY_TYPE: ("file-certificate", "policy type"),
    Subject.DELEGATED_ADMINISTRATOR: ("user-shield", "delegated administrator"),
    Subject.TRUSTED_SERVICE: ("shield-check", "trusted service"),
    Subject.RESOURCE_POLICY: ("file-certificate", "resource policy"),
    Subject.RESOURCE: ("database", "resource"),
    Subject.ORGANIZATION: ("building", "organization"),
}
NONE: Final = format_html('<span class="ink-2">{}</span>', "none")


@dataclass(frozen=True, slots=True)
class Texts:
    """What rows of policies' texts need. `lines`: removed and added, by the two SHA-256.

    `starts`: since when each version of a policy was seen, by its id.
    """

    lines: Mapping[tuple[str, str], tuple[int, int]]
    starts: Mapping[str, list[datetime]]


@dataclass(frozen=True, slots=True)
class ShownDifference:
    """One row. `before`, `after`: None where there is nothing to say of that time."""

    difference: SnapshotDifference
    icon: str
    tone: str
    label: str
    subject_icon: str
    subject_noun: str
    name: str
    href: str
    id: str
    id_label: str
    place_name: str
    place_href: str
    place_way: SafeString | None
    before: SafeString | None
    after: SafeString | None
    compare_href: str
    lines: tuple[int, int] | None
    run_id: int | None
    remark: str


def verb_look(verb: str) -> tuple[str, Tone]:
    """Return the icon and tone of what was done to a thing."""
    return _ICONS.get(verb, ("edit", "plain"))


class Words:
    """Sentences about the differences of one comparison, with links."""

    def __init__(
        self, slug: str, moments: tuple[Moment, Moment], texts: Texts, runs: Mapping[datetime, int]
    ) -> None:
        self._slug = slug
        self._before, self._after = moments
        self._texts = texts
        self._runs = runs

    def shown(self, one: SnapshotDifference) -> ShownDifference:
        """Return a difference as a row."""
        words = KIND_WORDS[one.kind]
        icon, tone = verb_look(words.verb)
        before, after = self._sides(one)
        subject_icon, noun = _SUBJECT_ICONS[one.subject]
        texts = digests(one)
        return ShownDifference(
            difference=one,
            icon="alert-triangle" if one.loud else icon,
            tone="bad" if one.loud else tone,
            label=words.verb,
            subject_icon=subject_icon,
            subject_noun=noun,
            name=policy_type(one.name).label if one.subject is Subject.POLICY_TYPE else one.name,
            href=self._href(one),
            id="" if one.subject_id == one.name or "/" in one.subject_id else one.subject_id,
            id_label=f"{noun} id",
            place_name=one.target_name,
            place_href=self._target_href(one.target_id, gone=not one.way_after)
            if one.target_id
            else "",
            place_way=self._place(one),
            before=before,
            after=after,
            compare_href=self._compare_href(one) if texts else "",
            lines=self._texts.lines.get(texts) if texts else None,
            run_id=self._runs.get(one.since),
            remark=_remark(one),
        )

    def _sides(self, one: SnapshotDifference) -> tuple[SafeString | None, SafeString | None]:
        if one.kind in (DifferenceKind.ACCOUNT_MOVED, DifferenceKind.ORGANIZATIONAL_UNIT_MOVED):
            return way_words(one.way_before), way_words(one.way_after)
        if digests(one):
            return None, None
        return self._side(one, one.before), self._side(one, one.after)

    def _side(self, one: SnapshotDifference, values: Mapping[str, Any] | None) -> SafeString | None:
        if one.before is None or one.after is None:
            return self._only(one, values)
        if values is None:
            return None
        if "tags" in values:
            return _tags(one.before["tags"], one.after["tags"], values["tags"])
        if one.subject is Subject.RESOURCE:
            return _access(values)
        value = next(iter(values.values()))
        if one.kind is DifferenceKind.ACCOUNT_STATE_CHANGED:
            return format_html("{}", state_look(str(value)).word)
        return _value(value)

    def _only(self, one: SnapshotDifference, values: Mapping[str, Any] | None) -> SafeString | None:
        """Tell a thing that is there at one of the times only."""
        if one.subject is Subject.POLICY_TYPE:
            status = (values or {}).get("status")
            return _value(status) if status else format_html("{}", "not enabled")
        if values is None:
            return None
        if one.subject in (Subject.ACCOUNT, Subject.ORGANIZATIONAL_UNIT):
            word, way = ("was in", one.way_before) if one.after is None else ("in", one.way_after)
            return format_html('<span class="small ink-2">{}</span> {}', word, way_words(way))
        if one.subject is Subject.POLICY and not one.target_id:
            return format_html("{}", policy_type(one.policy_type).label)
        return None

    def _place(self, one: SnapshotDifference) -> SafeString | None:
        if not one.target_id:
            return None
        way = one.way_after or one.way_before
        return way_words(way) if way else None

    def _href(self, one: SnapshotDifference) -> str:
        gone = one.after is None
        if one.subject in (Subject.ACCOUNT, Subject.ORGANIZATIONAL_UNIT, Subject.ROOT):
            return self._target_href(one.subject_id, gone=gone)
        if one.subject is Subject.POLICY:
            address = reverse("policy", kwargs=self._of(policy_id=one.subject_id))
            return self._at(address, gone)
        if one.subject is Subject.RESOURCE:
            address = reverse("resource-policy", kwargs=self._of(resource_arn=one.subject_id))
            return self._at(address, gone)
        return ""

    def _target_href(self, target_id: str, *, gone: bool) -> str:
        return self._at(page_href(self._slug, target_id), gone)

    def _compare_href(self, one: SnapshotDifference) -> str:
        starts = self._texts.starts.get(one.subject_id)
        if one.subject is not Subject.POLICY or not starts:
            return ""
        before = sum(start <= self._before.at for start in starts)
        after = sum(start <= self._after.at for start in starts)
        address = reverse("policy-versions", kwargs=self._of(policy_id=one.subject_id))
        now_gone = "" if self._after.as_of is None else f"&as_of={iso(self._after.at)}"
        return f"{address}?before={before}&after={after}{now_gone}"

    def _at(self, address: str, gone: bool) -> str:
        """Return an address at the time at which the thing was there."""
        moment = self._before if gone else self._after
        return address if moment.as_of is None else f"{address}?as_of={iso(moment.at)}"

    def _of(self, **more: str) -> dict[str, str]:
        return {"slug": self._slug, **more}


def iso(moment: datetime) -> str:
    """Write a time for an address."""
    return moment.isoformat().replace("+00:00", "Z")


def way_words(way: tuple[PathStep, ...]) -> SafeString:
    """Write the way to a thing by the names of its OUs, the root by its own."""
    if not way:
        return format_html('<span class="ink-2">{}</span>', "place not collected")
    return format_html_join(
        format_html('<span class="ink-3"> {} </span>', "/"),
        "{}",
        ((step.name,) for step in way[1:] or way),
    )


def plain_way(way: tuple[PathStep, ...]) -> str:
    """Write the way to a thing for a file: names of root and OUs, with slashes."""
    return "/".join(step.name for step in way)


def _remark(one: SnapshotDifference) -> str:
    if one.loud and one.subject_id == FULL_ACCESS_ID:
        return "Below here only what this level's other SCPs allow is left"
    if one.loud:
        return "No policy of this type limits anything any more"
    if one.consequence:
        gone = one.after is None
        return "Removed with the account or OU" if gone else "Added with the account or OU"
    if one.aws_managed:
        return "Managed by AWS"
    return ""


def _value(value: Any) -> SafeString:
    if isinstance(value, datetime):
        return format_html("{}", exact(value))
    return NONE if value in (None, "") else format_html("{}", value)


def _access(values: Mapping[str, Any]) -> SafeString:
    """Return what decides over access to a resource: its policy, or settings by name."""
    if "sha256" in values:
        return format_html("{}", "has a policy") if values["sha256"] else NONE
    return format_html_join(
        ", ",
        "{}: {}",
        ((name.replace("_", " "), _setting(value)) for name, value in values.items()),
    )


def _setting(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        on = [name.replace("_", " ") for name, is_on in value.items() if is_on]
        return ", ".join(on) or "all off"
    if isinstance(value, list):
        return "; ".join(f"{each['permission']} to {each['grantee']}" for each in value) or "none"
    return str(value)


def _tags(
    before: Mapping[str, str], after: Mapping[str, str], here: Mapping[str, str]
) -> SafeString:
    """Return the tags that differ."""
    changed = [key for key in sorted({*before, *after}) if before.get(key) != after.get(key)]
    shown = format_html_join(
        ", ",
        "{}",
        (
            (
                format_html("{}={}", key, here[key])
                if key in here
                else format_html('<span class="ink-2">{}</span>', f"no {key}"),
            )
            for key in changed[:_TAGS_SHOWN]
        ),
    )
    more = len(changed) - _TAGS_SHOWN
    return format_html("{} and {} more", shown, more) if more > 0 else shown
