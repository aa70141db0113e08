"""The tree as an icicle: area by accounts, colour by a measure that the viewer picks."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from governance.web.charts import Chart, Part, icicle
from governance.web.organization.knowledge import NodeKnowledge
from inventory.selectors.coverage import Knowledge
from inventory.selectors.hierarchy import Tree, TreeNode


@dataclass(frozen=True, slots=True)
class Measure:
    """What a colour can stand for. `said`: the sentence under the picture."""

    key: str
    label: str
    said: str
    low: str
    high: str


MEASURES: Final = (
    Measure(
        "scps",
        "SCPs in effect",
        "Size: accounts. Colour: service control policies attached at the OU or above it, "
        "FullAWSAccess left out.",
        "None",
        "Most",
    ),
    Measure(
        "uncollected",
        "Not collected",
        "Size: accounts. Colour: share of the accounts below that are not collected and fresh.",
        "All collected",
        "None collected",
    ),
)


def measure_named(key: str) -> Measure:
    """Return the measure that the address names, the first one for any other word."""
    return next((measure for measure in MEASURES if measure.key == key), MEASURES[0])


def organization_picture(
    tree: Tree, knowledge: dict[str, NodeKnowledge], *, slug: str, measure: Measure
) -> Chart:
    """Draw the root and every OU that holds an account."""
    parts = []
    for node in tree.by_id.values():
        if not node.accounts:
            continue
        value, said = _measured(node, knowledge[node.target_id], measure)
        is_root = not node.parent_id
        parts.append(
            Part(
                key=node.target_id,
                label=node.name,
                parent_key=node.parent_id,
                size=node.accounts,
                measure=value,
                said=said,
                href=""
                if is_root
                else reverse("organization", kwargs={"slug": slug}) + f"?at={node.target_id}",
            )
        )
    return icicle(
        parts,
        key="organization",
        title=measure.label,
        said=measure.said,
        heads=("OU", "Accounts", measure.label),
        low=measure.low,
        high=measure.high,
    )


def _measured(node: TreeNode, known: NodeKnowledge, measure: Measure) -> tuple[float | None, str]:
    if measure.key == "scps":
        count = (node.own + node.inherited)["SERVICE_CONTROL_POLICY"]
        return float(count), f"{count} SCPs" if count != 1 else "1 SCP"
    if known.by_knowledge[Knowledge.UNKNOWN] == known.by_knowledge.total():
        return None, "Not known"
    if not known.readable:
        return None, "Cannot be read"
    missing = known.readable - known.collected
    return missing / known.readable, f"{missing:,} of {known.readable:,} not collected"
