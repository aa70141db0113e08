"""Change requests: the queue, a request with its tabs, and the forms that propose and decide."""
