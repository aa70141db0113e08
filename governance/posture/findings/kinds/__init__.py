"""What is looked for, one module a kind: it defines `KIND`, and `check`, which answers it."""
