"""Who may connect, as the register says; over the bus that lives in memory."""

import asyncio
import base64
import json
from http import HTTPStatus
from typing import Any

import pytest
from websockets.datastructures import Headers

from cpg.attempts import CONNECTIONS, FAILURES, UNKNOWN
from cpg.gatekeeper import Gatekeeper, Refusal, Trust, offers_ocpp, read_credentials, read_id
from cpg.promotion import promote
from cpg.proxies import Origin, Proxies
from cpg.quarantine import Quarantine, Stranger
from cpg.security_profiles import PLAIN, Admitted, ClientCertificate, Offer
from sdk import logs
from sdk.bus import keys
from sdk.bus.interface import BusUnavailableError
from sdk.bus.memory_bus import MemoryBus
from sdk.ids import utc_now
from sdk.register import Register, password_hash
from sdk.tariff import Tariff

KEY = "k" * 32
HEX_KEY = bytes(range(200, 220))
HERE, THERE = "192.0.2.1", "192.0.2.2"
HASH, NEXT, OTHER = (password_hash(each, KEY) for each in ("secret", "next", "other"))


def basic(user: str, password: str | bytes) -> str:
    secret = password.encode() if isinstance(password, str) else password
    return "Basic " + base64.b64encode(user.encode() + b":" + secret).decode()


class Reads(MemoryBus):
    """Counts what is read; refuses while it is `away`."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.away = False

    async def read(self, key: str) -> dict[str, str]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.away:
            raise BusUnavailableError("away")
        return await super().read(key)


async def gatekeeper(
    bus: MemoryBus | None = None,
    quarantine: Quarantine | None = None,
    organization: str | None = None,
    **fields: str,
) -> Gatekeeper:
    bus = bus or MemoryBus()
    config = {
        "did": f"did:ethr:0x7a69:0x{'1' * 40}",
        "tariff": json.dumps(Tariff(per_kwh=1000).model_dump(mode="json")),
        **fields,
    }
    await bus.write(keys.config("CP1"), config)
    trust = Trust(organization=organization)
    return Gatekeeper(bus, KEY, quarantine=quarantine, trust=trust, seconds=lambda: 0)


async def status_of(
    keeper: Gatekeeper, path: str = "/CP1", given: str | None = None, address: str = HERE
) -> int:
    verdict = await keeper.check(path, "ocpp1.6", given, address)
    return verdict.status.value if isinstance(verdict, Refusal) else 101


async def refusal(
    keeper: Gatekeeper, path: str = "/CP1", given: str | None = None, address: str = HERE
) -> Refusal:
    verdict = await keeper.check(path, "ocpp1.6", given, address)
    assert isinstance(verdict, Refusal)
    return verdict


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/CP1", "CP1"),
        ("/ocpp/16/CP-1_a.b", "CP-1_a.b"),
        ("/CP%31", "CP1"),
        ("/CP1?token=1", "CP1"),
        ("/CP1?a=/b", "CP1"),
        ("//CP1", "CP1"),
        ("/a/b/CP1", "CP1"),
        ("ws://host:9000/CP1", "CP1"),
        ("", None),
        ("?/CP1", None),
        ("//[", None),
        ("/..%2f..", None),
        ("/CP1%0A", None),
        ("/" + "x" * 300, None),
        ("/" + "%41" * 48, "A" * 48),
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
    assert read_credentials(basic("CP1", "x").replace("Basic ", "bAsIc  ")) == ("CP1", b"x")
    for header in (
        *(None, "", "Bearer x", "Basic", "Basic !!", basic("CP1", "x") + ", " + basic("CP1", "y")),
        "Basic " + base64.b64encode(b"CP1").decode(),
        "Basic " + base64.b64encode(b"\xff:x").decode(),
        basic("CP1", "x" * 1000),
    ):
        assert read_credentials(header) is None


async def test_who_is_registered_without_a_password_needs_none() -> None:
    keeper = await gatekeeper()
    verdict = await keeper.check("/x/CP1", "ocpp0.1,ocpp1.6", None, HERE)
    assert isinstance(verdict, Admitted)
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


OWN, FOREIGN = ClientCertificate("CP1", "Acme"), ClientCertificate("CP2", "Acme")
TLS, CERTIFIED = Offer(is_encrypted=True), Offer(is_encrypted=True, certificate=OWN)
RIGHT, WRONG = basic("CP1", "secret"), basic("CP1", "wrong")


@pytest.mark.parametrize(
    ("offer", "given", "lets_in"),
    [
        (PLAIN, None, ""),
        (PLAIN, WRONG, ""),
        (PLAIN, RIGHT, "01"),
        (TLS, None, ""),
        (TLS, WRONG, ""),
        (TLS, RIGHT, "012"),
        (CERTIFIED, None, "0123"),
        (CERTIFIED, WRONG, "0123"),
        (CERTIFIED, RIGHT, "0123"),
        (Offer(is_encrypted=True, certificate=FOREIGN), RIGHT, ""),
    ],
)
async def test_who_offers_less_than_is_stored_is_refused(
    offer: Offer, given: str | None, lets_in: str
) -> None:
    for stored in "0123":
        keeper = await gatekeeper(security_profile=stored, password_hash=HASH)
        verdict = await keeper.check("/CP1", "ocpp1.6", given, HERE, offer)
        assert isinstance(verdict, Admitted) == (stored in lets_in), stored
        if isinstance(verdict, Refusal):
            assert (verdict.status, verdict.text) == (401, "wrong or missing credentials\n")
            assert verdict.reason


async def test_a_profile_above_0_needs_something_to_show() -> None:
    for stored, expected in (("0", 101), ("1", 401), ("2", 401), ("3", 401)):
        keeper = await gatekeeper(security_profile=stored)
        assert await status_of(keeper) == expected
        assert await status_of(keeper, given=RIGHT) == expected


async def test_the_certificate_s_operator_matters_where_one_is_set() -> None:
    for organization, expected in ((None, True), ("Acme", True), ("acme", False), ("", False)):
        keeper = await gatekeeper(security_profile="3", organization=organization)
        verdict = await keeper.check("/CP1", "ocpp1.6", None, HERE, CERTIFIED)
        assert isinstance(verdict, Admitted) == expected


@pytest.mark.parametrize(
    ("fields", "offer", "given", "proven"),
    [
        ({}, PLAIN, RIGHT, {}),
        ({"next_password_hash": NEXT}, PLAIN, RIGHT, {}),
        ({"next_password_hash": NEXT}, PLAIN, basic("CP1", "next"), {"password_hash": NEXT}),
        ({"next_password_hash": NEXT}, CERTIFIED, None, {}),
        ({"next_security_profile": "2"}, PLAIN, RIGHT, {}),
        ({"next_security_profile": "2"}, TLS, RIGHT, {"security_profile": 2}),
        ({"next_security_profile": "2"}, CERTIFIED, None, {"security_profile": 2}),
        ({"next_security_profile": "3"}, TLS, RIGHT, {}),
        ({"next_security_profile": "3"}, CERTIFIED, None, {"security_profile": 3}),
        ({"security_profile": "2", "next_security_profile": "1"}, TLS, RIGHT, {}),
        ({"security_profile": "2", "next_security_profile": "2"}, TLS, RIGHT, {}),
        (
            {"next_password_hash": NEXT, "next_security_profile": "2"},
            TLS,
            basic("CP1", "next"),
            {"password_hash": NEXT, "security_profile": 2},
        ),
    ],
)
async def test_what_was_sent_is_proven_by_who_shows_it(
    fields: dict[str, str], offer: Offer, given: str | None, proven: dict[str, Any]
) -> None:
    keeper = await gatekeeper(
        None, None, None, **{"security_profile": "1", "password_hash": HASH, **fields}
    )
    verdict = await keeper.check("/CP1", "ocpp1.6", given, HERE, offer)
    assert isinstance(verdict, Admitted)
    assert verdict.proven == proven
    assert HASH not in repr(verdict.proven)


async def test_a_first_password_is_proven_too() -> None:
    keeper = await gatekeeper(next_password_hash=NEXT)
    assert await status_of(keeper) == 101
    verdict = await keeper.check("/CP1", "ocpp1.6", basic("CP1", "next"), HERE)
    assert isinstance(verdict, Admitted)
    assert verdict.proven == {"password_hash": NEXT}


async def test_what_was_proven_stays_as_it_is_where_it_was_changed_since() -> None:
    bus, log = MemoryBus(), logs.get_logger("test")
    await gatekeeper(bus, password_hash=HASH, next_password_hash=NEXT, next_security_profile="1")
    register = Register(bus)
    proven = {"password_hash": NEXT, "security_profile": 1}
    await register.set("CP1", next_password_hash=OTHER, next_security_profile=2)
    await promote(register, Admitted(await register.get("CP1"), proven), log)
    now = await register.get("CP1")
    assert (now.password_hash, now.next_password_hash) == (HASH, OTHER)
    assert (now.security_profile, now.next_security_profile) == (0, 2)
    await register.set("CP1", next_security_profile=1, security_profile=3)
    await promote(register, Admitted(now, proven), log)
    assert (await register.get("CP1")).security_profile == 3
    await register.remove("CP1")
    await promote(register, Admitted(now, proven), log)


async def test_headers_of_a_proxy_that_are_not_clear_are_refused() -> None:
    trust = Trust(Proxies([HERE]))
    keeper = Gatekeeper(MemoryBus(), KEY, trust=trust)
    headers = Headers({"X-Forwarded-Proto": "nonsense"}).get_all
    verdict = keeper.origin(HERE, PLAIN, headers)
    assert isinstance(verdict, Refusal)
    assert (verdict.status, verdict.reason) == (HTTPStatus.BAD_REQUEST, "X-Forwarded-Proto")
    assert keeper.origin(THERE, PLAIN, headers) == Origin(THERE, PLAIN)


async def test_the_refusals_before_credentials_matter() -> None:
    keeper = await gatekeeper()
    assert await status_of(keeper, "/CP2") == HTTPStatus.NOT_FOUND
    assert await status_of(keeper, "/CP1/") == HTTPStatus.BAD_REQUEST
    verdict = await keeper.check("/CP1", "ocpp2.0.1", None, HERE)
    assert isinstance(verdict, Refusal)
    assert verdict.status == HTTPStatus.BAD_REQUEST


async def test_a_damaged_entry_is_our_fault() -> None:
    keeper = await gatekeeper(tariff="not json")
    assert await status_of(keeper) == HTTPStatus.SERVICE_UNAVAILABLE
    assert ("Retry-After", "10") in (await refusal(keeper)).headers


async def test_redis_that_is_away_is_our_fault_too() -> None:
    bus = Reads()
    keeper = await gatekeeper(bus)
    bus.away = True
    away = await refusal(keeper)
    assert away.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert ("Retry-After", "10") in away.headers


async def test_a_handshake_reads_the_register_once() -> None:
    bus = Reads()
    keeper = await gatekeeper(bus)
    for path, reads in (("/CP1", 1), ("/CP2", 1), ("/CP1/", 0)):
        bus.reads = 0
        await status_of(keeper, path)
        assert bus.reads == reads


async def test_wrong_credentials_are_told_alike_whatever_is_wrong() -> None:
    keeper = await gatekeeper(password_hash=HASH)
    causes = (None, "Basic !!", basic("CP2", "secret"), basic("CP1", "wrong"), basic("", ""))
    first, *others = [await refusal(keeper, given=cause) for cause in causes]
    assert first.status == HTTPStatus.UNAUTHORIZED
    assert ("WWW-Authenticate", 'Basic realm="ocpp", charset="UTF-8"') in first.headers
    assert others == [first] * 4


async def test_too_many_failures_are_refused_unseen_and_others_are_not_hurt() -> None:
    keeper = await gatekeeper(password_hash=HASH)
    right, wrong = basic("CP1", "secret"), basic("CP1", "wrong")
    assert [await status_of(keeper, given=wrong) for _ in range(FAILURES)] == [401] * FAILURES
    late = await refusal(keeper, given=right)
    assert late.status == HTTPStatus.TOO_MANY_REQUESTS
    assert late.headers == (("Retry-After", "6"),)
    assert await status_of(keeper, given=right, address=THERE) == 101
    assert await status_of(keeper, "/CP2") == HTTPStatus.NOT_FOUND


async def test_guesses_that_come_at_once_are_counted_like_those_that_come_in_turn() -> None:
    keeper = await gatekeeper(Reads(), password_hash=HASH)
    guesses = [basic("CP1", str(number)) for number in range(50)] + [basic("CP1", "secret")]
    statuses = await asyncio.gather(*(status_of(keeper, given=guess) for guess in guesses))
    assert statuses == [401] * FAILURES + [429] * (51 - FAILURES)


async def test_who_asks_for_unknown_ids_all_the_time_is_told_to_stop() -> None:
    keeper = await gatekeeper()
    statuses = [await status_of(keeper, f"/X{number}") for number in range(UNKNOWN + 5)]
    assert statuses == [404] * UNKNOWN + [429] * 5
    assert await status_of(keeper) == 101
    assert await status_of(keeper, "/X1", address=THERE) == HTTPStatus.NOT_FOUND


async def test_a_flapping_charge_point_is_slowed_down() -> None:
    keeper = await gatekeeper()
    assert [await status_of(keeper) for _ in range(CONNECTIONS)] == [101] * CONNECTIONS
    assert (await refusal(keeper)).headers == (("Retry-After", "1"),)


async def test_a_stranger_is_let_into_quarantine_with_what_it_presents() -> None:
    quarantine = Quarantine(MemoryBus(), utc_now, most=1)
    keeper = await gatekeeper(quarantine=quarantine)
    for given, kept in (
        (None, None),
        (basic("CP9", "own"), password_hash("own", KEY)),
        (basic("CP9", b"\xff"), password_hash(b"\xff", KEY)),
        (basic("CP9", ""), None),
        (basic("CP8", "own"), None),
    ):
        verdict = await keeper.check("/CP9", "ocpp1.6", given, HERE)
        assert verdict == Stranger("CP9", kept, HERE)
        assert kept is None or kept not in repr(verdict)
    assert await status_of(keeper, "/CP9/") == HTTPStatus.BAD_REQUEST
    assert await status_of(keeper, given="Basic x") == HTTPStatus.UNAUTHORIZED


async def test_a_full_quarantine_is_told_as_such() -> None:
    quarantine = Quarantine(MemoryBus(), utc_now, interval=30, most=1)
    keeper = await gatekeeper(quarantine=quarantine)
    with quarantine.seat():
        full = await refusal(keeper, "/CP9")
        assert full.status == HTTPStatus.TOO_MANY_REQUESTS
        assert full.headers == (("Retry-After", "30"),)
        assert await status_of(keeper) == 101
    assert await status_of(keeper, "/CP9") == 101
