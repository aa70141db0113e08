"""The screens of connections: how organizations are reached."""
