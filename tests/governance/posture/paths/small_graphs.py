"""Small graphs without a database: principals are users `u0`, `u1` and so on of one account."""

import numpy

from governance.posture.paths.graph import EdgeKind, EdgeList, EdgeWay, TrustGraph
from governance.posture.paths.nodes import PRIVILEGES, Privilege
from governance.posture.who_can.population import IdentityClass, Population
from governance.posture.who_can.ways import STANDINGS, Standing
from inventory.selectors.population import MARK

ACCOUNT = "111111111111"
WAY = EdgeWay(EdgeKind.ASSUMES, ("sts:AssumeRole",))


def population_of(count):
    """So many users without any policy."""
    zeros = numpy.zeros(count, dtype=numpy.int64)
    return Population(
        key=("small", count),
        account_ids=(ACCOUNT,),
        names=tuple(f"arn:aws:iam::{MARK}:user/u{number}" for number in range(count)),
        tags=("{}",),
        identities=(IdentityClass("user", False, (), None),),
        pks=numpy.arange(1, count + 1, dtype=numpy.int64),
        accounts=zeros,
        called=numpy.arange(count, dtype=numpy.int64),
        tagged=zeros,
        classes=zeros,
    )


def graph_of(count, edges, others=(), privileges=None):
    """A graph of (source, target) or (source, target, standing)."""
    listed = EdgeList()
    for source, target, *standing in edges:
        listed.add(source, target, Standing(standing[0]) if standing else Standing.ALWAYS, WAY)
    sources, targets, standings, way_of, ways = listed.arrays()
    limited = PRIVILEGES.index(Privilege.LIMITED)
    given = [limited] * (count + len(others)) if privileges is None else privileges
    return TrustGraph(
        key=("graph",),
        population=population_of(count),
        others=tuple(others),
        sources=sources,
        targets=targets,
        standings=standings,
        way_of=way_of,
        ways=ways,
        privileges=numpy.array(given, dtype=numpy.uint8),
    )


SURE = STANDINGS.index(Standing.ALWAYS)
