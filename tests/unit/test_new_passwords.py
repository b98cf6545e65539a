"""What may be sent as AuthorizationKey."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from cpg.passwords import new_password
from sdk.events.operations import ChangeConfiguration, ReplacePassword

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "is_right"),
    [
        ("a" * 15, False),
        ("z" * 16, True),
        ("z" * 40, True),
        ("z" * 41, False),
        ("a password of words!", True),
        ("ünprintable in ascii", False),
        ("line\nbreaks are worse", False),
        ("0123456789abcdef" * 2, True),
        ("0123456789ABCDEF" * 2, True),
        ("0123456789ABCDef" * 2, False),
        ("0123456789ABCDefg", True),
        ("", False),
    ],
)
@pytest.mark.parametrize("key", ["AuthorizationKey", "authorizationkey"])
def test_a_password_is_long_enough_and_can_be_typed(key: str, value: str, is_right: bool) -> None:  # noqa: FBT001
    try:
        ChangeConfiguration(expires_at=AT, key=key, value=value)
    except ValidationError as error:
        assert not is_right
        told = error.errors(include_input=False, include_url=False, include_context=False)
        assert value == "" or value not in str(told)
    else:
        assert is_right


def test_other_keys_take_anything() -> None:
    assert ChangeConfiguration(expires_at=AT, key="HeartbeatInterval", value="").value == ""


def test_a_made_password_is_twenty_bytes_and_never_the_same() -> None:
    made = {new_password(ReplacePassword(expires_at=AT)).value for _ in range(20)}
    assert len(made) == 20
    assert {len(bytes.fromhex(value)) for value in made} == {20}
    assert all(value == value.lower() for value in made)
