"""`noroam identity rotate-p2p-key`: gather the credentials over the next key, and change over."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from sdk.bus.interface import Bus
from sdk.charge_point_config import ChargePointConfig
from sdk.cli_authority_issue import Peer, Term, issue_credential
from sdk.cli_context import read_text, run_on_bus, settings
from sdk.cli_identity_chain import identity_settings
from sdk.did.credential import read_credential
from sdk.errors import InvalidInputError
from sdk.ids import utc_now
from sdk.p2p.keys import P2pKey, load_key
from sdk.p2p_change_over import ChangeOver, KeyFiles
from sdk.p2p_rotation import Rotation

_DAYS = 365


def rotate_p2p_key(
    authority_key_file: Path | None, credential_files: Sequence[Path], within: float
) -> None:
    """Do the rotation as far as it can be done.

    Raises InvalidInputError that names the stations whose credentials are still to come.
    """
    files = KeyFiles(settings().p2p_key)
    if run_on_bus(lambda bus: _finished(bus, files, within)):
        return
    stations = run_on_bus(lambda bus: _waiting(bus, files))
    credentials = _given(credential_files)
    following = load_key(files.following)
    for station in stations:
        if station.charge_point_id not in credentials and authority_key_file is not None:
            token = _issued(authority_key_file, station, following)
            credentials[station.charge_point_id] = token
    missing = [it for it in stations if it.charge_point_id not in credentials]
    if missing:
        raise InvalidInputError(_request(missing, following))
    run_on_bus(lambda bus: _move(bus, files, credentials, within))


async def _finished(bus: Bus, files: KeyFiles, within: float) -> bool:
    """Finish a rotation that got as far as the key file; tell whether there was one."""
    change = await ChangeOver.begun(bus, files, utc_now)
    if change is not None:
        _tell("the key file is changed already; waits for the P2P server")
        await change.finish(within, _tell)
    return change is not None


def _rotation(bus: Bus, files: KeyFiles) -> Rotation:
    return Rotation(bus, files, utc_now, _tell, identity_settings().authority_dids)


async def _waiting(bus: Bus, files: KeyFiles) -> list[ChargePointConfig]:
    return await _rotation(bus, files).waiting()


async def _move(bus: Bus, files: KeyFiles, credentials: Mapping[str, str], within: float) -> None:
    await _rotation(bus, files).move(credentials, within)


def _given(files: Sequence[Path]) -> dict[str, str]:
    tokens = [read_text(file, "credential") for file in files]
    return {read_credential(token).subject.charge_point_id: token for token in tokens}


def _issued(key_file: Path, station: ChargePointConfig, following: P2pKey) -> str:
    peer = Peer(following.ed25519, following.x25519)
    subject = peer.subject(station.charge_point_id, station.did)
    return issue_credential(key_file, subject, Term.of(utc_now(), _DAYS, None))


def _request(stations: Sequence[ChargePointConfig], following: P2pKey) -> str:
    keys = f"--ed25519 {following.ed25519} --x25519 {following.x25519}"
    for it in stations:
        typer.echo(f"noroam authority issue {it.charge_point_id} --did {it.did} {keys}")
    names = ", ".join(it.charge_point_id for it in stations)
    return (
        f"the authority has to issue credentials over the next key for {names}, as written above; "
        "then repeat this with each by --credential-file"
    )


def _tell(line: str) -> None:
    typer.echo(line)
