"""Answers that take long: a program asks, a worker answers, and the answer is kept for a while."""
