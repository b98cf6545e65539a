"""A station's document as peaq's DID pallet holds it: hex of a protobuf message. Pure.

The pallet does not ask who writes, so nothing in it proves anything by itself: the station's
account signs the document, and the authority's credential in it vouches for account and keys.

    Document           1 id, 2 controller, 3 VerificationMethod*, 4 Signature, 5 Service*, 6 ids
    VerificationMethod 1 id, 2 type, 3 controller, 4 public key (multibase)
    Signature          1 type, 2 issuer, 3 hash
    Service            1 id, 2 type, 3 endpoint, 4 data          (peaq-network-did-proto-format)

What is signed (EIP-191): `noroam-peaq-did-v1`, a line feed, and the SHA-256 of the message without
its Signature, as hex. `hash` holds that signature, 65 bytes.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sdk.base58 import base58, from_base58
from sdk.chain.accounts import SigningKey, recover_text
from sdk.chain.errors import InvalidSignatureError
from sdk.did.errors import StationDocumentError
from sdk.did.registry_events import Attribute
from sdk.did.station_document import ED25519, X25519

LONGEST = 16_384
_ID, _CONTROLLER, _METHOD, _SIGNATURE, _SERVICE, _AUTHENTICATION = range(1, 7)
_TYPE, _MULTIBASE, _HASH, _DATA = 2, 4, 3, 4
_SIGNED_WITH = "EcdsaSecp256k1RecoverySignature2020"
_TERM = "term"
_SERVICES = "did/svc/"
_LENGTH_DELIMITED = 2
_MORE = 0x80
# Multicodec's prefixes of the two kinds of keys.
_KEYS = {
    ED25519: ("Ed25519VerificationKey2020", b"\xed\x01"),
    X25519: ("X25519KeyAgreementKey2020", b"\xec\x01"),
}

_UNREADABLE = (ValueError, KeyError, TypeError, OverflowError, RecursionError)

Field = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Term:
    """When a document was signed and until when it holds, in seconds since 1970.

    Anybody can put an older document of the station back; so it must not hold for long.
    """

    issued_at: int
    valid_until: int


@dataclass(frozen=True, slots=True)
class PeaqDocument:
    """What a document says, proven to be said by the account `signer`."""

    did: str
    signer: str
    term: Term
    attributes: tuple[Attribute, ...]


def write_peaq_document(
    did: str, attributes: Sequence[Attribute], term: Term, key: SigningKey
) -> bytes:
    """Write and sign a document of `attributes` (as of a did:ethr), as the pallet's value."""
    fields = [(_ID, did.encode()), (_CONTROLLER, did.encode())]
    for attribute in attributes:
        if attribute.name in _KEYS:
            fields.append((_METHOD, _method(did, attribute)))
        elif attribute.name.startswith(_SERVICES):
            kind = attribute.name.removeprefix(_SERVICES)
            fields.append((_SERVICE, _service(did, kind, attribute.value)))
    said = {"issued_at": term.issued_at, "valid_until": term.valid_until}
    fields.append((_SERVICE, _service(did, _TERM, json.dumps(said).encode())))
    fields.append((_AUTHENTICATION, f"{did}#ed25519".encode()))
    signature = key.sign_text(_signed_text(fields))
    proof = [(1, _SIGNED_WITH.encode()), (2, did.encode()), (_HASH, signature.encode())]
    return _message([*fields, (_SIGNATURE, _message(proof))]).hex().encode()


def read_peaq_document(value: bytes) -> PeaqDocument:
    """Read a pallet's value. Raises StationDocumentError, also where nobody signed it."""
    if len(value) > 2 * LONGEST:
        raise StationDocumentError("the document is too long")
    try:
        fields = list(_fields(bytes.fromhex(value.decode("ascii"))))
        proof = dict(_fields(_only(fields, _SIGNATURE)))
        unsigned = [field for field in fields if field[0] != _SIGNATURE]
        signer = recover_text(_signed_text(unsigned), proof[_HASH].decode())
        services = [dict(_fields(data)) for number, data in fields if number == _SERVICE]
        return PeaqDocument(
            did=_only(fields, _ID).decode(),
            signer=signer,
            term=_term(services),
            attributes=(*_keys(fields), *_attributes(services)),
        )
    except (*_UNREADABLE, InvalidSignatureError) as error:
        raise StationDocumentError("the document can't be read, or is not signed") from error


def _signed_text(fields: Sequence[Field]) -> str:
    return f"noroam-peaq-did-v1\n{sha256(_message(fields)).hexdigest()}"


def _method(did: str, attribute: Attribute) -> bytes:
    kind, prefix = _KEYS[attribute.name]
    multibase = "z" + base58(prefix + attribute.value)
    name = "ed25519" if attribute.name == ED25519 else "x25519"
    texts = (f"{did}#{name}", kind, did, multibase)
    return _message([(number, text.encode()) for number, text in enumerate(texts, 1)])


def _service(did: str, kind: str, data: bytes) -> bytes:
    return _message([(1, f"{did}#{kind}".encode()), (_TYPE, kind.encode()), (_DATA, data)])


def _keys(fields: Sequence[Field]) -> Iterator[Attribute]:
    for number, data in fields:
        method = dict(_fields(data)) if number == _METHOD else {}
        for name, (kind, prefix) in _KEYS.items():
            if method.get(_TYPE) == kind.encode():
                raw = _from_multibase(method[_MULTIBASE].decode("ascii"))
                if not raw.startswith(prefix):
                    raise ValueError(name)
                yield Attribute(name, raw.removeprefix(prefix))


def _attributes(services: Sequence[dict[int, bytes]]) -> Iterator[Attribute]:
    for service in services:
        kind = service[_TYPE].decode()
        if kind != _TERM:
            yield Attribute(f"{_SERVICES}{kind}", service[_DATA])


def _term(services: Sequence[dict[int, bytes]]) -> Term:
    (service,) = (it for it in services if it[_TYPE] == _TERM.encode())
    said = json.loads(service[_DATA])
    return Term(int(said["issued_at"]), int(said["valid_until"]))


def _only(fields: Sequence[Field], wanted: int) -> bytes:
    (data,) = (data for number, data in fields if number == wanted)
    return data


def _message(fields: Sequence[Field]) -> bytes:
    """Write a protobuf message whose fields are all length-delimited."""
    parts = (
        _varint(number << 3 | _LENGTH_DELIMITED) + _varint(len(data)) + data
        for number, data in fields
    )
    return b"".join(parts)


def _fields(message: bytes) -> Iterator[Field]:
    """Read a message; raises ValueError for what is not `_message`'s, byte for byte."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        length, at = _read_varint(message, at)
        data = message[at : at + length]
        if tag & 0b111 != _LENGTH_DELIMITED or len(data) != length:
            raise ValueError("not a message of texts")
        at += length
        yield tag >> 3, data


def _varint(number: int) -> bytes:
    low = number & (_MORE - 1)
    return bytes([low]) if number < _MORE else bytes([low | _MORE]) + _varint(number >> 7)


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    number = 0
    for turn in range(5):
        byte = message[at + turn] if at + turn < len(message) else _MORE
        number |= (byte & (_MORE - 1)) << 7 * turn
        if byte < _MORE:
            return number, at + turn + 1
    raise ValueError("a number does not end")


def _from_multibase(text: str) -> bytes:
    if not text.startswith("z"):
        raise ValueError("not base58btc")
    return from_base58(text[1:])
