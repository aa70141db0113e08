"""The life of a change request: who may bring it from one state into which."""
