"""Addresses of a person's own notifications."""

from django.urls import URLPattern, path

from governance.web.notifications.choosing import ChatAdd, ChatRemove, ChatTest, ChoicesPage
from governance.web.notifications.inbox import (
    Bell,
    InboxMark,
    InboxMarkAllRead,
    InboxPage,
    NotificationMark,
    NotificationOpen,
)

notification_patterns: list[URLPattern] = [
    path("inbox/", InboxPage.as_view(), name="inbox"),
    path("inbox/bell/", Bell.as_view(), name="inbox-bell"),
    path("inbox/mark/", InboxMark.as_view(), name="inbox-mark"),
    path("inbox/read/", InboxMarkAllRead.as_view(), name="inbox-mark-all-read"),
    path("inbox/<int:notification_id>/", NotificationOpen.as_view(), name="notification"),
    path("inbox/<int:notification_id>/mark/", NotificationMark.as_view(), name="notification-mark"),
    path("notifications/", ChoicesPage.as_view(), name="notification-choices"),
    path("notifications/chats/", ChatAdd.as_view(), name="chat-add"),
    path("notifications/chats/<int:chat_id>/test/", ChatTest.as_view(), name="chat-test"),
    path("notifications/chats/<int:chat_id>/remove/", ChatRemove.as_view(), name="chat-remove"),
]
