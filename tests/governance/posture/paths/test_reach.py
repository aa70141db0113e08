"""Reach and cuts in random small graphs, beside what trying everything gives."""

import itertools
import random
from collections import Counter

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.posture.paths.cuts import cuts
from governance.posture.paths.reach import Direction, reach
from governance.posture.who_can.ways import Standing
from tests.governance.posture.paths.small_graphs import graph_of

MOST = 9


@st.composite
def graphs(draw):
    """A number of nodes, edges with a standing (some twice), and where to begin."""
    count = draw(st.integers(2, MOST))
    nodes = st.integers(0, count - 1)
    standing = st.sampled_from((Standing.ALWAYS, Standing.ALWAYS, Standing.CONDITIONAL))
    edges = draw(st.lists(st.tuples(nodes, nodes, standing), max_size=22))
    edges = [edge for edge in edges if edge[0] != edge[1]]
    return count, edges, draw(st.sets(nodes, min_size=1, max_size=2))


def steps_by_hand(edges, starts):
    """Steps to each node that is reached, one edge after the other."""
    found = dict.fromkeys(starts, 0)
    queue = list(starts)
    while queue:
        node = queue.pop(0)
        for source, target, _ in edges:
            if source == node and target not in found:
                found[target] = found[node] + 1
                queue.append(target)
    return found


def turned(edges):
    return [(target, source, standing) for source, target, standing in edges]


@given(graphs(), st.sampled_from(Direction), st.booleans())
@settings(max_examples=150, deadline=None)
def test_reaches_in_as_few_steps_as_trying_every_edge(drawn, direction, sure_only):
    count, edges, starts = drawn
    used = [edge for edge in edges if not sure_only or edge[2] is Standing.ALWAYS]
    wanted = steps_by_hand(used if direction is Direction.FORWARD else turned(used), starts)
    found = reach(graph_of(count, edges), sorted(starts), direction, sure_only=sure_only)
    assert {n: int(s) for n, s in enumerate(found.steps) if s >= 0} == wanted
    for node in found.reached:
        chain = found.path(int(node))
        assert len(chain) == wanted[int(node)]
        ends = [(edge.source, edge.target) for edge in chain]
        assert all(one[1] == two[0] for one, two in itertools.pairwise(ends))
        outer = ends[0][0], ends[-1][1]
        begin, end = outer if direction is Direction.FORWARD else outer[::-1]
        assert begin in starts
        assert end == node


@given(graphs(), st.sampled_from(Direction), st.booleans(), st.data())
@settings(max_examples=200, deadline=None)
def test_cuts_take_away_what_removing_each_edge_in_turn_does(drawn, direction, sure_only, data):
    count, edges, starts = drawn
    weights = numpy.array(
        data.draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)), dtype=numpy.int64
    )
    used = [edge for edge in edges if not sure_only or edge[2] is Standing.ALWAYS]
    seen = used if direction is Direction.FORWARD else turned(used)
    whole = steps_by_hand(seen, starts)
    by_hand: Counter = Counter()
    for number, (source, target, _) in enumerate(seen):
        left = steps_by_hand(seen[:number] + seen[number + 1 :], starts)
        lost = sum(int(weights[node]) for node in whole if node not in left)
        if lost:
            by_hand[source, target] = lost
    reached = reach(graph_of(count, edges), sorted(starts), direction, sure_only=sure_only)
    found = cuts(reached, weights=weights, most=99)
    ends = {}
    for cut in found.best:
        pair = (cut.edge.source, cut.edge.target)
        ends[pair if direction is Direction.FORWARD else pair[::-1]] = cut.weight
    assert ends == dict(by_hand)
    assert found.is_exact
    few = cuts(reached, weights=weights, most=2)
    assert [one.weight for one in few.best] == sorted(by_hand.values(), reverse=True)[:2]
    assert found.total == sum(int(weights[node]) for node in whole if node not in starts)


@pytest.mark.parametrize("seed", range(12))
def test_finds_the_best_cuts_where_ways_part_and_meet_many_times(seed):
    chosen = random.Random(seed)
    count = chosen.choice([20, 40, 60])
    drawn = [(chosen.randrange(count), chosen.randrange(count)) for _ in range(2 * count)]
    graph = graph_of(count, [edge for edge in drawn if edge[0] != edge[1]])
    pairs = zip(graph.sources.tolist(), graph.targets.tolist(), strict=True)
    edges = [(source, target, None) for source, target in pairs]
    whole = steps_by_hand(edges, [0])
    left = (steps_by_hand(edges[:n] + edges[n + 1 :], [0]) for n in range(len(edges)))
    lost = sorted((len(whole) - len(one) for one in left), reverse=True)
    found = cuts(reach(graph, [0]), most=7)
    assert [one.weight for one in found.best] == [one for one in lost if one][:7]
    assert found.is_exact


def test_stops_after_so_many_steps():
    graph = graph_of(4, [(0, 1), (1, 2), (2, 3)])
    assert list(reach(graph, [0], most_steps=2).reached) == [1, 2]


def test_takes_the_surest_of_several_edges():
    graph = graph_of(2, [(0, 1, "conditional"), (0, 1, "always")])
    (edge,) = reach(graph, [0]).path(1)
    assert edge.standing is Standing.ALWAYS
    assert len(graph.between(0, 1)) == 2


def test_has_no_path_to_what_is_not_reached():
    with pytest.raises(LookupError):
        reach(graph_of(2, []), [0]).path(1)


def test_finds_principals_by_arn():
    graph = graph_of(3, [])
    assert graph.find("arn:aws:iam::111111111111:user/u2") == 2
    assert graph.find("arn:aws:iam::222222222222:user/u2") is None
    assert graph.node(1).name == "u1"
