"""The export has the shape that BloodHound's OpenGraph schema asks for."""

import json
import re

from governance.posture.paths.open_graph import SOURCE_KIND, open_graph, open_graph_chunks
from tests.governance.posture.paths.small_graphs import graph_of

GRAPH = graph_of(4, [(0, 1), (1, 2), (2, 3)])
KIND = re.compile(r"[A-Za-z0-9_]+")


def is_flat(value):
    if isinstance(value, list):
        return len({type(one) for one in value}) == 1 and all(map(is_flat, value))
    return isinstance(value, str | int | float | bool)


def test_names_each_node_once_with_at_most_three_kinds():
    nodes = open_graph(GRAPH)["graph"]["nodes"]
    assert len({node["id"] for node in nodes}) == len(nodes) == len(GRAPH)
    for node in nodes:
        assert node.keys() == {"id", "kinds", "properties"}
        assert 1 <= len(node["kinds"]) <= 3
        assert all(KIND.fullmatch(kind) for kind in node["kinds"])
        assert node["kinds"][-1] == SOURCE_KIND


def test_ends_each_edge_at_nodes_that_are_there():
    graph = open_graph(GRAPH)["graph"]
    ids = {node["id"] for node in graph["nodes"]}
    assert len(graph["edges"]) == len(GRAPH.sources)
    for edge in graph["edges"]:
        assert edge.keys() == {"kind", "start", "end", "properties"}
        assert KIND.fullmatch(edge["kind"])
        for end in (edge["start"], edge["end"]):
            assert end.keys() == {"value", "match_by"}
            assert end["match_by"] == "id"
            assert end["value"] in ids


def test_has_no_object_within_properties():
    graph = open_graph(GRAPH)["graph"]
    for one in (*graph["nodes"], *graph["edges"]):
        assert all(map(is_flat, one["properties"].values())), one


def test_is_the_same_in_pieces():
    assert json.loads("".join(open_graph_chunks(GRAPH))) == open_graph(GRAPH)
