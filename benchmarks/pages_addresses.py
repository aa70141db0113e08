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
class MeasuredPage:
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


def pages(found: Sampler) -> Iterator[MeasuredPage]:
    """Yield every screen."""
    root = f"/o/{found.slug}"

    def pick(things: Sequence[Any], turn: int) -> Any:
        return things[turn % len(things)]

    def of(path: str, things: Sequence[Any]) -> tuple[str, ...]:
        return found.turns(lambda turn: f"{root}/{path.format(quote(str(pick(things, turn))))}")

    def with_queries(path: str, *queries: dict[str, Any]) -> tuple[str, ...]:
        return found.turns(lambda turn: f"{root}/{path}?{urlencode(pick(queries, turn))}")

    moments = [{"as_of": moment} for moment in found.moments]
    yield MeasuredPage("posture", with_queries("posture/", {}))
    yield MeasuredPage("organization", with_queries("organization/", {}), ORGANIZATION)
    yield MeasuredPage("organization as of", with_queries("organization/", *moments), ORGANIZATION)
    yield MeasuredPage(
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
    yield MeasuredPage(
        "organization, its picture",
        with_queries(
            "organization/picture/",
            *(
                {"measure": measure}
                for measure in ("scps", "denied", "uncollected", "trust", "guardrails", "drift")
            ),
            *({"within": target_id} for target_id in found.units[:4]),
        ),
        ORGANIZATION,
    )
    yield MeasuredPage("organization, a node opened", of("organization/{}/children/", found.units))
    spans = [
        {"from": earlier, "until": later}
        for place, earlier in enumerate(found.runs)
        for later in (*found.runs[place + 1 :], "now")
    ]
    compare = "organization/compare/"
    yield MeasuredPage(
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
    yield MeasuredPage("two dates, trees", with_queries(f"{compare}trees/", *spans))
    yield MeasuredPage(
        "two dates, everything",
        with_queries(f"{compare}trees/", *({**span, "all": "1"} for span in spans)),
    )
    yield MeasuredPage(
        "two dates, a node opened",
        found.turns(
            lambda turn: (
                f"{root}/{compare}trees/{quote(pick(found.units, turn))}/children/"
                f"?{urlencode(pick(spans, turn))}"
            )
        ),
    )
    yield MeasuredPage(
        "two dates, what it meant", with_queries(f"{compare}effect/part/", *spans), 1.0
    )
    yield MeasuredPage(
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
    yield MeasuredPage("account", of("accounts/{}/", found.accounts))
    yield MeasuredPage(
        "account, effective policies", of("accounts/{}/effective-policies/", found.accounts)
    )
    yield MeasuredPage("account, IAM", of("accounts/{}/iam/", found.accounts))
    yield MeasuredPage("account, coverage", of("accounts/{}/coverage/", found.accounts))
    yield MeasuredPage("account, history", of("accounts/{}/history/", found.accounts))
    yield MeasuredPage("OU", of("organizational-units/{}/", found.units))
    yield MeasuredPage(
        "OU, effective policies", of("organizational-units/{}/effective-policies/", found.units)
    )
    yield MeasuredPage("account, ceiling", of("accounts/{}/ceiling/", found.accounts))
    yield MeasuredPage(
        "account, ceiling of RCPs",
        of("accounts/{}/?policy_type=RESOURCE_CONTROL_POLICY", found.accounts),
    )
    yield MeasuredPage("OU, ceiling", of("organizational-units/{}/ceiling/", found.units))
    yield MeasuredPage("OU, differences", of("organizational-units/{}/differences/", found.units))
    yield MeasuredPage("OU, history", of("organizational-units/{}/history/", found.units))
    yield MeasuredPage(
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
    yield MeasuredPage("policy", of("policies/{}/", found.policies))
    yield MeasuredPage("policy, attachments", of("policies/{}/attachments/", found.policies))
    yield MeasuredPage("policy, versions", of("policies/{}/versions/", found.policies))
    yield MeasuredPage("policy, accounts", of("policies/{}/accounts/", found.policies))
    for part in ("statements", "versions/meaning", "packing"):
        yield MeasuredPage(
            f"policy, part {part}", of(f"policies/{{}}/{part}/", found.policies), LOADED_APART
        )
    yield MeasuredPage(
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
    yield MeasuredPage("principal", of("principals/{}", found.principals))
    yield MeasuredPage("principal, history", of("principals/history/{}", found.principals))
    yield MeasuredPage("inventory runs", with_queries("inventory-runs/", {}, {"state": "partial"}))
    yield MeasuredPage("inventory run", of("inventory-runs/{}/", found.runs))
    yield MeasuredPage("inventory run, coverage", of("inventory-runs/{}/coverage/", found.runs))
    yield MeasuredPage("inventory run, calls", of("inventory-runs/{}/calls/", found.runs))
    yield MeasuredPage("inventory run, progress", of("inventory-runs/{}/progress/", found.runs))
    yield MeasuredPage(
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
    yield MeasuredPage("palette", with_queries("find/", *({"q": word} for word in _WORDS)))
    yield MeasuredPage("connections", ("/connections/",) * REQUESTS)
    yield MeasuredPage("connection", (f"/connections/{found.slug}/",) * REQUESTS)
    yield MeasuredPage("API tokens", ("/tokens/",) * REQUESTS)


def endpoints(found: Sampler) -> Iterator[MeasuredPage]:
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

    yield MeasuredPage("API organizations", ("/api/v1/organizations",) * REQUESTS)
    yield MeasuredPage("API organization", lists(""))
    yield MeasuredPage("API coverage", lists("/coverage", {"state": "denied"}))
    yield MeasuredPage("API OUs", lists("/organizational-units", {"limit": 1000}, {"q": "Ledger"}))
    yield MeasuredPage("API OU", of("organizational-units/{}", found.units))
    yield MeasuredPage("API levels of an OU", of("organizational-units/{}/levels", found.units))
    yield MeasuredPage(
        "API accounts",
        lists("/accounts", *({"q": word} for word in _WORDS), {"coverage": "denied"}),
    )
    yield MeasuredPage("API account", of("accounts/{}", found.accounts))
    yield MeasuredPage("API levels of an account", of("accounts/{}/levels", found.accounts))
    yield MeasuredPage("API coverage of an account", of("accounts/{}/coverage", found.accounts))
    yield MeasuredPage(
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
    yield MeasuredPage(
        "API effective policies of an account",
        of("accounts/{}/effective-policies", found.accounts),
    )
    yield MeasuredPage(
        "API effective policies of an OU",
        of("organizational-units/{}/effective-policies", found.units),
    )
    yield MeasuredPage("API ceiling of an account", of("accounts/{}/ceiling", found.accounts))
    yield MeasuredPage(
        "API ceiling of an account by service",
        of("accounts/{}/ceiling/services?limit=1000", found.accounts),
    )
    yield MeasuredPage(
        "API decision in an account",
        of("accounts/{}/ceiling/services/ec2/actions/RunInstances", found.accounts),
    )
    yield MeasuredPage("API ceiling of an OU", of("organizational-units/{}/ceiling", found.units))
    yield MeasuredPage(
        "API groups of an OU",
        of("organizational-units/{}/ceiling/groups?limit=20", found.units),
    )
    yield MeasuredPage(
        "API structure findings",
        lists(
            "/structure-findings",
            {"severity": "high"},
            *({"place": target_id} for target_id in found.units[:5]),
        ),
    )
    yield MeasuredPage("API policies", lists("/policies", {"type": "TAG_POLICY"}))
    yield MeasuredPage("API policy", of("policies/{}", found.policies))
    yield MeasuredPage("API versions of a policy", of("policies/{}/versions", found.policies))
    yield MeasuredPage("API attachments of a policy", of("policies/{}/attachments", found.policies))
    yield MeasuredPage("API lint of a policy", of("policies/{}/lint", found.policies))
    yield MeasuredPage("API accounts of a policy", of("policies/{}/accounts", found.policies))
    yield MeasuredPage(
        "API statements of a policy",
        of("policies/{}/statements", found.control_policies),
        LOADED_APART,
    )
    yield MeasuredPage(
        "API difference of versions",
        of("policies/{}/versions/1/diff/1", found.policies),
        LOADED_APART,
    )
    yield MeasuredPage(
        "API principals",
        lists(
            "/principals",
            *({"account_id": account_id} for account_id in found.accounts[:5]),
            *({"q": word} for word in ("partner", "amara", "zzzz")),
            {"kind": "user"},
            {"ordering": "-name"},
        ),
    )
    yield MeasuredPage("API snapshots", lists_of_now("/snapshots", {"limit": 2}))
    yield MeasuredPage(
        "API differences of two snapshots",
        lists_of_now(
            f"/snapshots/{found.runs[0]}/diff/{found.runs[-1]}",
            {"kind": "policy_changed"},
            {"ordering": "-since", "limit": 1000},
        ),
    )
    yield MeasuredPage("API inventory runs", (f"{root}/inventory-runs",) * REQUESTS)
    yield MeasuredPage("API inventory run", of("inventory-runs/{}", found.runs))
    yield MeasuredPage("API progress of a run", of("inventory-runs/{}/progress", found.runs))
    yield MeasuredPage("API coverage of a run", of("inventory-runs/{}/coverage", found.runs))
    yield MeasuredPage("API accounts of a run", of("inventory-runs/{}/accounts", found.runs))
    yield MeasuredPage("API settings of an account", of("accounts/{}/settings", found.accounts))
    yield MeasuredPage(
        "API credentials of an account", of("accounts/{}/credentials", found.accounts)
    )
    yield MeasuredPage("API text of a policy", of("policies/{}/content", found.policies))
    yield MeasuredPage("API delegated administrators", lists("/delegated-administrators"))
    yield MeasuredPage("API trusted services", lists("/trusted-services"))
    yield MeasuredPage("API resource policy", lists("/resource-policy"))
    yield MeasuredPage("API connections", ("/api/v1/connections",) * REQUESTS)
    yield MeasuredPage("API connection", (f"/api/v1/connections/{found.slug}",) * REQUESTS)
    of_account = "accounts/{0.account_id}/principals/{0.kind}/{0.name}"
    yield MeasuredPage("API principal", of(of_account, found.principal_rows))
    yield MeasuredPage(
        "API policies of a principal", of(f"{of_account}/policies", found.principal_rows)
    )
    yield MeasuredPage(
        "API who can",
        found.turns(
            lambda turn: (
                f"{root}/who-can?action={ASKED_ACTIONS[turn % len(ASKED_ACTIONS)]}&limit=100"
            )
        ),
        LOADED_APART,
    )
