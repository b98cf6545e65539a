"""How a webhook's request is signed, where it may go, and when it is tried again."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdk.alerts.alert import Alert, PastAlert
from sdk.webhooks.addresses import may_be_reached, networks_of
from sdk.webhooks.delivery import (
    MOST_SHOWN,
    RETRY_AFTER_S,
    Event,
    Outcome,
    StoredDelivery,
    attempted,
    delivery_of,
    event_of,
    surplus,
    waiting,
)
from sdk.webhooks.signature import TOLERANCE_S, is_signed, secret_of, signature_header
from sdk.webhooks.webhook import (
    StoredWebhook,
    WebhookState,
    WrongUrlError,
    check_url,
    disabled_at,
    shown,
    works,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = secret_of("k" * 32, "0123456789ab", "salt")
DOCUMENT = Path(__file__).parents[2] / "docs/webhooks.md"
BAD, GOOD = (
    Outcome(at=NOW, milliseconds=5, status=500, error="it said 500"),
    Outcome(at=NOW, milliseconds=5, status=204),
)


@given(st.binary(max_size=200), st.integers(0, 2**31))
def test_what_is_signed_is_known_again(body: bytes, seconds: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    header = signature_header(SECRET, body, at)
    assert is_signed(SECRET, header, body, at)
    assert not is_signed(SECRET + "x", header, body, at)
    assert not is_signed(SECRET, header, body + b" ", at)
    assert not is_signed(SECRET, header, body, at + timedelta(seconds=TOLERANCE_S + 1))


@given(st.text(max_size=100))
def test_no_text_is_a_signature(header: str) -> None:
    assert not is_signed(SECRET, header, b"{}", NOW)


def test_each_webhook_and_salt_has_a_secret_of_its_own() -> None:
    key = "k" * 32
    found = {SECRET, secret_of(key, "0123456789ac", "salt"), secret_of(key, "0123456789ab", "s")}
    assert len(found | {secret_of("j" * 32, "0123456789ab", "salt")}) == 4
    assert re.fullmatch(r"whsec_[A-Za-z0-9_-]{43}", SECRET)


def test_the_documents_example_is_right() -> None:
    code = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {}
    exec(code[1], names)  # noqa: S102 - it is ours
    body = b'{"id":"1"}'
    header = signature_header(SECRET, body, NOW)
    is_ours = names["is_ours"]
    assert is_ours(SECRET, header, body, NOW.timestamp())
    assert not is_ours(SECRET, header, body + b" ", NOW.timestamp())
    assert not is_ours(SECRET, header, body, NOW.timestamp() + 301)
    assert not is_ours(SECRET, "t=1", body, 1)


PRIVATE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0"),  # noqa: S104
    *("fec0::1", "192.0.0.8", "::127.0.0.1", "64:ff9b:1::7f00:1"),
    *("fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1"),
    *("2002:7f00:1::", "::127.0.0.1", "no address"),
)


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_not_public_is_not_reached(text: str) -> None:
    assert not may_be_reached(text, ())


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_what_is_public_is_reached(text: str) -> None:
    assert may_be_reached(text, ())


def test_only_the_networks_that_were_named_are_reached() -> None:
    named = networks_of(["10.1.0.0/16", "fd00::/8"])
    reached = ("10.1.2.3", "fd00::1", "::ffff:10.1.2.3")
    assert all(may_be_reached(text, named) for text in reached)
    assert not any(may_be_reached(text, named) for text in ("10.2.0.1", "127.0.0.1", "fe80::1"))


@pytest.mark.parametrize(
    "url",
    [
        *("", "ftp://a.example", "https://", "https:///x", "https://u:p@a.example/", "a.example"),
        *("https://a.example/#x", "https://a.example/ x", "https://ä.example/"),
        *("https://a.example:99999/", "https://[::1/", "file:///etc/passwd", "https://a@b.example"),
    ],
)
def test_urls_that_nothing_is_sent_to(url: str) -> None:
    with pytest.raises(WrongUrlError):
        check_url(url)


def test_urls_that_may_be() -> None:
    check_url("https://hooks.example/a?b=c")
    check_url("http://[::1]:8080/")


def _delivery(number: int = 1, **told: Any) -> StoredDelivery:
    event = Event(id=UUID(int=number), type="test", at=NOW)
    return delivery_of(event).model_copy(update=told)


def test_it_is_tried_for_about_a_day() -> None:
    delivery, pauses = _delivery(), []
    while delivery.state == "waiting":
        delivery = attempted(delivery, BAD)
        if delivery.next_attempt_at is not None:
            pauses.append((delivery.next_attempt_at - NOW).total_seconds())
    assert (delivery.state, delivery.attempts) == ("failed", len(RETRY_AFTER_S) + 1)
    assert 22 * 3600 < sum(pauses) < 27 * 3600
    assert pauses == sorted(pauses)
    assert (delivery.body, delivery.error, delivery.response_status) == ("", "it said 500", 500)


def test_what_came_there_is_over() -> None:
    done = attempted(attempted(_delivery(), BAD), GOOD)
    assert (done.state, done.attempts, done.error, done.body) == ("delivered", 2, None, "")
    assert done.id == _delivery().id


def test_each_raising_has_an_event_of_its_own() -> None:
    told = {"id": "offline:CP-1", "kind": "offline", "severity": "warning", "detail": ""}
    first = Alert(**told, since=NOW, raised_at=NOW)
    again = first.model_copy(update={"raised_at": NOW + timedelta(seconds=1)})
    past = PastAlert(**dict(first), cleared_at=NOW)
    events = [event_of(each, NOW) for each in (first, again, past)]
    assert [each.type for each in events] == ["alert.raised", "alert.raised", "alert.cleared"]
    assert len({each.id for each in events}) == 3
    assert event_of(first, NOW + timedelta(days=1)).id == events[0].id
    assert "cleared_at" in delivery_of(events[2]).body


def test_the_oldest_is_tried_first() -> None:
    later = _delivery(1, made_at=NOW + timedelta(seconds=1))
    over = attempted(_delivery(3), GOOD)
    assert waiting([later, _delivery(2), over]) == [_delivery(2), later]


def test_only_the_last_that_ended_are_kept() -> None:
    over = {
        str(n): attempted(_delivery(n), GOOD).model_copy(
            update={"last_attempt_at": NOW + timedelta(seconds=n)}
        )
        for n in range(MOST_SHOWN + 3)
    }
    assert sorted(surplus(over | {"w": _delivery(999)})) == ["0", "1", "2"]


def test_switching_on_again_is_what_counts() -> None:
    webhook = StoredWebhook(
        id="0123456789ab",
        name="ops",
        url="https://a.example",
        enabled_at=NOW,
        made_at=NOW,
        made_by="Ada",
        salt="s",
    )
    after, before = NOW + timedelta(seconds=1), NOW - timedelta(seconds=1)
    assert disabled_at(webhook, WebhookState(disabled_at=after)) == after
    assert disabled_at(webhook, WebhookState(disabled_at=before)) is None
    assert not works(webhook, WebhookState(disabled_at=after))
    assert works(webhook, WebhookState(disabled_at=before))
    assert not works(webhook.model_copy(update={"enabled": False}), WebhookState())
    assert "salt" not in shown(webhook, WebhookState()).model_dump()
