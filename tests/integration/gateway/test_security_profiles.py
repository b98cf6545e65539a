"""Each security profile on real sockets: who is let in, who is not, and what raises a profile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from certificates import CPO, Ca
from cpg_world import CREDENTIAL_KEY
from tls_world import TlsWorld, came, outcome, tls_gateway

from cpg.gatekeeper import Trust
from cpg.proxies import Proxies
from sdk.ids import utc_now
from sdk.register import ChargePointConfig, Register, password_hash

OLD, NEW = password_hash("old", CREDENTIAL_KEY), password_hash("new", CREDENTIAL_KEY)


@pytest.fixture
def ca(tmp_path: Path) -> Ca:
    return Ca(tmp_path)


@pytest.fixture
def foreign(tmp_path: Path) -> Ca:
    """Another authority, of an operator of the same name."""
    return Ca(tmp_path / "foreign")


@pytest.fixture
async def tls(redis_url: str, ca: Ca) -> AsyncIterator[TlsWorld]:
    trust = Trust(organization=CPO)
    async with tls_gateway(redis_url, ca.files(revoked=True), trust) as world:
        yield world


@pytest.fixture
def cp() -> str:
    return f"CP-{token_hex(4)}"


async def config(world: TlsWorld, cp: str) -> ChargePointConfig:
    return await Register(world.bus).get(cp)


@pytest.mark.parametrize(
    ("stored", "plain", "encrypted"),
    [("0", 101, 101), ("1", 101, 101), ("2", 401, 101), ("3", 401, 401)],
)
async def test_nobody_comes_in_below_the_stored_profile(
    tls: TlsWorld, ca: Ca, cp: str, stored: str, plain: int, encrypted: int
) -> None:
    await tls.register(cp, security_profile=stored, password_hash=OLD)
    context, own = ca.client(), ca.client(ca.charge_point(cp))
    assert await outcome(tls.url, cp) == 401
    assert await outcome(tls.url, cp, password="old") == plain
    assert await outcome(tls.wss, cp, context) == 401
    assert await outcome(tls.wss, cp, context, password="old") == encrypted
    assert await outcome(tls.wss, cp, own) == 101
    assert await outcome(tls.wss, cp, own, password="old") == 101


@pytest.mark.parametrize(("stored", "status"), [("0", 101), ("1", 401), ("2", 401), ("3", 401)])
async def test_without_a_password_only_profile_0_is_open(
    tls: TlsWorld, ca: Ca, cp: str, stored: str, status: int
) -> None:
    await tls.register(cp, security_profile=stored)
    assert await outcome(tls.url, cp) == status
    assert await outcome(tls.url, cp, password="any") == status
    assert await outcome(tls.wss, cp, ca.client()) == status
    assert await outcome(tls.wss, cp, ca.client(), password="any") == status


async def test_certificates_that_prove_nothing(tls: TlsWorld, ca: Ca, foreign: Ca, cp: str) -> None:
    await tls.register(cp, security_profile="3")
    for name, pair in {
        "foreign root": foreign.charge_point(cp),
        "a gateway's own": ca.server(),
    }.items():
        assert await outcome(tls.wss, cp, ca.client(pair)) == "tls", name
    assert await outcome(tls.wss, cp, ca.client(ca.charge_point(f"{cp}x"))) == 401
    assert await outcome(tls.wss, cp, ca.client(ca.charge_point(cp))) == 101


async def test_an_expired_certificate_is_refused(redis_url: str, cp: str, tmp_path: Path) -> None:
    past = [timedelta(days=10)]
    ca = Ca(tmp_path, clock=lambda: utc_now() - past[0], days=9)
    expired = ca.client(ca.charge_point(cp))
    past[0] = timedelta(0)
    fresh = ca.client(ca.charge_point(cp))
    async with tls_gateway(redis_url, ca.files()) as world:
        await world.register(cp, security_profile="3")
        assert await outcome(world.wss, cp, expired) == "tls"
        assert await outcome(world.wss, cp, fresh) == 101


async def test_another_operator_s_certificate_is_refused(
    redis_url: str, cp: str, tmp_path: Path
) -> None:
    ca = Ca(tmp_path, cpo_name="Other")
    own = ca.client(ca.charge_point(cp))
    async with tls_gateway(redis_url, ca.files(), Trust(organization=CPO)) as world:
        await world.register(cp, security_profile="0")
        assert await outcome(world.wss, cp, own) == 401
        assert await outcome(world.url, cp) == 101
    async with tls_gateway(redis_url, ca.files()) as world:
        assert await outcome(world.wss, cp, own) == 101


async def test_a_revoked_certificate_is_refused_without_a_restart(
    tls: TlsWorld, ca: Ca, cp: str
) -> None:
    await tls.register(cp, security_profile="3")
    lost = ca.client(ca.charge_point(cp))
    assert await outcome(tls.wss, cp, lost) == 101
    ca.authority.revoke(ca.authority.issued()[-1].serial)
    assert await outcome(tls.wss, cp, lost) == "tls"
    assert await outcome(tls.wss, cp, ca.client(ca.charge_point(cp))) == 101


async def test_without_trusted_roots_nobody_reaches_profile_3(
    redis_url: str, ca: Ca, cp: str
) -> None:
    server = ca.files()
    bare = type(server)(server.certificate, server.key)
    async with tls_gateway(redis_url, bare) as world:
        await world.register(cp, security_profile="3", password_hash=OLD)
        assert await outcome(world.wss, cp, ca.client(ca.charge_point(cp)), password="old") == 401


async def test_the_new_password_ends_the_old_one(tls: TlsWorld, cp: str) -> None:
    await tls.register(cp, password_hash=OLD, next_password_hash=NEW)
    assert await outcome(tls.url, cp, password="old") == 101
    assert (await config(tls, cp)).password_hash == OLD
    async with came(tls.url, cp, password="new"):
        await until(tls, cp, lambda now: now.password_hash == NEW)
        assert (await config(tls, cp)).next_password_hash is None
        assert await outcome(tls.url, cp, password="old") == 401
    assert await outcome(tls.url, cp, password="new") == 101


async def test_a_wrong_password_proves_nothing(tls: TlsWorld, cp: str) -> None:
    await tls.register(cp, password_hash=OLD, next_password_hash=NEW)
    assert await outcome(tls.url, cp, password="neither") == 401
    assert (await config(tls, cp)).next_password_hash == NEW


async def test_a_profile_is_raised_by_the_first_connection_that_has_it(
    tls: TlsWorld, ca: Ca, cp: str
) -> None:
    context, own = ca.client(), ca.client(ca.charge_point(cp))
    await tls.register(cp, security_profile="1", next_security_profile="2", password_hash=OLD)
    assert await outcome(tls.url, cp, password="old") == 101
    assert (await config(tls, cp)).security_profile == 1
    async with came(tls.wss, cp, context, password="old"):
        await until(tls, cp, lambda now: now.security_profile == 2)
        assert await outcome(tls.url, cp, password="old") == 401
    await Register(tls.bus).set(cp, next_security_profile=3)
    assert await outcome(tls.wss, cp, context, password="old") == 101
    async with came(tls.wss, cp, own):
        await until(tls, cp, lambda now: now.security_profile == 3)
        assert (await config(tls, cp)).next_security_profile is None
        assert await outcome(tls.wss, cp, context, password="old") == 401


async def test_a_socket_that_shows_too_little_for_a_raised_profile_is_closed(
    tls: TlsWorld, ca: Ca, cp: str
) -> None:
    await tls.register(cp, security_profile="1", password_hash=OLD)
    async with came(tls.url, cp, password="old") as plain:
        await Register(tls.bus).set(cp, next_security_profile=2)
        assert await plain.tell("Heartbeat", {}), "what is only announced closes nothing"
        await Register(tls.bus).set(cp, security_profile=2, next_security_profile=None)
        await plain.socket.wait_closed()
    async with came(tls.wss, cp, ca.client(), password="old") as encrypted:
        await Register(tls.bus).set(cp, name="Shop")
        assert await encrypted.tell("Heartbeat", {})


async def test_a_profile_is_never_lowered(tls: TlsWorld, ca: Ca, cp: str) -> None:
    await tls.register(cp, security_profile="2", next_security_profile="1", password_hash=OLD)
    assert await outcome(tls.url, cp, password="old") == 401
    assert await outcome(tls.wss, cp, ca.client(), password="old") == 101
    assert (await config(tls, cp)).security_profile == 2


def forwarded(*pairs: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, _, value in (pair.partition("=") for pair in pairs))


def of_certificate(subject: str, *more: str) -> tuple[tuple[str, str], ...]:
    headers = (f"X-SSL-Client-S-DN={subject}", "X-SSL-Client-Verify=SUCCESS")
    return forwarded("X-Forwarded-Proto=https", *headers, *more)


async def test_a_trusted_proxy_may_end_tls(redis_url: str, ca: Ca, cp: str) -> None:
    trust = Trust(Proxies(["127.0.0.0/8"]), CPO)
    async with tls_gateway(redis_url, ca.files(), trust) as world:
        await world.register(cp, security_profile="2", password_hash=OLD)
        for headers, status in (
            ((), 401),
            (forwarded("X-Forwarded-Proto=https"), 101),
            (forwarded("X-Forwarded-Proto=WSS"), 101),
            (forwarded("X-Forwarded-Proto=http"), 401),
            (forwarded("X-Forwarded-Proto=https,http"), 400),
            (forwarded("X-Forwarded-Proto=https", "X-Forwarded-Proto=https"), 400),
            (forwarded("X-Forwarded-Proto=https", "X-Forwarded-For=nonsense"), 400),
            (of_certificate(f"CN={cp},O={CPO}"), 101),
            (of_certificate(f"CN={cp}x,O={CPO}"), 401),
        ):
            got = await outcome(world.url, cp, password="old", headers=headers)
            assert got == status, headers
        await Register(world.bus).set(cp, security_profile=3)
        for headers, status in (
            (of_certificate(f"CN={cp},O={CPO}"), 101),
            (of_certificate(f"/O={CPO}/CN={cp}"), 101),
            (of_certificate(f"CN={cp},O=Other"), 401),
            (of_certificate(f"CN={cp},CN={cp},O={CPO}"), 400),
            (forwarded("X-Forwarded-Proto=https"), 401),
        ):
            assert await outcome(world.url, cp, headers=headers) == status, headers


async def test_nobody_else_is_believed(tls: TlsWorld, cp: str) -> None:
    await tls.register(cp, security_profile="2", password_hash=OLD)
    for headers in (
        forwarded("X-Forwarded-Proto=https"),
        of_certificate(f"CN={cp},O={CPO}"),
        forwarded("X-Forwarded-Proto=https", "X-Forwarded-Proto=https"),
    ):
        assert await outcome(tls.url, cp, password="old", headers=headers) == 401


async def test_behind_a_proxy_only_who_guesses_is_locked_out(
    redis_url: str, ca: Ca, cp: str
) -> None:
    trust = Trust(Proxies(["127.0.0.1"]))
    async with tls_gateway(redis_url, ca.files(), trust) as world:
        await world.register(cp, password_hash=OLD)
        guesser = forwarded("X-Forwarded-For=203.0.113.9, 198.51.100.7")
        statuses = [
            await outcome(world.url, cp, password=f"guess {number}", headers=guesser)
            for number in range(11)
        ]
        assert statuses == [401] * 10 + [429]
        other = forwarded("X-Forwarded-For=198.51.100.7, 203.0.113.9")
        assert await outcome(world.url, cp, password="old", headers=other) == 101


async def until(world: TlsWorld, cp: str, holds: Callable[[ChargePointConfig], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds(await config(world, cp)):  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.02)
