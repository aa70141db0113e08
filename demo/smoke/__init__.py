"""`make smoke`: the demo stack from start to stop, with an inventory and a visit in between."""
