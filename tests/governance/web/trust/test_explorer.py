"""The graph of the explorer, the picture of crossings, and where boxes stand."""

import pytest
from django.http import QueryDict
from django.urls import reverse
from plotly.graph_objects import Figure

from governance.web.trust import explorer
from governance.web.trust.explorer_layout import HEIGHT, WIDTH, LayoutBox, positions
from governance.web.trust.flows import FlowEnd, TrustFlow, flow_chart
from governance.web.trust.policy_marks import marked_statement
from tests.factories.connections import ConnectionFactory
from tests.factories.people import person
from tests.factories.snapshots import organization_snapshot
from tests.factories.trust import TrustEdgeFactory, TrustFindingFactory

SLUG = "example"
PAYMENTS, TEST = "222222222222", "222222222224"


@pytest.fixture
def snapshot():
    made = organization_snapshot(connection=ConnectionFactory.create(slug=SLUG))
    shared = {"connection": made.connection, "crossing": "organization"}
    first = TrustEdgeFactory.create(
        **shared, account_id=PAYMENTS, principal_account_id=TEST, principal_id=TEST
    )
    TrustFindingFactory.create(connection=made.connection, edge_key=first.key)
    TrustEdgeFactory.create(
        **shared, account_id=PAYMENTS, principal_account_id=TEST, principal_id=TEST
    )
    TrustEdgeFactory.create(connection=made.connection, crossing="public", account_id=PAYMENTS)
    return made


@pytest.fixture
def viewer(client):
    client.force_login(person("viewer"))
    return client


def drawn(viewer, query="", name="trust-explorer-graph"):
    return viewer.get(reverse(name, kwargs={"slug": SLUG}) + query).context


@pytest.mark.django_db
class TestExplorer:
    def test_draws_all_edges_between_two_closed_boxes_as_one(self, viewer, snapshot):
        graph = drawn(viewer, "?open=none")["graph"]
        assert {(edge.source, edge.count, edge.findings) for edge in graph.edges} == {
            ("from-public", 1, 0),
            (next(node.key for node in graph.nodes if node.kind == "unit"), 2, 1),
        }
        assert (graph.total, graph.left_out) == (3, 0)

    def test_opens_ous_and_accounts_in_place(self, viewer, snapshot):
        units = [*snapshot.units.values()]
        query = "&".join(f"open={unit.target_id}" for unit in units)
        nodes = {node.key: node for node in drawn(viewer, f"?{query}")["graph"].nodes}
        assert {nodes[PAYMENTS].kind, nodes[TEST].kind} == {"account"}
        assert nodes[nodes[PAYMENTS].parent].is_open
        opened = drawn(viewer, f"?{query}&open={PAYMENTS}")["graph"]
        roles = [node for node in opened.nodes if node.parent == PAYMENTS]
        assert [node.kind for node in roles] == ["role"] * 3
        assert all(edge.edge_key for edge in opened.edges)

    def test_has_a_table_of_the_same_edges(self, viewer, snapshot):
        context = drawn(viewer, name="trust-explorer")
        assert len(context["graph_rows"]) == len(context["graph"].edges)
        assert all(node["x"] is not None or node["open"] for node in context["graph_data"]["nodes"])

    def test_table_shows_more_rows_on_demand(self, viewer, snapshot, monkeypatch):
        monkeypatch.setattr(explorer, "_TABLE_ROWS", 1)
        first = drawn(viewer, "?open=none")
        assert (len(first["graph_rows"]), first["rows_left"], first["rows_step"]) == (1, 1, 1)
        whole = drawn(viewer, first["more_rows_href"])
        assert (len(whole["graph_rows"]), whole["rows_left"]) == (2, 0)
        assert len(drawn(viewer, "?open=none&rows=x²")["graph_rows"]) == 1

    def test_says_that_nothing_is_known_yet(self, viewer):
        ConnectionFactory.create(slug=SLUG)
        text = viewer.get(reverse("trust-explorer", kwargs={"slug": SLUG})).content.decode()
        assert "Not collected yet" in text


@pytest.mark.django_db
class TestPictureOfCrossings:
    def test_is_what_plotly_draws_and_each_band_filters_the_table(self, viewer, snapshot):
        chart = drawn(viewer, name="trust-picture")["chart"]
        (trace,) = Figure(chart.figure).to_plotly_json()["data"]
        assert list(trace["link"]["value"]) == [1, 2]
        assert chart.figure["data"][0]["link"]["customdata"][0][0].startswith(
            "?crossing=public&to="
        )
        assert [cells[1].text for cells in chart.table_rows] == ["1", "2"]

    def test_outlines_the_band_that_the_address_selects(self, viewer, snapshot):
        href = drawn(viewer, name="trust-picture")["chart"].figure["data"][0]["link"]["customdata"]
        chosen = drawn(viewer, href[0][0], name="trust-picture")["chart"].figure["data"][0]
        assert chosen["meta"] == {"selected": [0]}

    def test_leaves_room_for_the_longest_name(self):
        def margin(label):
            ends = FlowEnd("public", "Public", ()), FlowEnd("ou", label, ())
            figure = flow_chart([TrustFlow(*ends, 3, 1)], QueryDict()).figure
            return figure["layout"]["margin"]["r"]

        assert margin("Prod") == margin("Test") < margin("Regulated/Customs Duty Declarations")


@pytest.mark.django_db
class TestAround:
    def test_tells_of_an_account_who_is_let_in_and_where_it_gets(self, viewer, snapshot):
        into, out = drawn(viewer, f"?target_id={PAYMENTS}", name="trust-around")["sides"]
        assert (into.crossing, out.crossing) == (3, 0)
        _, out = drawn(viewer, f"?target_id={TEST}", name="trust-around")["sides"]
        assert out.crossing == 2
        assert out.rows[0].severity == "high"

    def test_tells_of_a_bucket_only_who_is_let_in(self, viewer, snapshot):
        sides = drawn(viewer, "?arn=arn:aws:s3:::acme-data", name="trust-around")["sides"]
        assert [side.title for side in sides] == ["Trust in"]

    def test_posture_counts_what_comes_from_outside(self, viewer, snapshot):
        context = drawn(viewer, name="trust-on-posture")
        assert context["totals"].outside == 1
        assert context["since"] is None


class TestWeakPartOfAPolicy:
    def test_is_marked_where_it_stands(self):
        text = '{"Statement":[{"Sid":"a"},{"Principal":{"AWS":"*"},"Condition":{"x":{"k":"v*"}}}]}'
        shown = marked_statement(text, 1, weak={"v*", "*"})
        assert shown is not None
        marked = [piece.text for line in shown.lines for piece in line if piece.weak]
        assert marked == ["*", "v*"]
        assert shown.others == 1

    def test_of_a_text_that_cannot_be_read_is_not_shown(self):
        assert marked_statement("no json", 0, weak=()) is None
        assert marked_statement('{"Statement":[]}', 3, weak=()) is None


def made(counts, key):
    """A box of boxes: of each count a box with so many in it."""
    inner = [
        LayoutBox(f"{key}.{number}", [LayoutBox(f"{key}.{number}.{one}") for one in range(count)])
        for number, count in enumerate(counts)
    ]
    return LayoutBox(key, inner)


class TestPlaces:
    @pytest.mark.parametrize("outside", [0, 4])
    @pytest.mark.parametrize(
        "shapes", [[], [[]], [[0, 3], [9, 0, 1]], [[1], [2, 5, 0, 7], [], [20], [3, 3, 3]]], ids=str
    )
    def test_no_two_boxes_lie_over_each_other(self, shapes, outside):
        found = positions(
            [LayoutBox(f"out-{number}") for number in range(outside)],
            [made(counts, str(number)) for number, counts in enumerate(shapes)],
        )
        placed = sorted(found.values())
        for number, (x, y) in enumerate(placed):
            for other_x, other_y in placed[number + 1 :]:
                assert abs(x - other_x) >= WIDTH or abs(y - other_y) >= HEIGHT

    def test_boxes_of_one_size_stand_side_by_side_in_the_shape_of_a_screen(self):
        found = positions([], [made([9, 9], "unit")])
        width, height = (
            max(place[axis] for place in found.values())
            - min(place[axis] for place in found.values())
            for axis in (0, 1)
        )
        assert width > height
