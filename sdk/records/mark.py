"""By what else a session is found than by its row: its driver, receipt and transaction.

A mark is 44 bytes, appended to its month's key by the commit that appends the row: the first 8
bytes of the session id; the account of the driver's DID (its chain is the row's); the first 8 bytes
of the receipt's hash, and of the payout's transaction hash; zeros where there is none.
"""

import re
from hashlib import sha256
from struct import Struct
from typing import NamedTuple

from sdk.errors import InvalidInputError
from sdk.events.service import QuoteOffered, Receipt
from sdk.events.signed import PayloadError, read_payload
from sdk.records.record import SessionRecord

LAYOUT = Struct("<8s20s8s8s")
SHORT = 8
"""So many bytes of an id or hash are kept."""
NOBODY = bytes(20)
_ACCOUNT = re.compile(r"0x[0-9a-fA-F]{40}")
_ID = re.compile(r"0x[0-9a-fA-F]{16,64}")
_HASHES = (0, 28, 36)
"""Where ids and hashes are within a mark."""


class Mark(NamedTuple):
    """One mark, as bytes."""

    session: bytes
    account: bytes = NOBODY
    receipt: bytes = bytes(SHORT)
    transaction: bytes = bytes(SHORT)


def mark_of(record: SessionRecord) -> Mark:
    """Make the mark of a session that ended; what can't be read of it is left out."""
    session = bytes.fromhex(record.session_id[2:])[:SHORT]
    try:
        quote = read_payload(record.quote, QuoteOffered) if record.quote else None
        receipt = read_payload(record.receipt, Receipt) if record.receipt else None
    except PayloadError:
        return Mark(session)
    account = bytes.fromhex(quote.session_key[2:]) if quote else NOBODY
    if record.receipt is None or receipt is None:
        return Mark(session, account)
    moved = receipt.transaction_hash or ""
    return Mark(
        session,
        account if quote else account_of(receipt.consumer_did) or NOBODY,
        sha256(record.receipt.payload.encode()).digest()[:SHORT],
        bytes.fromhex(moved[2:])[:SHORT] or bytes(SHORT),
    )


def account_of(did: str) -> bytes | None:
    """Give the account that a did:ethr ends in; None where it ends in something else."""
    account = did.rpartition(":")[2]
    return bytes.fromhex(account[2:]) if _ACCOUNT.fullmatch(account) else None


def encode_mark(mark: Mark) -> bytes:
    """Write a mark."""
    return LAYOUT.pack(*mark)


def sessions_marked(
    blob: bytes, account: bytes | None = None, hash_: bytes | None = None
) -> frozenset[bytes]:
    """Give the beginnings of the ids of sessions of that driver, or with that id or hash.

    Of both, where both are given.
    """
    found: list[frozenset[bytes]] = []
    if account is not None:
        found.append(_found(blob, account, (SHORT,)))
    if hash_ is not None:
        found.append(_found(blob, hash_, _HASHES))
    return frozenset.intersection(*found) if found else frozenset()


def account_marked(blob: bytes, session: bytes) -> bytes | None:
    """Give the account of the driver of a session; None where there is no mark of it, or none."""
    at = _mark_at(blob, session)
    account = blob[at + SHORT : at + SHORT + len(NOBODY)]
    return None if at < 0 or account == NOBODY else account


def _mark_at(blob: bytes, session: bytes) -> int:
    """Tell where the first mark of a session begins; -1: there is none."""
    at = blob.find(session)
    while at >= 0 and at % LAYOUT.size:
        at = blob.find(session, at + 1)
    return at


def _found(blob: bytes, wanted: bytes, places: tuple[int, ...]) -> frozenset[bytes]:
    sessions, at = set[bytes](), blob.find(wanted)
    while at >= 0:
        place = at % LAYOUT.size
        if place in places:
            begin = at - place
            sessions.add(blob[begin : begin + SHORT])
        at = blob.find(wanted, at + 1)
    return frozenset(sessions)


def short_of(text: str) -> bytes:
    """Read the beginning of an id or hash, 0x and 16 digits or more. Raises InvalidInputError."""
    if _ID.fullmatch(text) is None:
        raise InvalidInputError("it is no id or hash: 0x and at least 16 digits")
    return bytes.fromhex(text[2 : 2 + 2 * SHORT])
