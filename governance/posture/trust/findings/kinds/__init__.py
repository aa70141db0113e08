"""One kind of trust finding each, with `KIND`; found by the registry."""
