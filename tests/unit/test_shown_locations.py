"""Where files go is shown, and how to get in is not: in the state and in kept commands."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cpg.locations import shown_location
from cpg.secrets_of_commands import without_secrets
from sdk.events.envelope import Envelope, read_envelope
from sdk.ids import new_event_id

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("ftp://host/a/b.bin", "ftp://host/a/b.bin"),
        ("ftp://user:hidden@host:21/a", "ftp://host:21/a"),
        ("ftp://user@host/a", "ftp://host/a"),
        ("ftp://user:hid@den@host/a", "ftp://host/a"),
        ("ftp://user:hid/den@host/a", "ftp://host/a"),
        ("https://host/a?sig=hidden#hidden", "https://host/a"),
        ("user:hidden@host/a", "host/a"),
        ("", ""),
    ],
)
def test_a_location_is_shown_without_what_opens_it(url: str, shown: str) -> None:
    assert shown_location(url) == shown


@pytest.mark.parametrize(
    "body",
    [
        {"type": "ChangeConfiguration", "key": "AuthorizationKey", "value": "hidden" * 4},
        {"type": "ChangeConfiguration", "key": "authorizationKEY", "value": "hidden" * 4},
        {"type": "ChangeConfiguration", "key": "VendorPassword", "value": "hidden"},
        {"type": "GetDiagnostics", "location": "ftp://u:hidden@h/"},
        {"type": "UpdateFirmware", "location": "ftp://u:hidden@h/", "retrieve_date": AT},
        {
            "type": "GetLog",
            "log_type": "SecurityLog",
            "request_id": 1,
            "log": {"remoteLocation": "ftp://u:hidden@h/"},
        },
        {
            "type": "SignedUpdateFirmware",
            "request_id": 1,
            "firmware": {
                "location": "ftp://u:hidden@h/",
                "retrieveDateTime": AT,
                "signingCertificate": "c",
                "signature": "s",
            },
        },
    ],
    ids=lambda body: body["type"],
)
def test_a_kept_command_can_be_read_and_holds_no_secret(body: dict[str, Any]) -> None:
    envelope = Envelope.model_validate(
        {
            "id": new_event_id(),
            "charge_point_id": "CP",
            "at": AT,
            "body": {"expires_at": AT, **body},
        }
    )
    assert "hidden" in envelope.to_json()
    text = without_secrets(envelope).to_json()
    assert "hidden" not in text
    assert read_envelope(text).type == body["type"]


def test_a_command_without_secrets_is_kept_as_it_is() -> None:
    body = {"type": "ChangeConfiguration", "expires_at": AT, "key": "k", "value": "v"}
    envelope = Envelope.model_validate(
        {"id": new_event_id(), "charge_point_id": "CP", "at": AT, "body": body}
    )
    assert without_secrets(envelope) is envelope
