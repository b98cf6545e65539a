"""Conformance cases of the security extension: passwords, profiles, TLS and the handshake."""

import secrets
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from case_table import CaseTable
from cases_world import PASSWORD, Played, Stage
from certificates import Ca, Pair
from cpg_world import CREDENTIAL_KEY, Json
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from tls_world import basic, outcome
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from sdk.ca.files import key_pem, pem, read_root
from sdk.charge_point_config import password_hash
from sdk.events.charge_point import ChargePointBooted, ChargePointConnected

CASES = CaseTable()
_CIPHERS = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384")
"""What the white paper demands of a server whose key is of an elliptic curve."""


@CASES.plays("TC_073_CSMS")
async def new_password(stage: Stage) -> None:
    await _register(stage, profile=1)
    key = secrets.token_hex(20)
    async with stage.charge_point(password=PASSWORD):
        await stage.news.next(ChargePointConnected)
        change = {"key": "AuthorizationKey", "value": key}
        assert (await stage.ask("ChangeConfiguration", change)).status == "Accepted"
        await stage.news.next(ChargePointConnected)
        assert await _heartbeat(stage) == "Accepted", "it is there by its new password"
    assert await outcome(stage.world.url, stage.cp, password=PASSWORD) == 401
    assert await outcome(stage.world.url, stage.cp, password=key) == 101


@CASES.plays("TC_083_CSMS")
async def upgrade_of_the_security_profile(stage: Stage) -> None:
    await _register(stage, profile=1)
    async with stage.charge_point(password=PASSWORD) as played:
        change = {"key": "SecurityProfile", "value": "2"}
        assert (await stage.ask("ChangeConfiguration", change)).status == "RebootRequired"
        assert await stage.security_profile() == "1"
        assert (await stage.ask("Reset", {"type": "Hard"})).status == "Accepted"
        await stage.news.next(ChargePointBooted)
        assert played.parts.security.url.startswith("wss:")
        await stage.rises_to("2")
        lower = {**change, "value": "1"}
        assert (await stage.ask("ChangeConfiguration", lower)).outcome == "refused"
    assert await outcome(stage.world.url, stage.cp, password=PASSWORD) == 401
    tls = stage.ca.client()
    assert await outcome(stage.world.wss, stage.cp, tls, password=PASSWORD) == 101


@CASES.plays("TC_085_CSMS")
async def basic_authentication(stage: Stage) -> None:
    key = secrets.token_hex(20)
    for password in (PASSWORD, key):
        await _register(stage, profile=1, password=password)
        async with stage.charge_point(password=password):
            assert await _heartbeat(stage) == "Accepted"
        assert await outcome(stage.world.url, stage.cp, password=password) == 101
        assert await outcome(stage.world.url, stage.cp, password=f"{password[:-1]}x") == 401
        assert await outcome(stage.world.url, stage.cp) == 401
        somebody = ("Authorization", basic("SOMEBODY", password))
        assert await outcome(stage.world.url, stage.cp, headers=(somebody,)) == 401


@CASES.plays("TC_086_CSMS")
async def server_certificate(stage: Stage) -> None:
    await _register(stage, profile=2)
    async with _over_tls(stage) as (played, connection):
        assert await _heartbeat(stage) == "Accepted"
        assert connection.version() in ("TLSv1.2", "TLSv1.3")
        assert ("DNS", "localhost") in connection.getpeercert()["subjectAltName"]
        assert played.state.options.ca_file
    for cipher in _CIPHERS:
        context = stage.ca.client()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(cipher)
        assert await outcome(stage.world.wss, stage.cp, context, password=PASSWORD) == 101
    weak = stage.ca.client()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    stranger = ssl.create_default_context()
    for context in (weak, _old(stage.ca.client()), stranger):
        assert await outcome(stage.world.wss, stage.cp, context, password=PASSWORD) == "tls"


@CASES.plays("TC_087_CSMS")
async def client_certificate(stage: Stage) -> None:
    await _register(stage, profile=3)
    own, other = stage.ca.charge_point(stage.cp), stage.ca.charge_point("SOMEBODY")
    async with _over_tls(stage, own) as (played, _):
        assert await _heartbeat(stage) == "Accepted"
        assert played.parts.security.credentials() == {}
    wss, client = stage.world.wss, stage.ca.client
    assert await outcome(wss, stage.cp, client(other)) == 401
    assert await outcome(wss, stage.cp, client(), password=PASSWORD) == 401
    assert await outcome(wss, stage.cp, client(_of_another_operator(stage))) == 401
    foreign = Ca(stage.ca.folder / "foreign").charge_point(stage.cp)
    assert await outcome(wss, stage.cp, client(foreign)) == "tls"
    assert await outcome(wss, stage.cp, client(own)) == 101


@CASES.plays("TC_088_CSMS")
async def subprotocol(stage: Stage) -> None:
    url = f"{stage.world.url}/{stage.cp}"
    known: Json = {"additional_headers": {"Authorization": basic(stage.cp, PASSWORD)}}
    for offered in (["ocpp0.1"], None):
        with pytest.raises(InvalidStatus) as refused:
            await connect(url, subprotocols=offered, **known)  # type: ignore[arg-type]
        assert refused.value.response.status_code == 400
    async with connect(url, subprotocols=["ocpp0.1", "ocpp1.6"], **known) as socket:  # type: ignore[list-item]
        assert socket.subprotocol == "ocpp1.6"
    async with stage.charge_point():
        assert await _heartbeat(stage) == "Accepted"


async def _register(stage: Stage, *, profile: int, password: str = PASSWORD) -> None:
    await stage.world.register(
        stage.cp,
        password_hash=password_hash(password, CREDENTIAL_KEY),
        security_profile=str(profile),
    )


async def _heartbeat(stage: Stage) -> str:
    return (await stage.ask("TriggerMessage", {"requestedMessage": "Heartbeat"})).status


@asynccontextmanager
async def _over_tls(stage: Stage, pair: Pair | None = None) -> AsyncIterator[tuple[Played, Any]]:
    options: Json = {"url": stage.world.wss}
    if pair is None:
        options["password"] = PASSWORD
    else:
        options |= {"certificate": str(pair.certificate), "key": str(pair.key)}
    async with stage.charge_point(**options) as played:
        assert played.uplink.connection is not None
        yield played, played.uplink.connection.transport.get_extra_info("ssl_object")


def _old(context: ssl.SSLContext) -> ssl.SSLContext:
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def _of_another_operator(stage: Stage) -> Pair:
    """Give a certificate of the same root and CN whose O is somebody else's."""
    root, root_key = read_root(stage.ca.authority.folder)
    key = ec.generate_private_key(ec.SECP256R1())
    names = {NameOID.COMMON_NAME: stage.cp, NameOID.ORGANIZATION_NAME: "Somebody"}
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(*each) for each in names.items()]))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(root.not_valid_before_utc)
        .not_valid_after(root.not_valid_after_utc)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    return stage.ca.write("another-operator", key_pem(key), pem(made))


@pytest.mark.parametrize("case_id", CASES)
async def test_case(case_id: str, stage: Stage) -> None:
    await CASES[case_id](stage)
