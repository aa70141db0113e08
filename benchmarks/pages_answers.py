"""The addresses of pages and endpoints that compute their answers, and of files.

Why denied, ceilings, structure findings, the simulator; `benchmarks.pages_addresses` has the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from benchmarks.pages_addresses import REQUESTS, MeasuredPage, Sampler

_DIFFERENCES: Final = 1.0
_DRAFTS: Final = 5
_ACTIONS: Final = (
    ("s3:GetObject", "arn:aws:s3:::example-bucket/report"),
    ("ec2:RunInstances", "*"),
    ("iam:CreateUser", "*"),
    ("kms:Decrypt", "*"),
    ("organizations:LeaveOrganization", "*"),
    ("sts:AssumeRole", "arn:aws:iam::123456789012:role/deploy"),
)
_SERVICES: Final = ("ec2", "s3", "iam", "kms", "lambda", "organizations", "cloudtrail")
_TYPED: Final = ("s3:Get", "ec2:", "i", "kms:De", "organizations:Leave")


def answers(found: Sampler) -> Iterator[MeasuredPage]:
    """Yield the pages that compute what they show."""
    yield from _why_denied(found)
    yield from _ceilings(found)
    yield from _findings(found)
    yield from _simulator(found)


def files(found: Sampler) -> Iterator[MeasuredPage]:
    """Yield the exports. Their time is that of the first piece: rows are sent as they are read."""
    for name, path, queries in (
        ("accounts", "accounts/", [{}, {"q": "prod"}, {"as_of": found.moments[0]}]),
        ("principals", "principals/", [{}, {"kind": "user"}, {"as_of": found.moments[0]}]),
        ("policies", "policies/", [{}]),
        ("inventory runs", "inventory-runs/", [{}]),
        ("structure findings", "findings/", [{}]),
    ):
        addresses = found.turns(
            lambda turn, path=path, queries=queries: (  # type: ignore[misc]
                f"/o/{found.slug}/{path}?"
                + urlencode({"format": ("csv", "json")[turn % 2], **queries[turn % len(queries)]})
            )
        )
        yield MeasuredPage(f"file of {name}", addresses, streams=True)
    of_run = found.turns(
        lambda turn: (
            f"/o/{found.slug}/inventory-runs/{found.runs[turn % len(found.runs)]}/coverage/"
            "?format=csv"
        )
    )
    yield MeasuredPage("file of a run's coverage", of_run, streams=True)
    ceiling = found.turns(
        lambda turn: (
            f"/o/{found.slug}/accounts/{found.accounts[turn]}/ceiling/?format=csv&of=actions"
        )
    )
    yield MeasuredPage("file of an account's actions", ceiling, streams=True)


def _why_denied(found: Sampler) -> Iterator[MeasuredPage]:
    path = f"/o/{found.slug}/why-denied/"
    questions = found.turns(lambda turn: f"{path}?{urlencode(_question(found, turn))}")
    past = found.turns(
        lambda turn: (
            f"{path}?{urlencode({**_question(found, turn), 'as_of': _pick(found.moments, turn)})}"
        )
    )
    typed = [
        *({"of": "principal", "principal": arn} for arn in found.principals[:4]),
        *({"of": "principal", "principal": word} for word in ("p", "worker", "etl")),
        *({"of": "action", "action": word} for word in _TYPED),
        *({"of": "key", "key": word, "action": "s3:GetObject"} for word in ("", "aws:")),
    ]
    yield MeasuredPage("why denied, empty", (path,) * REQUESTS)
    yield MeasuredPage("why denied", questions)
    yield MeasuredPage("why denied as of", past)
    yield MeasuredPage(
        "why denied, completions",
        found.turns(lambda turn: f"{path}suggestions/?{urlencode(_pick(typed, turn))}"),
    )
    yield MeasuredPage(
        "API explain",
        (f"/api/v1/organizations/{found.slug}/explain",) * REQUESTS,
        bodies=tuple(_question(found, turn) for turn in range(REQUESTS)),
    )


def _question(found: Sampler, turn: int) -> dict[str, str]:
    action, resource = _pick(_ACTIONS, turn)
    return {"principal": _pick(found.callers, turn), "action": action, "resource": resource}


def _ceilings(found: Sampler) -> Iterator[MeasuredPage]:
    for kind, path, ids in (
        ("account", "accounts", found.accounts),
        ("OU", "organizational-units", found.units),
    ):
        root = f"/o/{found.slug}/{path}"

        def of(part: str, root: str = root, ids: Sequence[str] = ids) -> tuple[str, ...]:
            return found.turns(
                lambda turn: (
                    f"{root}/{_pick(ids, turn)}/ceiling/"
                    + part.format(
                        service=_pick(_SERVICES, turn),
                        action=_pick(_ACTIONS, turn)[0].replace(":", "/"),
                    )
                )
            )

        yield MeasuredPage(f"ceiling of an {kind}", of(""))
        yield MeasuredPage(f"ceiling of an {kind}, filtered", of("?segment=conditional&q=s"))
        yield MeasuredPage(
            f"ceiling of an {kind}, other assumptions", of("?assume=principal%3Duser")
        )
        yield MeasuredPage(f"ceiling of an {kind}, a service", of("{service}/"))
        yield MeasuredPage(f"ceiling of an {kind}, an action", of("{action}/"))
    past = found.turns(
        lambda turn: (
            f"/o/{found.slug}/accounts/{_pick(found.accounts, turn)}/"
            f"?{urlencode({'as_of': _pick(found.moments, turn)})}"
        )
    )
    yield MeasuredPage("account as of", past)
    units = found.turns(
        lambda turn: (
            f"/o/{found.slug}/organizational-units/{_pick(found.units, turn)}/"
            f"?{urlencode({'as_of': _pick(found.moments, turn)})}"
        )
    )
    yield MeasuredPage("OU as of", units)
    differences = found.turns(
        lambda turn: f"/o/{found.slug}/organizational-units/{_pick(found.units, turn)}/differences/"
    )
    yield MeasuredPage("OU, differences of its accounts", differences)


def _findings(found: Sampler) -> Iterator[MeasuredPage]:
    path = f"/o/{found.slug}/findings/"
    queries = [{}, {"severity": "high"}, {"kind": "flat_tree"}, {"page": 3}]

    def of_findings() -> tuple[str, ...]:
        from governance.posture.findings.structure import structure_findings
        from inventory.viewing import Viewer

        report = structure_findings(Viewer(sees_inventory=True), connection=found.connection)
        some = found.random.sample(report.findings, k=min(REQUESTS, len(report.findings)))
        return found.turns(lambda turn: f"{path}{quote(_pick(some, turn).key)}/")

    yield MeasuredPage(
        "structure findings",
        found.turns(lambda turn: f"{path}?{urlencode(_pick(queries, turn))}"),
    )
    yield MeasuredPage(
        "structure findings as of",
        found.turns(lambda turn: f"{path}?{urlencode({'as_of': _pick(found.moments, turn)})}"),
    )
    yield MeasuredPage("structure finding", of_findings)


def _simulator(found: Sampler) -> Iterator[MeasuredPage]:
    path = f"/o/{found.slug}/simulator/"
    drafts = _drafts(found)

    def of(part: str) -> tuple[str, ...]:
        return found.turns(lambda turn: f"{path}{_pick(drafts, turn)}/{part}")

    yield MeasuredPage("simulator", (path,) * REQUESTS)
    yield MeasuredPage("simulator, a draft", of(""))
    yield MeasuredPage("simulator, a draft's effect", of("effect/"))
    yield MeasuredPage("simulator, differences", of("differences/"), _DIFFERENCES)
    for name, query in (
        ("by account", "?by=account"),
        ("newly denied", "?verdict=newly_denied"),
    ):
        yield MeasuredPage(
            f"simulator, differences {name}", of(f"differences/{query}"), _DIFFERENCES
        )
    typed = [*({"field": "target", "target": word} for word in ("prod", "checkout", "0123", "ou-"))]
    yield MeasuredPage(
        "simulator, targets found",
        found.turns(lambda turn: f"{path}find/?{urlencode(_pick(typed, turn))}"),
    )


def _drafts(found: Sampler) -> list[int]:
    """Return drafts that each take a statement out of one SCP; made where there are none yet."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from governance.access.actors import user_actor
    from governance.edits.operations import Operation, OperationKind
    from governance.simulations.models import Simulation
    from governance.simulations.services import simulation_create
    from inventory.models import Policy

    owner = User.objects.get(username="benchmark")
    made = list(
        Simulation.objects.filter(connection=found.connection, owner=owner)
        .order_by("pk")
        .values_list("pk", flat=True)[:_DRAFTS]
    )
    policies = Policy.objects.filter(
        connection=found.connection,
        seen_until__isnull=True,
        type="SERVICE_CONTROL_POLICY",
        aws_managed=False,
    )
    for policy in policies.select_related("content").order_by("policy_id"):
        if len(made) == _DRAFTS:
            break
        document = json.loads(policy.content.text)
        if not isinstance(document["Statement"], list) or len(document["Statement"]) < 2:
            continue
        del document["Statement"][0]
        operation = Operation(
            OperationKind.UPDATE_POLICY, policy_id=policy.policy_id, text=json.dumps(document)
        )
        draft = simulation_create(
            actor=user_actor(owner),
            connection=found.connection,
            name=f"Benchmark of {policy.name}",
            operations=[operation],
            as_of=None,
            now=timezone.now(),
        )
        made.append(draft.pk)
    return made


def _pick(things: Sequence[Any], turn: int) -> Any:
    return things[turn % len(things)]
