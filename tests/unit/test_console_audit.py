"""What of a page's commands is noted, and how."""

from datetime import UTC, datetime

import pytest

from sdk.audit import AuditWho
from session_manager.console_audit import command_note, is_noted

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
SESSION = "0x" + "5" * 64
WHO = AuditWho(id="1", name="Ada", role="operator")
STOP = {"type": "SessionStopRequested", "charge_point_id": "CP-1", "connector_id": 1, "by": "Ada"}


@pytest.mark.parametrize(
    ("command", "answer", "expected"),
    [
        ("SessionStopRequested", {"type": "SessionStopAccepted"}, True),
        ("SessionStopRequested", {"type": "SessionStopRefused", "reason": "no_session"}, True),
        ("DidPublishRequested", {"type": "StationCommandRefused", "reason": "timeout"}, True),
        ("DidPublishRequested", {"type": "StationCommandRefused", "reason": "invalid"}, False),
        ("Nonsense", {"type": "StationCommandRefused", "reason": "unknown_type"}, False),
        ("BalanceRequested", {"type": "BalanceReported"}, False),
    ],
)
def test_what_is_noted(command: str, answer: dict[str, str], *, expected: bool) -> None:
    assert is_noted({"type": command}, answer) is expected


def test_a_stop_is_about_the_session_that_it_stopped() -> None:
    answer = {"type": "SessionStopAccepted", "session_id": SESSION}
    note = command_note(WHO, STOP, answer, NOON)
    assert (note.session_id, note.connector_id, note.charge_point_id) == (SESSION, 1, "CP-1")
    assert (note.action, note.outcome) == ("SessionStopRequested", "SessionStopAccepted")
    assert (note.who, note.source, note.detail) == (WHO, "console", None)


def test_a_decision_is_told_with_what_became_of_it() -> None:
    asked = {"type": "DisputeResolveRequested", "session_id": SESSION, "decision": "refund"}
    answer = {"type": "DisputeResolveRefused", "session_id": SESSION, "reason": "no_voucher"}
    assert command_note(WHO, asked, answer, NOON).detail == "decision refund, no_voucher"
