"""Who may reach the console."""

import pytest

from sdk.settings import SettingsError
from session_manager.console_web import check_loopback, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_is_accepted(host: str) -> None:
    assert is_loopback(host)
    check_loopback(host)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "::", "192.168.1.5", "example.org", "", "localhost.evil"]
)
def test_other_hosts_are_refused_with_the_variable_named(host: str) -> None:
    with pytest.raises(SettingsError, match="CONSOLE_HOST"):
        check_loopback(host)
