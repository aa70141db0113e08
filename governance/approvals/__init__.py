"""Who must agree to something, who did, and by which rules: for changes, contracts, exceptions."""
