"""Long work: questions that a worker answers, whose answers are kept for a while; refreshes."""
