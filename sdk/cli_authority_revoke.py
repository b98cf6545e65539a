"""Revoking credentials on the chain from the command line."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdk.bus.interface import Bus
from sdk.chain.accounts import load_keystore
from sdk.cli_context import run_on_bus, settings
from sdk.cli_identity_chain import (
    ChainAccess,
    GasAccountError,
    chain_access,
    keystore_address,
    paid_by,
    paying_key,
    run_on_chain,
)
from sdk.did.credential import read_credential
from sdk.did.identifier import EthrDid
from sdk.did.issued import Issued, IssuedJournal
from sdk.did.revocation import Revocations, revocation
from sdk.did.signed_calls import Changes
from sdk.did.station_document import CREDENTIAL
from sdk.errors import InvalidInputError, UnavailableError
from sdk.ids import utc_now
from sdk.settings import SettingsError

if TYPE_CHECKING:
    from sdk.chain.accounts import SigningKey

_IN_ONE = 20
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class RevokingKeys:
    """Who signs a revocation, and who pays for it."""

    authority: "SigningKey"
    payer: "SigningKey"

    def share_journal(self) -> bool:
        """Tell whether services may pay from the same account at the same time."""
        if self.payer.address == self.authority.address:
            return False
        try:
            return bool(settings().require_redis_url())
        except SettingsError:
            return False


def revoking_keys(key_file: Path, gas_key_file: Path | None) -> RevokingKeys:
    """Open both keystores. Slow on purpose (scrypt). Raises SettingsError, KeyFileError."""
    authority = load_keystore(key_file, settings().require_authority_password())
    return RevokingKeys(authority, paying_key(gas_key_file, authority))


def check_revocable(keys: RevokingKeys, issued: Issued) -> None:
    """Make sure that a credential can be revoked, before another one takes its place.

    Raises InvalidInputError where it is revoked already, GasAccountError where nobody can pay, a
    ChainError.
    """
    did = _issuer([issued.token], keys.authority.address)

    async def work(chain: ChainAccess) -> tuple[bool, int]:
        revoked = await _revoked(chain, did)
        return bytes.fromhex(issued.id) in revoked, await chain.client.balance(keys.payer.address)

    is_revoked, balance = run_on_chain(did.chain_id, work)
    if is_revoked:
        raise InvalidInputError(f"{issued.short_id} is revoked: another one would undo that")
    if not balance:
        raise GasAccountError.of(keys.payer.address)


def revoke_tokens(key_file: Path, keys: RevokingKeys, tokens: Sequence[str]) -> dict[str, Any]:
    """Revoke credentials of the authority whose keystore this is; what is revoked is left so.

    Gives `authority`, `revoked` (ids), `transactions`. Raises InvalidInputError for another's
    credential, GasAccountError, a ChainError.
    """
    did = _issuer(tokens, keys.authority.address)

    wanted = list(dict.fromkeys(tokens))

    async def work(bus: Bus | None) -> list[str]:
        async with chain_access(did.chain_id) as chain, paid_by(keys.payer.address):
            return await _revoke(chain, did, keys, wanted, bus)

    transactions = run_on_bus(work) if keys.share_journal() else asyncio.run(work(None))
    ids = [revocation(token).value.hex() for token in wanted]
    _note(key_file, ids, transactions)
    return {"authority": str(did), "revoked": ids, "transactions": transactions}


def revoke_when_replaced(key_file: Path, keys: RevokingKeys, old: Issued, wait: float) -> None:
    """Revoke `old` once its station's document has another; after `wait` s UnavailableError.

    It can be done later with `revoke`, then: nothing is lost.
    """
    if wait:
        did = EthrDid.parse(old.credential.subject.did)
        run_on_chain(did.chain_id, lambda chain: _replaced(chain, did, old, wait))
    revoke_tokens(key_file, keys, [old.token])


def authority_status(key_file: Path, chain_id: int, issued: Sequence[Issued]) -> dict[str, Any]:
    """Give what the chain says of an authority: balance, and what it revoked of the journal."""
    did = EthrDid(chain_id, keystore_address(key_file))

    async def work(chain: ChainAccess) -> tuple[int, set[bytes]]:
        return await chain.client.balance(did.address), await _revoked(chain, did)

    balance, revoked = run_on_chain(chain_id, work)
    known = {it.id for it in issued}
    on_chain = {value.hex() for value in revoked}
    stands = [it.status(utc_now()) for it in issued if it.id not in on_chain]
    return {
        "did": str(did),
        "balance": str(balance),
        "issued": len(issued),
        "valid": stands.count("valid"),
        "revoked": sorted(on_chain),
        "not_in_the_journal": sorted(on_chain - known),
        "not_on_the_chain": sorted(
            it.id for it in issued if it.revoked_at is not None and it.id not in on_chain
        ),
    }


async def _revoke(
    chain: ChainAccess, did: EthrDid, keys: RevokingKeys, tokens: Sequence[str], bus: Bus | None
) -> list[str]:
    revoked = await _revoked(chain, did)
    wanted = [it for it in map(revocation, tokens) if it.value not in revoked]
    sender = chain.sender(keys.payer, bus)
    transactions = []
    for first in range(0, len(wanted), _IN_ONE):
        changes = Changes(set=tuple(wanted[first : first + _IN_ONE]))
        mined = await chain.registry.change(did, changes, keys.authority, sender)
        transactions += [mined.transaction_hash] if mined else []
    return transactions


async def _revoked(chain: ChainAccess, did: EthrDid) -> set[bytes]:
    """Give the digests of what an authority revoked, as it is in force now."""
    found = await Revocations(chain.registry, utc_now).list_of(did)
    now = utc_now().timestamp()
    return {digest for digest, until in found.items() if until >= now}


async def _replaced(chain: ChainAccess, did: EthrDid, old: Issued, wait: float) -> None:
    try:
        async with asyncio.timeout(wait):
            while await _published(chain, did) == old.token:  # noqa: ASYNC110 - the chain
                await asyncio.sleep(_LOOK_S)
    except TimeoutError:
        raise UnavailableError(
            f"the station's document has not the new credential after {wait:g} s; when it has: "
            f"noroam authority revoke {old.short_id}"
        ) from None


async def _published(chain: ChainAccess, did: EthrDid) -> str | None:
    document = await chain.registry.read(did)
    for attribute in document.attributes:
        if attribute.name == CREDENTIAL:
            try:
                return str(json.loads(attribute.value)["jwt"])
            except (ValueError, KeyError, TypeError):
                return ""
    return None


def _issuer(tokens: Sequence[str], address: str) -> EthrDid:
    issuers = {EthrDid.parse(read_credential(token).issuer) for token in tokens}
    if len(issuers) != 1 or next(iter(issuers)).address != address:
        raise InvalidInputError("a credential is another authority's, which alone can revoke it")
    return issuers.pop()


def _note(key_file: Path, ids: Sequence[str], transactions: Sequence[str]) -> None:
    journal = IssuedJournal.beside(key_file)
    unknown = {it.id for it in journal.read() if it.revoked_at is None}
    for each in ids:
        if each in unknown:
            journal.note_revoked(each, utc_now(), ", ".join(transactions))
