"""Every reason that a station can give says what the app may do."""

from typing import Any, get_args

import pytest

from sdk.events.service import FailureReason, Phase, QuoteRefused, ServiceRejected
from sdk.events.signed import RequestRefusal
from sdk.p2p import consumer_errors as errors
from sdk.p2p.advice import (
    QUOTE_ADVICE,
    REQUEST_ADVICE,
    RETRY_AFTER,
    SERVICE_ADVICE,
    Advice,
)
from sdk.p2p.consumer_events import RequestTurnedAway, SessionRejected
from sdk.p2p.way import HUB_REFUSALS

ADVICE = set(get_args(Advice))


def reasons(model: Any) -> set[str]:
    return set(get_args(model.model_fields["reason"].annotation))


@pytest.mark.parametrize(
    ("table", "given"),
    [
        (QUOTE_ADVICE, reasons(QuoteRefused)),
        (SERVICE_ADVICE, reasons(ServiceRejected)),
        (REQUEST_ADVICE, set(get_args(RequestRefusal))),
    ],
)
def test_each_reason_has_its_advice_and_no_other(table: Any, given: set[str]) -> None:
    assert set(table) == given
    assert set(table.values()) <= ADVICE
    later = {reason for reason, advice in table.items() if advice == "later"}
    assert later == given & set(RETRY_AFTER)


def test_all_that_a_hub_may_say_is_a_reason() -> None:
    assert set(get_args(RequestRefusal)) >= HUB_REFUSALS


def test_a_session_that_is_told_of_by_its_failure_has_advice_too() -> None:
    for reason in (*get_args(FailureReason), *get_args(Phase)):
        assert errors.ServiceRejectedError(reason).advice in ADVICE


def test_errors_and_events_say_the_same() -> None:
    for reason in get_args(RequestRefusal):
        error = errors.RequestRefusedError("VoucherReceived", reason)
        assert error.advice == RequestTurnedAway("VoucherReceived", reason).advice
        assert (error.retry_after is not None) == (error.advice == "later")
    for reason in reasons(ServiceRejected):
        assert errors.ServiceRejectedError(reason).advice == SessionRejected(reason).advice
    assert SessionRejected("deposit_missing", 1).advice == "refund_later"
    assert SessionRejected("busy", 1).advice == "refund_later"


def test_each_error_of_a_consumer_has_advice() -> None:
    pending: list[Any] = [errors.ConsumerError]
    while pending:
        kind = pending.pop()
        pending += kind.__subclasses__()
        assert kind.advice in ADVICE
    busy = errors.StationBusyError("SessionResumed", "too_many_requests")
    assert (busy.advice, busy.retry_after) == ("later", RETRY_AFTER["too_many_requests"])
