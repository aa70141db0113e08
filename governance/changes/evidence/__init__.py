"""Evidence: what a change request was shown to do, stored for good and bound by its digests."""
