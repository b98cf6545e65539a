"""Who may connect, as the register says; over the bus that lives in memory."""

import base64
import json
from http import HTTPStatus

import pytest

from cpg.gatekeeper import Gatekeeper, Refusal, offers_ocpp, read_credentials, read_id
from sdk.bus import keys
from sdk.bus.memory_bus import MemoryBus
from sdk.register import ChargePointConfig, password_hash
from sdk.tariff import Tariff

KEY = "k" * 32
HEX_KEY = bytes(range(200, 220))


def basic(user: str, password: str | bytes) -> str:
    secret = password.encode() if isinstance(password, str) else password
    return "Basic " + base64.b64encode(user.encode() + b":" + secret).decode()


async def gatekeeper(**fields: str) -> Gatekeeper:
    bus = MemoryBus()
    config = {
        "did": f"did:ethr:0x7a69:0x{'1' * 40}",
        "tariff": json.dumps(Tariff(per_kwh=1000).model_dump(mode="json")),
        **fields,
    }
    await bus.write(keys.config("CP1"), config)
    return Gatekeeper(bus, KEY)


async def status_of(keeper: Gatekeeper, path: str = "/CP1", given: str | None = None) -> int:
    verdict = await keeper.check(path, "ocpp1.6", given)
    return verdict.status.value if isinstance(verdict, Refusal) else 101


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/CP1", "CP1"),
        ("/ocpp/16/CP-1_a.b", "CP-1_a.b"),
        ("/CP%31", "CP1"),
        ("/CP1?token=1", "CP1"),
        ("/", None),
        ("/CP1/", None),
        ("/%00", None),
        ("/..%2fCP1", None),
        ("/CP%FF", None),
        ("/" + "x" * 49, None),
        ("/{CP1}", None),
    ],
)
def test_the_last_segment_is_the_id(path: str, expected: str | None) -> None:
    assert read_id(path) == expected


def test_the_subprotocol_must_be_among_those_offered() -> None:
    assert offers_ocpp("ocpp0.1, ocpp1.6")
    assert not offers_ocpp("ocpp2.0.1,ocpp1.6j")
    assert not offers_ocpp(None)


def test_credentials_are_read_as_bytes() -> None:
    assert read_credentials(basic("CP1", "a:b")) == ("CP1", b"a:b")
    assert read_credentials(basic("CP1", b"\xff\x00")) == ("CP1", b"\xff\x00")
    for header in (None, "", "Bearer x", "Basic !!", "Basic " + base64.b64encode(b"CP1").decode()):
        assert read_credentials(header) is None


async def test_who_is_registered_without_a_password_needs_none() -> None:
    keeper = await gatekeeper()
    verdict = await keeper.check("/x/CP1", "ocpp1.6", None)
    assert isinstance(verdict, ChargePointConfig)
    assert verdict.charge_point_id == "CP1"
    assert await status_of(keeper, given=basic("CP1", "whatever")) == 101


async def test_credentials_that_are_given_must_name_the_charge_point() -> None:
    keeper = await gatekeeper()
    assert await status_of(keeper, given=basic("CP2", "whatever")) == HTTPStatus.UNAUTHORIZED
    assert await status_of(keeper, given="Bearer abc") == HTTPStatus.UNAUTHORIZED


async def test_a_password_is_needed_where_there_is_one() -> None:
    keeper = await gatekeeper(password_hash=password_hash("secret", KEY))
    assert await status_of(keeper, given=basic("CP1", "secret")) == 101
    for wrong in (None, basic("CP1", "Secret"), basic("CP2", "secret"), basic("CP1", ""), "Basic"):
        assert await status_of(keeper, given=wrong) == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("configured", [HEX_KEY.hex(), HEX_KEY.hex().upper()])
async def test_a_key_configured_in_hex_may_be_sent_as_its_bytes(configured: str) -> None:
    keeper = await gatekeeper(password_hash=password_hash(configured, KEY))
    assert await status_of(keeper, given=basic("CP1", HEX_KEY)) == 101
    assert await status_of(keeper, given=basic("CP1", configured)) == 101
    assert await status_of(keeper, given=basic("CP1", HEX_KEY[1:])) == HTTPStatus.UNAUTHORIZED


async def test_a_station_that_needs_tls_is_not_let_in_on_a_plain_socket() -> None:
    secret = password_hash("secret", KEY)
    for profile, expected in (("1", 101), ("2", 401), ("3", 401)):
        keeper = await gatekeeper(security_profile=profile, password_hash=secret)
        assert await status_of(keeper, given=basic("CP1", "secret")) == expected


async def test_the_refusals_before_credentials_matter() -> None:
    keeper = await gatekeeper()
    assert await status_of(keeper, "/CP2") == HTTPStatus.NOT_FOUND
    assert await status_of(keeper, "/CP1/") == HTTPStatus.BAD_REQUEST
    verdict = await keeper.check("/CP1", "ocpp2.0.1", None)
    assert isinstance(verdict, Refusal)
    assert verdict.status == HTTPStatus.BAD_REQUEST


async def test_a_damaged_entry_is_our_fault() -> None:
    keeper = await gatekeeper(tariff="not json")
    assert await status_of(keeper) == HTTPStatus.SERVICE_UNAVAILABLE
