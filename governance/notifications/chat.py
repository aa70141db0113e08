"""Messages to Slack, Teams and the like, by apprise: to fixed hosts of theirs, no redirects.

apprise knows a hundred services, some of which call any host, read files or run programs. So an
address is taken only if it leads to a service on this list, whose hosts are the vendor's own, and
only with the parameters that the service itself puts into an address.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import apprise
from django.utils.module_loading import import_string

from governance.notifications.kinds import one_line

LONGEST_URL: Final = 2000
_LONGEST_SHOWN: Final = 120
_LONGEST_BODY: Final = 3500


@dataclass(frozen=True, slots=True)
class ChatService:
    """A service that may be sent to.

    `plugin`: apprise's module and class. `hosts`: to which its addresses lead, beginning with a
    dot where a customer's name stands before; empty: apprise holds the host and no address can
    change it.
    """

    label: str
    plugin: str
    schemes: tuple[str, ...]
    hosts: tuple[str, ...] = ()


SERVICES: Final = (
    ChatService(
        "Slack", "slack.NotifySlack", ("slack",), ("hooks.slack.com", "hooks.slack-gov.com")
    ),
    ChatService(
        "Microsoft Teams",
        "workflows.NotifyWorkflows",
        ("workflow", "workflows"),
        (".logic.azure.com", ".api.powerplatform.com"),
    ),
    ChatService(
        "Google Chat", "google_chat.NotifyGoogleChat", ("gchat",), ("chat.googleapis.com",)
    ),
    ChatService(
        "Discord", "discord.NotifyDiscord", ("discord",), ("discord.com", "discordapp.com")
    ),
    ChatService(
        "Webex",
        "webexteams.NotifyWebexTeams",
        ("wxteams",),
        ("webexapis.com", "api.ciscospark.com"),
    ),
    ChatService("Telegram", "telegram.NotifyTelegram", ("tgram",)),
    ChatService("PagerDuty", "pagerduty.NotifyPagerDuty", ("pagerduty",)),
)
_BY_SCHEME: Final = {scheme: each for each in SERVICES for scheme in each.schemes}
# What vendors put into addresses themselves. Others tell apprise to read files, to follow
# redirects or not to check certificates.
_PARAMETERS: Final = frozenset({"api-version", "sp", "sv", "sig", "key", "token"})
# Services of which the host stands in the address, so that it must be checked.
_WITH_HOST: Final = frozenset({"workflows.NotifyWorkflows"})


class ChatRefused(ValueError):
    """An address may not be sent to; the message says what is wrong and what may."""


class ChatFailed(Exception):
    """The service did not take a message; the message says what it answered."""


@dataclass(frozen=True, slots=True)
class ChatUrl:
    """An address that was checked. `shown`: what of it is no secret."""

    service: str
    url: str
    shown: str


def service_labels() -> str:
    """Return the services as people read them."""
    *others, last = (each.label for each in SERVICES)
    return f"{', '.join(others)} and {last}"


def check_chat_url(url: str) -> ChatUrl:
    """Return the service that an address leads to, and what may be shown of it.

    :raises ChatRefused: a scheme or host that is not on the list, or an address that the service
        does not have.
    """
    url = url.strip()
    if not url:
        raise ChatRefused("give the address that the service shows for an incoming webhook")
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise ChatRefused("the address has spaces, line breaks or characters beyond ASCII")
    service = _service_of(url)
    plugin = _plugin(service, url)
    if plugin is None:
        raise ChatRefused(f"this is not an address that {service.label} gives: copy it again")
    if service.plugin in _WITH_HOST:
        _check_host(service, str(plugin.host or ""), plugin.port)
    shown = str(plugin.url(privacy=True)).partition("?")[0].rstrip("/")
    return ChatUrl(service.label, url, one_line(shown, most=_LONGEST_SHOWN))


def chat_send(url: str, *, title: str, body: str) -> None:
    """Send one message of plain text to an address that `check_chat_url` took.

    :raises ChatRefused: the address is no longer on the list.
    :raises ChatFailed: the service did not take it.
    """
    check_chat_url(url)
    plugin = _plugin(_service_of(url), url)
    text = body if len(body) <= _LONGEST_BODY else f"{body[: _LONGEST_BODY - 1]}…"
    with _reasons() as reasons:
        taken = plugin.notify(
            body=_harmless(text), title=_harmless(title), body_format=apprise.NotifyFormat.TEXT
        )
    if not taken:
        raise ChatFailed("; ".join(reasons) or "the service cannot be reached")


def _service_of(url: str) -> ChatService:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
        port = parts.port
    except ValueError:
        raise ChatRefused("the address cannot be read: check its host and port") from None
    given = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    unfit = sorted(name for name in given if name.lower() not in _PARAMETERS)
    if unfit:
        raise ChatRefused(f"leave {', '.join(map(repr, unfit))} out of the address")
    if parts.scheme.lower() != "https":
        service = _BY_SCHEME.get(parts.scheme.lower())
        if service is None:
            raise ChatRefused(
                f"addresses that begin with {parts.scheme or 'that'}: are not sent to: use one of "
                f"{service_labels()}, or ask an administrator for a webhook"
            )
        return service
    for each in SERVICES:
        if _is_host(each, host):
            _check_host(each, host, port)
            return each
    raise ChatRefused(
        f"{host or 'the address'} is none of the services that are sent to: use one of "
        f"{service_labels()}, or ask an administrator for a webhook"
    )


def _is_host(service: ChatService, host: str) -> bool:
    return any(
        host.endswith(each) if each.startswith(".") else host == each for each in service.hosts
    )


def _check_host(service: ChatService, host: str, port: int | None) -> None:
    if not _is_host(service, host.lower().rstrip(".")):
        raise ChatRefused(f"{host} is not a host of {service.label}: copy the address again")
    if port not in {None, 443}:
        raise ChatRefused(f"{service.label} has no port {port}: leave it out")


def _plugin(service: ChatService, url: str) -> Any:
    """Return apprise's object for an address, None where it is none of the service's.

    Only the service's own module is loaded, and none other of apprise's is asked.
    """
    asset = apprise.AppriseAsset(
        app_id="Orgwarden",
        app_desc="Orgwarden",
        app_url="",
        async_mode=False,
        http_redirects=False,
        storage_mode="memory",
    )
    kind: Any = import_string(f"apprise.plugins.{service.plugin}")
    native = urlsplit(url).scheme.lower() == "https"
    results = kind.parse_native_url(url) if native else kind.parse_url(url)
    if not results:
        return None
    try:
        plugin = kind(**{**results, "asset": asset})
    except TypeError:
        # How apprise says that a part of an address is not as the service makes it.
        return None
    plugin.redirects = False
    plugin.verify_certificate = True
    return plugin


def _harmless(text: str) -> str:
    """Keep names such as `@everyone` from calling anybody."""
    return text.replace("@", "@\u200b")


@contextmanager
def _reasons() -> Iterator[list[str]]:
    """Collect what apprise says in its log, by this thread, while something is sent."""
    found: list[str] = []
    mine = threading.get_ident()

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == mine:
                found.append(one_line(record.getMessage(), most=300))

    handler = Collecting(logging.WARNING)
    logger = logging.getLogger("apprise")
    logger.addHandler(handler)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
