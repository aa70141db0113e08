"""Notifications of events: the outbox, the inbox, mail, chat and webhooks.

Whatever causes an event publishes it in its own transaction (`outbox.event_publish`). Tasks spread
it to people and webhooks (`spreading`) and send what is due (`messages`, `webhooks.sending`).
"""
