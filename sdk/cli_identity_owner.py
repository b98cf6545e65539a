"""Handing a station's DID over, giving it up, and a new key for the station."""

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from sdk.bus.interface import Bus
from sdk.chain.accounts import SigningKey, load_keystore
from sdk.cli_context import run_on_bus, settings
from sdk.cli_identity_chain import chain_access, paid_by, paying_key
from sdk.cli_show import public_fields
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import NOBODY
from sdk.errors import InvalidInputError
from sdk.register import Register, station_did
from sdk.station_key import StationKey


def give_up(charge_point_id: str, gas_key_file: Path | None) -> str:
    """Give a station's DID up for good; raises as `hand_over`."""
    return _make_owner(_registered(charge_point_id), NOBODY, gas_key_file)


def hand_over(charge_point_id: str, owner: str, gas_key_file: Path | None) -> str:
    """Make `owner` the owner of a station's DID; gives the transaction's hash.

    The station's key signs, and the gas account pays. Raises InvalidInputError, also for who owns
    it already and for nobody; GasAccountError, a ChainError.
    """
    did, account = _registered(charge_point_id), new_owner(owner)
    if account == did.address:
        raise InvalidInputError(f"{account} is the station's own account")
    return _make_owner(did, account, gas_key_file)


def new_owner(text: str) -> str:
    """Read the account that is to get a DID. Raises InvalidInputError."""
    if re.fullmatch(r"0x[0-9a-fA-F]{40}", text) is None:
        raise InvalidInputError(f"{text!r} is no address of an account")
    address = str(to_checksum_address(text))
    if text[2:] not in (text[2:].lower(), text[2:].upper()) and text != address:
        raise InvalidInputError(f"{text}: the address has a typing mistake")
    if address == NOBODY:
        raise InvalidInputError("nobody can get it: `noroam identity deactivate` gives it up")
    return address


def _registered(charge_point_id: str) -> EthrDid:
    return EthrDid.parse(run_on_bus(lambda bus: Register(bus).get(charge_point_id)).did)


def _make_owner(did: EthrDid, owner: str, gas_key_file: Path | None) -> str:
    environment = settings()
    file = environment.keys_folder / f"{did.address}.json"
    key = load_keystore(file, environment.require_keys_password())
    payer = paying_key(gas_key_file, key)

    async def work(bus: Bus) -> str:
        return await _change_owner(bus, did, owner, (key, payer))

    return run_on_bus(work)


def give_new_key(charge_point_id: str) -> dict[str, Any]:
    """Give a station a new key and DID; gives what it is now.

    Raises ChargePointBusyError while a session is open, InvalidInputError.
    """
    environment = settings()
    before = run_on_bus(lambda bus: Register(bus).get(charge_point_id))
    key = StationKey(environment.keys_folder, environment.require_keys_password())
    with ExitStack() as stack:
        address = stack.enter_context(key.kept_on_success())
        did = station_did(before.chain_id, address)
        after = run_on_bus(lambda bus: Register(bus).set(charge_point_id, did=did, credential=None))
    return public_fields(after)


async def _change_owner(
    bus: Bus, did: EthrDid, owner: str, keys: tuple[SigningKey, SigningKey]
) -> str:
    key, payer = keys
    async with chain_access(did.chain_id) as chain, paid_by(payer.address):
        document = await chain.registry.read(did)
        if document.owner != did.address:
            raise InvalidInputError(f"{did} belongs to {document.owner}, not to the station")
        mined = await chain.registry.change_owner(did, owner, key, chain.sender(payer, bus))
    return mined.transaction_hash
