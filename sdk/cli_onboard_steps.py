"""The steps of `noroam onboard`: each looks first whether it is done already."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from sdk.bus import keys
from sdk.bus.interface import Bus
from sdk.charge_point_config import ChargePointConfig
from sdk.cli_authority_issue import Peer, Term, issue_credential
from sdk.cli_context import run_on_bus, settings
from sdk.did.credential import StationSubject, read_credential
from sdk.did.errors import DidError
from sdk.errors import InvalidInputError, UnavailableError
from sdk.events.station import DidPublished, DidPublishFailed, DidPublishRequested
from sdk.ids import utc_now
from sdk.register import Register
from sdk.station import CommandTimeoutError, Station

Tell = Callable[[str], None]
_DAYS = 365
_ANSWER_S = 20.0
_LOOK_S = 1.0
_NOBODY = "no Session Manager answers: is `noroam up` running?"


def with_credential(
    config: ChargePointConfig, authority_key_file: Path | None, tell: Tell
) -> ChargePointConfig:
    """Make sure that the register holds a credential over the station and its P2P server.

    One is issued by the authority whose keystore is here. Raises InvalidInputError that says what
    the authority has to do, where it is elsewhere.
    """
    subject = _peer(config).subject(config.charge_point_id, config.did)
    if _holds(config.credential, subject):
        tell("the credential is there")
        return config
    if authority_key_file is None:
        raise InvalidInputError(
            "the authority has to run `noroam authority issue "
            f"{config.charge_point_id} --did {config.did} --ed25519 {subject.ed25519} "
            f"--x25519 {subject.x25519}`; then repeat this with what it wrote, by "
            "--credential-file"
        )
    token = issue_credential(authority_key_file, subject, Term.of(utc_now(), _DAYS, None))
    tell("the authority issued a credential")
    return run_on_bus(lambda bus: Register(bus).set(config.charge_point_id, credential=token))


def until_published(charge_point_id: str, within: float, tell: Tell) -> DidPublished:
    """Have the Session Manager publish, until it is done.

    Raises UnavailableError that says what is missing after `within` seconds.
    """
    return run_on_bus(lambda bus: _until_published(bus, charge_point_id, within, tell))


async def _until_published(
    bus: Bus, charge_point_id: str, within: float, tell: Tell
) -> DidPublished:
    reason = _NOBODY
    try:
        async with asyncio.timeout(within), Station.over(bus, charge_point_id) as station:
            while True:
                answer = await _ask(station)
                if isinstance(answer, DidPublished):
                    return answer
                if answer != reason:
                    tell(f"waits: {answer}")
                reason = answer
                await asyncio.sleep(_LOOK_S)
    except TimeoutError:
        raise UnavailableError(f"not published in {within:g} s: {reason}") from None


async def _ask(station: Station) -> DidPublished | str:
    try:
        answer = await station.command(DidPublishRequested(), timeout=_ANSWER_S)
    except CommandTimeoutError:
        return _NOBODY
    match answer:
        case DidPublished():
            return answer
        case DidPublishFailed(reason=reason, detail=detail):
            return f"{reason}, {detail}" if detail else reason
        case _:
            return type(answer).__name__


def _holds(token: str | None, subject: StationSubject) -> bool:
    if token is None:
        return False
    try:
        credential = read_credential(token)
    except DidError:
        return False
    return credential.subject == subject and utc_now() < credential.valid_until


def _peer(config: ChargePointConfig) -> Peer:
    """Give the P2P server's keys: of this machine's key file, or as the one server announced."""
    file = settings().p2p_key
    if file.exists() and config.p2p_peer_id is None:
        return Peer.of_file(file)
    return run_on_bus(lambda bus: _announced_peer(bus, config.p2p_peer_id))


async def _announced_peer(bus: Bus, wanted: str | None) -> Peer:
    peers = sorted(await bus.members(keys.P2P_SERVERS)) if wanted is None else [wanted]
    entries = [await bus.read(keys.p2p_server(peer)) for peer in peers]
    if wanted is not None and not entries[0]:
        raise InvalidInputError(
            f"no P2P server announced itself as {wanted}: start it, or give its --p2p-peer-id"
        )
    if len(entries) != 1 or not entries[0]:
        raise InvalidInputError(
            "there is no P2P server, or several: start one, or name it by --p2p-peer-id "
            f"({json.dumps(peers)})"
        )
    return Peer(entries[0]["ed25519"], entries[0]["x25519"])
