"""/drift and /ignore-rules: what differs from what was agreed, and how it is put right."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access import rights
from governance.access.owners.selectors import owners_of
from governance.access.viewers import holds_within
from governance.api.baseline import baseline_problems
from governance.api.drift_representations import (
    DriftChosenRepresentation,
    DriftHistoryRepresentation,
    DriftPageRepresentation,
    DriftPreviewRepresentation,
    DriftRepresentation,
    DriftResolvedRepresentation,
    DriftResolveRepresentation,
    DriftSummaryRepresentation,
    IgnoreRulePageRepresentation,
    IgnoreRuleRepresentation,
    NewIgnoreRuleRepresentation,
)
from governance.api.parts.endpoints import OrganizationEndpoint
from governance.api.parts.list_endpoint import by
from governance.api.parts.pagination import Key, page_of, page_request
from governance.api.parts.permissions import token_of
from governance.api.parts.problems import CONFLICT, NOT_FOUND, PERMISSION_DENIED, Problem
from governance.api.parts.representations import Representation, read_body
from governance.approvals.agreements.terms import AgreementInvalid
from governance.changes.drift.restoring import change_restore
from governance.changes.life.content import ContentInvalid
from governance.drift.ignoring import (
    IgnoreRuleEnded,
    IgnoreRuleInvalid,
    ignore_rule_add,
    ignore_rule_end,
)
from governance.drift.models import DriftItem, IgnoreRule
from governance.drift.putting_back import preview_putting_back
from governance.drift.resolving import (
    CannotResolve,
    drift_adopt,
    drift_except,
    drift_ignore,
)
from governance.drift.selectors import (
    drift_events,
    drift_find,
    drift_items,
    drift_reading,
    ignore_rules,
)
from governance.filtering.drift import DriftFilters
from inventory.selectors.freshness import FINDING_TABLES

_TOPIC = "Baseline and drift"


@contextmanager
def drift_problems() -> Iterator[None]:
    """Turn what services refuse into problems."""
    try:
        with baseline_problems():
            yield
    except (IgnoreRuleInvalid, AgreementInvalid) as error:
        raise ValidationError({name: [said] for name, said in error.errors.items()}) from error
    except ContentInvalid as error:
        raise ValidationError(
            {"/".join(map(str, path)): [words] for path, words in error.errors}
        ) from error
    except (CannotResolve, IgnoreRuleEnded) as error:
        raise Problem(CONFLICT, str(error)) from error
    except IgnoreRule.DoesNotExist as error:
        raise Problem(NOT_FOUND, "there is no such ignore rule") from error


class DriftEndpoint(OrganizationEndpoint):
    """What the addresses of drift have in common."""

    topic = _TOPIC
    representation: ClassVar[type[Representation]] = DriftRepresentation

    def find(self) -> DriftItem:
        """Return the item of the address.

        :raises Problem: there is none that the asker may see.
        """
        number = self.kwargs["drift_id"]
        found = drift_find(self.viewer, connection=self.connection, item_id=number)
        if found is None:
            raise self.missing(f"drift {number} that you may see")
        return found

    def chosen(self, item_ids: Sequence[int]) -> list[DriftItem]:
        """Return items that are named together.

        :raises Problem: one of them is none that the asker may see.
        """
        rows = drift_items(self.viewer, connection=self.connection)
        found = list(rows.filter(pk__in=item_ids))
        if len(found) != len(set(item_ids)):
            raise self.missing("drift of some of these ids that you may see")
        return found


class DriftList(DriftEndpoint):
    """What differs."""

    rights = {"GET": rights.VIEW_DRIFT}
    representation = DriftSummaryRepresentation
    shows_tables = FINDING_TABLES
    page_representation = DriftPageRepresentation
    filterset_class = DriftFilters
    queryset = DriftItem.objects.none()
    orderings = {
        "severity": by("severity_rank", "pk"),
        "first_seen_at": by("first_seen_at", "pk"),
        "last_seen_at": by("last_seen_at", "pk"),
    }
    usual_ordering = "severity"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering", *DriftFilters.base_filters}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List drift that you may see, the worst first; `state` left out: of every state.

        `verified` false: its place could not be read in the last run.
        """
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        rows = drift_items(self.viewer, connection=self.connection).order_by()
        filters = DriftFilters(request.query_params, queryset=rows, scope=self.scope)
        if not filters.is_valid():
            raise ValidationError(filters.errors)
        page = page_of(filters.qs, asked)
        reading = drift_reading(self.connection)
        return self.respond_with(
            page,
            self.serialized(page.rows, many=True, slug=self.connection.slug),
            looked_at=reading.read_at if reading else None,
            baseline_version=reading.baseline_version if reading else None,
        )


class DriftDetail(DriftEndpoint):
    """One thing that differs."""

    rights = {"GET": rights.VIEW_DRIFT}
    shows_tables = FINDING_TABLES
    item: DriftItem

    def shown_account_id(self) -> str | None:
        """Return the account that it is about, if it is one."""
        return self.item.account_id or None

    def get(self, request: Request, **kwargs: Any) -> Response:
        """Get one item with both sides, and the third where the baseline moved too."""
        self.item = found = self.find()
        owners = owners_of(self.connection, found.place_id) if found.place_id else None
        names = [owner.party.name for owner in owners.owners] if owners else []
        return self.answer(self.serialized(found, slug=self.connection.slug, owners=names))


class DriftHistory(DriftEndpoint):
    """What happened to it."""

    rights = {"GET": rights.VIEW_DRIFT}
    representation = DriftHistoryRepresentation

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List what happened to an item, the oldest first."""
        return self.answer(self.serialized({"results": drift_events(self.find())}))


class DriftResolve(DriftEndpoint):
    """Putting drift right."""

    rights = {"POST": rights.RESOLVE_DRIFT}
    representation = DriftResolvedRepresentation
    takes = DriftResolveRepresentation
    answers = {200: OpenApiResponse(DriftResolvedRepresentation(), description="Done.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Adopt drift, bring it back by a draft of a change request, except or ignore it.

        One or several together: all of them, or none. What a change request brings back closes
        when a run has seen it. An exception from a guardrail is a draft, to be submitted.
        """
        values = read_body(DriftResolveRepresentation, request)
        items = self.chosen(values["items"])
        done: dict[str, Any] = {
            "how": values["how"],
            "baseline_version": None,
            "change_request": None,
            "exceptions": [],
            "ignore_rules": [],
        }
        given: dict[str, Any] = {
            "by": self.by,
            "connection": self.connection,
            "item_ids": [item.pk for item in items],
            "now": self.now,
        }
        with drift_problems():
            self._resolve(values, given, done)
        again = drift_items(self.viewer, connection=self.connection).filter(
            pk__in=given["item_ids"]
        )
        return Response(self.serialized({**done, "items": again}, slug=self.connection.slug))

    def _resolve(self, values: dict[str, Any], given: dict[str, Any], done: dict[str, Any]) -> None:
        match values["how"]:
            case "adopt":
                version = drift_adopt(reason=values["reason"], **given)
                done["baseline_version"] = version.number if version else None
            case "revert":
                may = holds_within(
                    self.request.user,
                    rights.PROPOSE_CHANGE,
                    connection=self.connection,
                    token=token_of(self.request),
                )
                if not may:
                    raise Problem(
                        PERMISSION_DENIED, f"this needs the right {rights.PROPOSE_CHANGE}"
                    )
                made = change_restore(title=values["title"], reason=values["reason"], **given)
                done["change_request"] = made.number
            case how:
                if values["until"] is None:
                    raise ValidationError({"until": [f"give the last day to {how} it"]})
                if how == "except":
                    asked = drift_except(reason=values["reason"], until=values["until"], **given)
                    done["exceptions"] = [one.number for one in asked]
                    return
                rules = drift_ignore(reason=values["reason"], until=values["until"], **given)
                done["ignore_rules"] = [rule.number for rule in rules]


class DriftPreview(DriftEndpoint):
    """What bringing drift back would do."""

    rights = {"POST": rights.VIEW_DRIFT}
    representation = DriftPreviewRepresentation
    takes = DriftChosenRepresentation
    answers = {200: OpenApiResponse(DriftPreviewRepresentation(), description="Nothing is done.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Simulate what brings some drift back, all of it as one edit. Nothing is stored."""
        values = read_body(DriftChosenRepresentation, request)
        items = self.chosen(values["items"])
        with drift_problems():
            found = preview_putting_back(
                self.viewer, connection=self.connection, items=items, now=self.now
            )
        return Response(self.serialized(found.as_json()))


class IgnoreRuleList(DriftEndpoint):
    """Drift that does no harm."""

    rights = {"GET": rights.VIEW_IGNORE_RULES, "POST": rights.MANAGE_IGNORE_RULES}
    representation = IgnoreRuleRepresentation
    page_representation = IgnoreRulePageRepresentation
    takes = NewIgnoreRuleRepresentation
    answers = {201: OpenApiResponse(IgnoreRuleRepresentation(), description="It holds.")}
    orderings = {"number": (Key("number"),)}
    usual_ordering = "-number"

    def parameters(self) -> set[str]:
        """Return the names of the query parameters."""
        return super().parameters() | {"limit", "cursor", "ordering"}

    def get(self, request: Request, **kwargs: Any) -> Response:
        """List the ignore rules that you may see, the latest first, ended ones too."""
        asked = page_request(request, self.orderings, usual=self.usual_ordering)
        page = page_of(ignore_rules(self.viewer, connection=self.connection), asked)
        return self.respond_with(page, self.serialized(page.rows, many=True, today=self.now.date()))

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """Ignore drift of a kind, at a place or of an attribute, until a day."""
        values = read_body(NewIgnoreRuleRepresentation, request)
        with drift_problems():
            made = ignore_rule_add(by=self.by, connection=self.connection, now=self.now, **values)
        return Response(
            self.serialized(made, today=self.now.date()), status=status.HTTP_201_CREATED
        )


class IgnoreRuleEnd(DriftEndpoint):
    """Ending an ignore rule."""

    rights = {"POST": rights.MANAGE_IGNORE_RULES}
    representation = IgnoreRuleRepresentation
    takes: Any = None
    answers = {200: OpenApiResponse(IgnoreRuleRepresentation(), description="Ended.")}

    def post(self, request: Request, /, **kwargs: Any) -> Response:
        """End a rule: what it ignored is open again."""
        with drift_problems():
            rule = ignore_rule_end(
                by=self.by,
                connection=self.connection,
                number=self.kwargs["rule_number"],
                now=self.now,
            )
        return Response(self.serialized(rule, today=self.now.date()))
