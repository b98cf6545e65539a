"""Who may reach the console."""

import pytest
from console_accounts import PASSWORD, quick_passwords

from sdk.accounts import Accounts
from sdk.bus.limits import Limits
from sdk.bus.memory_bus import MemoryBus
from sdk.ids import utc_now
from sdk.settings import SettingsError
from session_manager.console_web import check_reach, is_loopback
from session_manager.sign_ins import SignIns

OTHERS = ["10.0.0.1", "::", "0.0.0.0", "192.168.1.5", "example.org", "", "localhost.evil"]  # noqa: S104 - is refused


@pytest.fixture
def sign_ins() -> SignIns:
    bus = MemoryBus(Limits())
    return SignIns(bus, Accounts(bus, quick_passwords()), utc_now)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
async def test_loopback_is_accepted(host: str, sign_ins: SignIns) -> None:
    assert is_loopback(host)
    await check_reach(host, sign_ins)


@pytest.mark.parametrize("host", OTHERS)
async def test_other_hosts_need_an_administrator(host: str, sign_ins: SignIns) -> None:
    assert not is_loopback(host)
    await sign_ins.accounts.add("op", "operator", PASSWORD)
    with pytest.raises(SettingsError, match=r"CONSOLE_HOST.*noroam account add"):
        await check_reach(host, sign_ins)
    await sign_ins.accounts.add("root", "administrator", PASSWORD)
    sign_ins.forget()
    await check_reach(host, sign_ins)
