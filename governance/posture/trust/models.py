"""Who can get in from where, as versions: each row holds from one inventory run until another."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, Q, Value, When

from inventory.models.versions import Version
from policies.trust import TrustSeverity

_SEVERITIES = [(str(each), each.capitalize()) for each in TrustSeverity]
_RANKED = [str(each) for each in TrustSeverity]


class TrustEdge(Version):
    """One way in: from somebody to a role or resource, by one statement, grant or setting.

    `key`: SHA-256 that names the edge over its versions: resource, source, principal and statement.
    `account_id` and what follows to `region`: what is let into. `source`: what lets in; `through`:
    in words, for what is no policy (`kms grant`, `vpc peering`). `statement`: its place in the
    policy, from 0; null where it is none. `principal_…`: as `policies.trust.TrustPrincipal`.
    `crossing_rank`: place of `crossing`, the worst 0. `vendor`: the name of the external party that
    the principal's account belongs to. `state`: see `EdgeState`. `guards`, `blocked_by`,
    `undecided`, `witness`: as JSON of `policies.trust`.
    """

    class Source(models.TextChoices):
        """What lets in."""

        TRUST_POLICY = "trust_policy", "Trust policy"
        RESOURCE_POLICY = "resource_policy", "Resource policy"
        GRANT = "grant", "Grant"

    class Crossing(models.TextChoices):
        """Which boundary it crosses, the worst first."""

        PUBLIC = "public", "Public"
        EXTERNAL = "external", "Unknown external"
        ENVIRONMENT = "environment", "Production from elsewhere"
        FEDERATED = "federated", "Federated"
        VENDOR = "vendor", "Known vendors"
        ORGANIZATION = "organization", "Across the organization"
        UNIT = "unit", "Within an OU"
        SERVICE = "service", "AWS services"
        ACCOUNT = "account", "Within accounts"
        NONE = "none", "Nobody"

    class EdgeState(models.TextChoices):
        """Whether somebody can use it.

        OPEN: yes, and no guard that holds stands before it. GUARDED: yes, by who meets the guards.
        BLOCKED: no request passes. UNDECIDED: the engine cannot say, `undecided` says why.
        """

        OPEN = "open", "Open"
        GUARDED = "guarded", "Guarded"
        BLOCKED = "blocked", "Blocked"
        UNDECIDED = "undecided", "Undecided"

    key = models.CharField(max_length=64)
    account_id = models.CharField(max_length=12)
    resource_arn = models.CharField(max_length=2048)
    resource_name = models.CharField(max_length=512)
    service = models.CharField(max_length=32)
    resource_type = models.CharField(max_length=64)
    region = models.CharField(max_length=32)
    source = models.CharField(max_length=16, choices=Source.choices)
    through = models.CharField(max_length=64, blank=True)
    content = models.ForeignKey(
        "inventory.PolicyContent", null=True, on_delete=models.PROTECT, related_name="+"
    )
    statement = models.PositiveIntegerField(null=True)
    sid = models.CharField(max_length=512, blank=True)
    principal_kind = models.CharField(max_length=20)
    principal_id = models.CharField(max_length=2048)
    principal_account_id = models.CharField(max_length=12, blank=True)
    provider = models.CharField(max_length=512, blank=True)
    tenant = models.CharField(max_length=512, blank=True)
    vendor = models.CharField(max_length=200, blank=True)
    actions = models.JSONField(default=list)
    crossing = models.CharField(max_length=16, choices=Crossing.choices)
    crossing_rank = models.GeneratedField(
        expression=Case(
            *(When(crossing=each, then=Value(at)) for at, each in enumerate(Crossing.values)),
            default=Value(len(Crossing.values)),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    state = models.CharField(max_length=10, choices=EdgeState.choices)
    guards = models.JSONField(default=list)
    blocked_by = models.JSONField(null=True)
    undecided = models.JSONField(default=list)
    witness = models.JSONField(null=True)

    # What selectors annotate: of the organization's accounts, else null.
    account_name: "str | None"
    principal_account_name: "str | None"

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "key"],
                condition=Q(seen_until__isnull=True),
                name="trust_edge_one_open_version",
            ),
            models.CheckConstraint(
                condition=Q(seen_until__isnull=True) | Q(seen_until__gt=models.F("seen_from")),
                name="trust_edge_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "key", "seen_from"], name="trust_edge_history"),
            # Counted without reading a row.
            models.Index(
                fields=["connection", "crossing", "source", "state"],
                name="trust_edge_counts",
                condition=Q(seen_until__isnull=True),
            ),
            models.Index(fields=["connection", "seen_from"], name="trust_edge_began"),
            models.Index(
                fields=["connection", "seen_until"],
                name="trust_edge_ended",
                condition=Q(seen_until__isnull=False),
            ),
            models.Index(fields=["connection", "account_id"], name="trust_edge_to"),
            models.Index(fields=["connection", "principal_account_id"], name="trust_edge_from"),
            models.Index(fields=["connection", "resource_arn"], name="trust_edge_resource"),
            # Lists go through these in their order.
            models.Index(
                fields=["connection", "crossing_rank", "resource_name", "key"],
                name="trust_edge_worst",
            ),
            models.Index(
                fields=["connection", "resource_name", "key"], name="trust_edge_resource_name"
            ),
            GinIndex(fields=["guards"], name="trust_edge_guards", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.principal_id} → {self.resource_arn}"


class TrustFinding(Version):
    """One thing that is wrong with who may get in.

    `key`: SHA-256 that names it over its versions. `severity_rank`: place of `severity`, the worst
    0. `edge_key`: of the edge that it is about; empty:
    of a resource, a principal or an account as a whole. `subject_arn`: the role, user, resource or
    provider that it is about. `statement`: its place in the policy. `evidence`: facts as JSON, by
    code. `remedy`: what to write instead, as `policies.trust.edges.Remedy`. `found_in`: what it
    was found in; whoever looks there again closes what is gone.
    """

    class FoundIn(models.TextChoices):
        """What a finding was found in: one policy, all trust, contracts, or the graph of paths."""

        POLICY = "policy", "Policy"
        FACTS = "facts", "All trust"
        CONTRACTS = "contracts", "Contracts"
        GRAPH = "graph", "Paths"

    found_in = models.CharField(max_length=10, choices=FoundIn.choices, default=FoundIn.POLICY)
    key = models.CharField(max_length=64)
    code = models.CharField(max_length=64)
    severity = models.CharField(max_length=8, choices=_SEVERITIES)
    severity_rank = models.GeneratedField(
        expression=Case(
            *(When(severity=each, then=Value(at)) for at, each in enumerate(_RANKED)),
            default=Value(len(_SEVERITIES)),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    account_id = models.CharField(max_length=12)
    subject_arn = models.CharField(max_length=2048)
    edge_key = models.CharField(max_length=64, blank=True)
    statement = models.PositiveIntegerField(null=True)
    message = models.TextField()
    remedy = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)

    # What selectors annotate.
    account_name: "str | None"

    class Meta:
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "key"],
                condition=Q(seen_until__isnull=True),
                name="trust_finding_one_open_version",
            ),
            models.CheckConstraint(
                condition=Q(seen_until__isnull=True) | Q(seen_until__gt=models.F("seen_from")),
                name="trust_finding_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["connection", "code"], name="trust_finding_code"),
            models.Index(
                fields=["connection", "severity_rank", "code", "key"], name="trust_finding_worst"
            ),
            models.Index(fields=["connection", "account_id"], name="trust_finding_account"),
            models.Index(fields=["connection", "edge_key"], name="trust_finding_edge"),
            models.Index(fields=["connection", "seen_from"], name="trust_finding_began"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject_arn}"


OF_ALL: Final = ""
"""In place of an account's id: of the findings about all edges together."""


class TrustReading(models.Model):
    """Up to which state of an account its edges and findings are known.

    `inputs_sha256`: of everything that they followed from; equal inputs are not worked out again.
    `rows_sha256`: of the account's own policies and grants among that. `named_account_ids`: the
    accounts that these name, and of witnesses. `services`: whose actions the edges are about;
    `wide_services`: those of edges for which what binds any account decides; `names_units`: what
    the accounts of an OU are for counts. `problem`: why it could not be evaluated; empty: it was.
    With `OF_ALL` for an account: `inputs_sha256` of the findings about all edges together, and
    `rows_sha256` of those of the graph of paths.
    """

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    account_id = models.CharField(max_length=12)
    inputs_sha256 = models.CharField(max_length=64)
    rows_sha256 = models.CharField(max_length=64, blank=True)
    named_account_ids = ArrayField(models.CharField(max_length=12), default=list)
    services = ArrayField(models.CharField(max_length=64), default=list)
    wide_services = ArrayField(models.CharField(max_length=64), default=list)
    names_units = models.BooleanField(default=False)
    run_started_at = models.DateTimeField()
    read_at = models.DateTimeField()
    problem = models.CharField(max_length=500, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["connection", "account_id"], name="trust_reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.inputs_sha256[:12]}"


class ExternalParty(models.Model):
    """Accounts outside the organization that belong to somebody known by name.

    `account_ids`: 12 digits each. `kind`: a vendor, or a company of the same group. What the
    product brings itself is data beside the code (`vendors.json`); a row here goes before it.
    """

    class Kind(models.TextChoices):
        """Who it is."""

        VENDOR = "vendor", "Vendor"
        PARTNER = "partner", "Partner"
        AFFILIATE = "affiliate", "Same company"

    connection = models.ForeignKey(
        "inventory.Connection", on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.VENDOR)
    account_ids = models.JSONField(default=list)
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey("auth.User", on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField()

    class Meta:
        default_permissions = ("view", "change")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "name"], name="external_party_once"),
        ]

    def __str__(self) -> str:
        return self.name
