"""Which chat services are sent to, and that nothing else is."""

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from governance.notifications.chat import ChatFailed, ChatRefused, chat_send, check_chat_url

SLACK = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7"
TEAMS = (
    "https://prod-00.westeurope.logic.azure.com:443/workflows/643e69f83c8944/triggers/manual/paths"
    "/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z0eu"
)
DISCORD = (
    "https://discord.com/api/webhooks/417429632418316298/"
    "JHZ7lQml277CDHmQKMHI8qBe7bk2ZwO5UKjCiOAF7711o33MyqU344Qpgv7YTpadV_js"
)


class TestCheckChatUrl:
    @pytest.mark.parametrize(
        ("url", "service"),
        [
            (SLACK, "Slack"),
            ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7", "Slack"),
            (TEAMS, "Microsoft Teams"),
            (DISCORD, "Discord"),
            (
                "https://chat.googleapis.com/v1/spaces/AAAA/messages?key=AIza&token=O7b1",
                "Google Chat",
            ),
        ],
    )
    def test_takes_the_address_that_the_service_shows(self, url, service):
        assert check_chat_url(url).service == service

    def test_shows_nothing_of_what_is_secret(self):
        for url, secret in ((SLACK, "TIiajkdnlazkcOXrIdevi7"), (TEAMS, "KODuebWbDGYFr0z0eu")):
            assert secret not in check_chat_url(url).shown

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("", "give the address"),
            ("json://localhost/", "not sent to"),
            ("jsons://169.254.169.254/", "not sent to"),
            ("file:///etc/passwd", "not sent to"),
            ("mailto://user:pass@gmail.com", "not sent to"),
            ("syslog://", "not sent to"),
            ("dbus://", "not sent to"),
            ("mmost://chat.internal/token", "not sent to"),
            ("rocket://internal/room", "not sent to"),
            ("custom-script://run", "not sent to"),
            ("https://evil.example.com/services/T1/A1/x", "none of the services"),
            ("https://hooks.slack.com.evil.example.com/services/T1/A1/x", "none of the services"),
            ("https://hooks.slack.com@evil.example.com/services/T1/A1/x", "none of the services"),
            ("http://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TI", "not sent to"),
            ("https://hooks.slack.com:8443/services/T1/A1/x", "port"),
            ("https://hooks.slack.com/", "not an address that Slack gives"),
            ("workflow://169.254.169.254/643e69f83c8944/KODuebWbDGYFr0z0eu", "not a host of"),
            ("workflow://evil.example.com/643e69f83c8944/KODuebWbDGYFr0z0eu", "not a host of"),
            (f"{TEAMS}&template=/etc/passwd", "template"),
            (f"{SLACK}?verify=no", "verify"),
            (f"{SLACK}?redirect=yes", "redirect"),
            (f"{SLACK}\r\nX: y", "line breaks"),
            (f"{SLACK}é", "ASCII"),
        ],
    )
    def test_refuses_every_other_address_and_says_why(self, url, said):
        with pytest.raises(ChatRefused, match=said):
            check_chat_url(url)

    @given(st.text(max_size=80), st.sampled_from(["", "https://", "slack://", "workflow://"]))
    def test_never_fails_in_another_way(self, text, begin):
        try:
            check_chat_url(begin + text)
        except ChatRefused:
            return


class TestChatSend:
    @pytest.fixture
    def sent(self, monkeypatch):
        """Note what would be sent, and answer as the test says."""
        calls, answer = [], requests.Response()
        answer.status_code, answer._content = 200, b"ok"

        def post(url, **given):
            calls.append((url, given))
            return answer

        monkeypatch.setattr(requests, "post", post)
        monkeypatch.setattr(requests, "request", lambda method, url, **given: post(url, **given))
        return calls, answer

    def test_sends_to_the_host_of_the_service_and_follows_no_redirect(self, sent):
        calls, _ = sent
        chat_send(SLACK, title="Run failed", body="Details")
        ((url, given),) = calls
        assert url.startswith("https://hooks.slack.com/services/")
        assert given["allow_redirects"] is False
        assert given["verify"] is True

    def test_calls_nobody_by_a_name_in_the_text(self, sent):
        calls, _ = sent
        chat_send(SLACK, title="@everyone", body="<!channel> @here & co")
        text = str(calls)
        assert "@everyone" not in text
        assert "@here" not in text
        assert "<!channel>" not in text

    def test_says_what_the_service_answered(self, sent):
        _, answer = sent
        answer.status_code = 403
        with pytest.raises(ChatFailed, match="403"):
            chat_send(SLACK, title="Run failed", body="Details")
