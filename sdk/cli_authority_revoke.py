"""Revoking credentials on the chain from the command line."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sdk.chain.accounts import load_keystore
from sdk.cli_context import settings
from sdk.cli_identity_chain import ChainAccess, paid_by, paying_key, run_on_chain
from sdk.did.credential import read_credential
from sdk.did.errors import DidError
from sdk.did.identifier import EthrDid
from sdk.did.issued import Issued, IssuedJournal
from sdk.did.revocation import Revocations, revocation
from sdk.did.signed_calls import Changes
from sdk.did.station_document import CREDENTIAL
from sdk.errors import InvalidInputError, UnavailableError
from sdk.ids import utc_now

if TYPE_CHECKING:
    from sdk.chain.accounts import SigningKey

_IN_ONE = 20
_LOOK_S = 0.5


def revoke_tokens(
    key_file: Path, gas_key_file: Path | None, tokens: Sequence[str]
) -> dict[str, Any]:
    """Revoke credentials of the authority whose keystore this is; what is revoked is left so.

    Gives `authority`, `revoked` (ids), `transactions`. Raises InvalidInputError for another's
    credential, GasAccountError, a ChainError.
    """
    authority = load_keystore(key_file, settings().require_authority_password())
    did = _issuer(tokens, authority.address)
    payer = paying_key(gas_key_file, authority)

    async def work(chain: ChainAccess) -> list[str]:
        async with paid_by(payer.address):
            return await _revoke(chain, did, (authority, payer), list(dict.fromkeys(tokens)))

    transactions = run_on_chain(did.chain_id, work)
    ids = [revocation(token).value.hex() for token in dict.fromkeys(tokens)]
    _note(key_file, ids, transactions)
    return {"authority": str(did), "revoked": ids, "transactions": transactions}


def revoke_when_replaced(
    key_file: Path, gas_key_file: Path | None, old: Issued, wait: float
) -> None:
    """Revoke `old` once its station's document has another; after `wait` s UnavailableError.

    It can be done later with `revoke`, then: nothing is lost.
    """
    if wait:
        did = EthrDid.parse(old.credential.subject.did)
        run_on_chain(did.chain_id, lambda chain: _replaced(chain, did, old, wait))
    revoke_tokens(key_file, gas_key_file, [old.token])


def authority_status(key_file: Path, chain_id: int, issued: Sequence[Issued]) -> dict[str, Any]:
    """Give what the chain says of an authority: balance, and what it revoked of the journal."""
    did = EthrDid(chain_id, _address(key_file))

    async def work(chain: ChainAccess) -> tuple[int, set[bytes]]:
        found = await Revocations(chain.registry, utc_now).list_of(did)
        now = utc_now().timestamp()
        in_force = {value for value, until in found.items() if until >= now}
        return await chain.client.balance(did.address), in_force

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
    chain: ChainAccess,
    did: EthrDid,
    keys: "tuple[SigningKey, SigningKey]",
    tokens: Sequence[str],
) -> list[str]:
    authority, payer = keys
    known = await Revocations(chain.registry, utc_now).list_of(did)
    now = utc_now().timestamp()
    wanted = [it for token in tokens if known.get((it := revocation(token)).value, 0) < now]
    sender = chain.sender(payer)
    transactions = []
    for first in range(0, len(wanted), _IN_ONE):
        changes = Changes(set=tuple(wanted[first : first + _IN_ONE]))
        mined = await chain.registry.change(did, changes, authority, sender)
        transactions += [mined.transaction_hash] if mined else []
    return transactions


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


def _address(key_file: Path) -> str:
    try:
        address = json.loads(key_file.read_text("utf-8"))["address"]
        return EthrDid.parse(f"did:ethr:0x1:0x{str(address).removeprefix('0x')}").address
    except (OSError, ValueError, KeyError, TypeError, DidError) as error:
        raise InvalidInputError(f"{key_file} is no keystore") from error
