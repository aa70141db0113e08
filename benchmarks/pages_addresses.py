"""The addresses that `benchmarks.pages` asks for: each page many times with other parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from inventory.models import Connection

REQUESTS: Final = 30
ORDINARY: Final = 0.150
ORGANIZATION: Final = 0.300
LOADED_APART: Final = 1.000
ASKED_ACTIONS: Final = ("s3:GetObject", "iam:CreateUser", "sts:AssumeRole", "dynamodb:Query")
_WORDS: Final = ("prod", "checkout", "ledger", "api", "fraud", "0123", "sandbox", "worker", "AWS")


@dataclass(frozen=True, slots=True)
class Page:
    """A page by the addresses that are asked for. `target`: seconds at the 95th percentile.

    `bodies`: what is posted to each address, as JSON. `streams`: its rows must be sent as they are
    read, and what counts is the time until the first of them. `addresses` may be found only when
    they are asked for.
    """

    name: str
    addresses: tuple[str, ...] | Callable[[], tuple[str, ...]]
    target: float = ORDINARY
    bodies: tuple[Any, ...] = ()
    streams: bool = False


class Sampler:
    """Draws from what the database holds, the same every time."""

    def __init__(self, connection: Connection) -> None:
        """Draw keys of things once."""
        from inventory.models import (
            Account,
            InventoryRun,
            OrganizationalUnit,
            Policy,
            Principal,
        )

        self.random = Random(20)
        held = {"connection": connection, "seen_until__isnull": True}
        self.connection = connection
        self.slug = connection.slug
        self.accounts = self._drawn(Account.objects.filter(**held), "account_id")
        self.units = self._drawn(OrganizationalUnit.objects.filter(**held), "target_id")
        self.policies = self._drawn(Policy.objects.filter(**held), "policy_id")
        control = {"type__in": ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")}
        self.control_policies = self._drawn(Policy.objects.filter(**held, **control), "policy_id")
        of_some = Principal.objects.filter(**held, account_id__in=self.accounts)
        self.principals = self._drawn(of_some, "arn")
        self.principal_ids = self._drawn(of_some, "pk")
        self.principal_rows = list(Principal.objects.filter(pk__in=self.principal_ids))
        self.callers = [row.arn for row in self.principal_rows if row.kind != "group"]
        runs = InventoryRun.objects.filter(connection=connection).order_by("started_at")
        self.runs = [run.pk for run in runs]
        self.moments = [run.started_at.isoformat() for run in runs[1:] if run.started_at]

    def _drawn(self, rows: Any, key: str) -> list[Any]:
        values = sorted(rows.order_by().values_list(key, flat=True))
        return self.random.sample(values, k=min(REQUESTS, len(values)))

    def turns(self, made: Callable[[int], str]) -> tuple[str, ...]:
        """Return as many addresses as are asked for."""
        return tuple(made(turn) for turn in range(REQUESTS))


def pages(found: Sampler) -> Iterator[Page]:
    """Yield every screen."""
    root = f"/o/{found.slug}"

    def pick(things: Sequence[Any], turn: int) -> Any:
        return things[turn % len(things)]

    def of(path: str, things: Sequence[Any]) -> tuple[str, ...]:
        return found.turns(lambda turn: f"{root}/{path.format(quote(str(pick(things, turn))))}")

    def with_queries(path: str, *queries: dict[str, Any]) -> tuple[str, ...]:
        return found.turns(lambda turn: f"{root}/{path}?{urlencode(pick(queries, turn))}")

    moments = [{"as_of": moment} for moment in found.moments]
    yield Page("posture", with_queries("posture/", {}))
    yield Page("organization", with_queries("organization/", {}), ORGANIZATION)
    yield Page("organization as of", with_queries("organization/", *moments), ORGANIZATION)
    yield Page(
        "organization filtered",
        with_queries(
            "organization/",
            *({"q": word} for word in _WORDS),
            {"coverage": "denied"},
            {"measure": "uncollected"},
            *({"at": account_id} for account_id in found.accounts[:5]),
        ),
        ORGANIZATION,
    )
    yield Page(
        "organization, its picture",
        with_queries(
            "organization/picture/",
            *({"measure": measure} for measure in ("scps", "denied", "uncollected", "trust")),
            *({"within": target_id} for target_id in found.units[:4]),
        ),
        ORGANIZATION,
    )
    yield Page("organization, a node opened", of("organization/{}/children/", found.units))
    spans = [
        {"from": earlier, "until": later}
        for place, earlier in enumerate(found.runs)
        for later in (*found.runs[place + 1 :], "now")
    ]
    compare = "organization/compare/"
    yield Page(
        "two dates",
        with_queries(
            compare,
            *spans,
            *({**spans[-1], "page": page} for page in (2, 5)),
            *({**spans[-1], "q": word} for word in _WORDS[:3]),
            *({**spans[-1], "under": target_id} for target_id in found.units[:3]),
            *({**spans[-1], "sort": sort} for sort in ("-since", "at")),
            {**spans[-1], "kind": "policy_changed"},
        ),
    )
    yield Page("two dates, trees", with_queries(f"{compare}trees/", *spans))
    yield Page(
        "two dates, everything",
        with_queries(f"{compare}trees/", *({**span, "all": "1"} for span in spans)),
    )
    yield Page(
        "two dates, a node opened",
        found.turns(
            lambda turn: (
                f"{root}/{compare}trees/{quote(pick(found.units, turn))}/children/"
                f"?{urlencode(pick(spans, turn))}"
            )
        ),
    )
    yield Page("two dates, what it meant", with_queries(f"{compare}effect/part/", *spans), 1.0)
    yield Page(
        "accounts",
        with_queries(
            "accounts/",
            *({"page": page} for page in (1, 2, 50, 120, 200)),
            *({"q": word} for word in _WORDS),
            *({"under": target_id} for target_id in found.units[:5]),
            *({"sort": sort} for sort in ("-name", "joined_at", "organizational_units")),
            {"coverage": "denied"},
            {"state": "SUSPENDED"},
            {"tag": "environment=prod"},
            *moments[:3],
        ),
    )
    yield Page("account", of("accounts/{}/", found.accounts))
    yield Page("account, effective policies", of("accounts/{}/effective-policies/", found.accounts))
    yield Page("account, IAM", of("accounts/{}/iam/", found.accounts))
    yield Page("account, coverage", of("accounts/{}/coverage/", found.accounts))
    yield Page("account, history", of("accounts/{}/history/", found.accounts))
    yield Page("OU", of("organizational-units/{}/", found.units))
    yield Page(
        "OU, effective policies", of("organizational-units/{}/effective-policies/", found.units)
    )
    yield Page("account, ceiling", of("accounts/{}/ceiling/", found.accounts))
    yield Page(
        "account, ceiling of RCPs",
        of("accounts/{}/?policy_type=RESOURCE_CONTROL_POLICY", found.accounts),
    )
    yield Page("OU, ceiling", of("organizational-units/{}/ceiling/", found.units))
    yield Page("OU, differences", of("organizational-units/{}/differences/", found.units))
    yield Page("OU, history", of("organizational-units/{}/history/", found.units))
    yield Page(
        "policies",
        with_queries(
            "policies/",
            {},
            {"q": "regions"},
            {"page": 4},
            {"sort": "-attachments"},
            {"type": "TAG_POLICY"},
            *moments,
        ),
    )
    yield Page("policy", of("policies/{}/", found.policies))
    yield Page("policy, attachments", of("policies/{}/attachments/", found.policies))
    yield Page("policy, versions", of("policies/{}/versions/", found.policies))
    yield Page("policy, accounts", of("policies/{}/accounts/", found.policies))
    for part in ("statements", "versions/meaning", "packing"):
        yield Page(
            f"policy, part {part}", of(f"policies/{{}}/{part}/", found.policies), LOADED_APART
        )
    yield Page(
        "principals",
        with_queries(
            "principals/",
            {},
            *({"after_row": pk} for pk in found.principal_ids[:8]),
            *({"q": word} for word in ("partner", "etl-lambda", "amara", "worker", "zzzz")),
            *({"account_id": account_id} for account_id in found.accounts[:4]),
            {"kind": "user"},
            {"kind": "group"},
            {"kind": "group", "account_id": found.accounts[0]},
            {"has_boundary": "true"},
            {"has_boundary": "false"},
            {"boundary_arn": "arn:aws:iam::000000000000:policy/none"},
            {"unused_days": "90"},
            {"unused_days": "400", "sort": "-account_id"},
            {"unused_days": "30", "kind": "user"},
            {"tag": "team"},
            {"sort": "account_id", "kind": "user"},
            {"kind": "group", "as_of": found.moments[0]},
            {"unused_days": "90", "as_of": found.moments[0]},
            {"has_boundary": "true", "as_of": found.moments[0]},
            {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            {"sort": "-name"},
            *moments[:3],
        ),
    )
    yield Page("principal", of("principals/{}", found.principals))
    yield Page("principal, history", of("principals/history/{}", found.principals))
    yield Page("inventory runs", with_queries("inventory-runs/", {}, {"state": "partial"}))
    yield Page("inventory run", of("inventory-runs/{}/", found.runs))
    yield Page("inventory run, coverage", of("inventory-runs/{}/coverage/", found.runs))
    yield Page("inventory run, calls", of("inventory-runs/{}/calls/", found.runs))
    yield Page("inventory run, progress", of("inventory-runs/{}/progress/", found.runs))
    yield Page(
        "who can",
        # The first address reads everybody, as each process does once; it is not measured.
        with_queries(
            "who-can/",
            *({"action": action, "part": "answer"} for action in ASKED_ACTIONS),
            *(
                {"action": action, "part": "answer", "under": found.units[0]}
                for action in ASKED_ACTIONS
            ),
        ),
        LOADED_APART,
    )
    yield Page("palette", with_queries("find/", *({"q": word} for word in _WORDS)))
    yield Page("connections", ("/connections/",) * REQUESTS)
    yield Page("connection", (f"/connections/{found.slug}/",) * REQUESTS)
    yield Page("API tokens", ("/tokens/",) * REQUESTS)


def endpoints(found: Sampler) -> Iterator[Page]:
    """Yield every list of the REST API, and what it tells of single things."""
    root = f"/api/v1/organizations/{found.slug}"

    def of(path: str, things: Sequence[Any]) -> tuple[str, ...]:
        return found.turns(lambda turn: f"{root}/{path.format(things[turn % len(things)])}")

    def lists(path: str, *queries: dict[str, Any]) -> tuple[str, ...]:
        every = ({}, *({"as_of": moment} for moment in found.moments), *queries)
        return found.turns(lambda turn: f"{root}{path}?{urlencode(every[turn % len(every)])}")

    def lists_of_now(path: str, *queries: dict[str, Any]) -> tuple[str, ...]:
        every = ({}, *queries)
        return found.turns(lambda turn: f"{root}{path}?{urlencode(every[turn % len(every)])}")

    yield Page("API organizations", ("/api/v1/organizations",) * REQUESTS)
    yield Page("API organization", lists(""))
    yield Page("API coverage", lists("/coverage", {"state": "denied"}))
    yield Page("API OUs", lists("/organizational-units", {"limit": 1000}, {"q": "Ledger"}))
    yield Page("API OU", of("organizational-units/{}", found.units))
    yield Page("API levels of an OU", of("organizational-units/{}/levels", found.units))
    yield Page(
        "API accounts",
        lists("/accounts", *({"q": word} for word in _WORDS), {"coverage": "denied"}),
    )
    yield Page("API account", of("accounts/{}", found.accounts))
    yield Page("API levels of an account", of("accounts/{}/levels", found.accounts))
    yield Page("API coverage of an account", of("accounts/{}/coverage", found.accounts))
    yield Page(
        "API effective policies",
        lists(
            "/effective-policies",
            {"source": "aws"},
            {"state": "unknown"},
            {"policy_type": "BACKUP_POLICY", "source": "computed"},
            *({"account_id": account_id} for account_id in found.accounts[:5]),
            *({"under": target_id} for target_id in found.units[:5]),
        ),
    )
    yield Page(
        "API effective policies of an account",
        of("accounts/{}/effective-policies", found.accounts),
    )
    yield Page(
        "API effective policies of an OU",
        of("organizational-units/{}/effective-policies", found.units),
    )
    yield Page("API ceiling of an account", of("accounts/{}/ceiling", found.accounts))
    yield Page(
        "API ceiling of an account by service",
        of("accounts/{}/ceiling/services?limit=1000", found.accounts),
    )
    yield Page(
        "API decision in an account",
        of("accounts/{}/ceiling/services/ec2/actions/RunInstances", found.accounts),
    )
    yield Page("API ceiling of an OU", of("organizational-units/{}/ceiling", found.units))
    yield Page(
        "API groups of an OU",
        of("organizational-units/{}/ceiling/groups?limit=20", found.units),
    )
    yield Page(
        "API structure findings",
        lists(
            "/structure-findings",
            {"severity": "high"},
            *({"place": target_id} for target_id in found.units[:5]),
        ),
    )
    yield Page("API policies", lists("/policies", {"type": "TAG_POLICY"}))
    yield Page("API policy", of("policies/{}", found.policies))
    yield Page("API versions of a policy", of("policies/{}/versions", found.policies))
    yield Page("API attachments of a policy", of("policies/{}/attachments", found.policies))
    yield Page("API lint of a policy", of("policies/{}/lint", found.policies))
    yield Page("API accounts of a policy", of("policies/{}/accounts", found.policies))
    yield Page(
        "API statements of a policy",
        of("policies/{}/statements", found.control_policies),
        LOADED_APART,
    )
    yield Page(
        "API difference of versions",
        of("policies/{}/versions/1/diff/1", found.policies),
        LOADED_APART,
    )
    yield Page(
        "API principals",
        lists(
            "/principals",
            *({"account_id": account_id} for account_id in found.accounts[:5]),
            *({"q": word} for word in ("partner", "amara", "zzzz")),
            {"kind": "user"},
            {"ordering": "-name"},
        ),
    )
    yield Page("API snapshots", lists_of_now("/snapshots", {"limit": 2}))
    yield Page(
        "API differences of two snapshots",
        lists_of_now(
            f"/snapshots/{found.runs[0]}/diff/{found.runs[-1]}",
            {"kind": "policy_changed"},
            {"ordering": "-since", "limit": 1000},
        ),
    )
    yield Page("API inventory runs", (f"{root}/inventory-runs",) * REQUESTS)
    yield Page("API inventory run", of("inventory-runs/{}", found.runs))
    yield Page("API progress of a run", of("inventory-runs/{}/progress", found.runs))
    yield Page("API coverage of a run", of("inventory-runs/{}/coverage", found.runs))
    yield Page("API accounts of a run", of("inventory-runs/{}/accounts", found.runs))
    yield Page("API settings of an account", of("accounts/{}/settings", found.accounts))
    yield Page("API credentials of an account", of("accounts/{}/credentials", found.accounts))
    yield Page("API text of a policy", of("policies/{}/content", found.policies))
    yield Page("API delegated administrators", lists("/delegated-administrators"))
    yield Page("API trusted services", lists("/trusted-services"))
    yield Page("API resource policy", lists("/resource-policy"))
    yield Page("API connections", ("/api/v1/connections",) * REQUESTS)
    yield Page("API connection", (f"/api/v1/connections/{found.slug}",) * REQUESTS)
    of_account = "accounts/{0.account_id}/principals/{0.kind}/{0.name}"
    yield Page("API principal", of(of_account, found.principal_rows))
    yield Page("API policies of a principal", of(f"{of_account}/policies", found.principal_rows))
    yield Page(
        "API who can",
        found.turns(
            lambda turn: (
                f"{root}/who-can?action={ASKED_ACTIONS[turn % len(ASKED_ACTIONS)]}&limit=100"
            )
        ),
        LOADED_APART,
    )
