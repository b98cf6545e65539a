"""A DID document out of the registry's events, in the shape of the did:ethr reference. Pure."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isinf
from typing import Any

from sdk.base58 import base58
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import (
    NOBODY,
    Attribute,
    AttributeChanged,
    DelegateChanged,
    OwnerChanged,
    RegistryEvent,
    is_utf8,
)

Json = dict[str, Any]

_PATTERN = re.compile(
    r"did/(?P<section>pub|svc)/(?P<kind>\w+)(/(?P<use>\w+))?(/(?P<form>\w+))?", re.ASCII
)
_CONTEXT = (
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/suites/secp256k1recovery-2020/v2",
    "https://w3id.org/security/v3-unstable",
)
_RECOVERY = "EcdsaSecp256k1RecoveryMethod2020"
_USES = {
    "veriKey": "VerificationKey2018",
    "sigAuth": "SignatureAuthentication2018",
    "enc": "KeyAgreementKey2019",
}
_KEY_TYPES = {
    "Secp256k1VerificationKey2018": "EcdsaSecp256k1VerificationKey2019",
    "Secp256k1SignatureAuthentication2018": "EcdsaSecp256k1VerificationKey2019",
    "Ed25519VerificationKey2018": "Ed25519VerificationKey2018",
    "Ed25519SignatureAuthentication2018": "Ed25519VerificationKey2018",
    "RSAVerificationKey2018": "RSAVerificationKey2018",
    "X25519KeyAgreementKey2019": "X25519KeyAgreementKey2019",
}
_LARGEST_EXACT = 2**53
_DEEPEST = 200
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]')
"""Strings, which may have brackets in them, and the brackets outside of strings."""
_SIGNING_DELEGATES = frozenset({"veriKey", "sigAuth"})


@dataclass(frozen=True, slots=True)
class DidDocument:
    """A DID as its registry tells it.

    `owner` is the account that controls it; `attributes` those in force, with the block time (s)
    until when; `changed_at` the block of the last change (0: never); `read_at` the block time (s)
    at which all this was so; `json` the document; `next_change` the block of the change after it,
    where a past block was asked for and there is one.
    """

    did: EthrDid
    owner: str
    attributes: dict[Attribute, int]
    changed_at: int
    read_at: int
    json: Json
    next_change: int | None = None

    @property
    def deactivated(self) -> bool:
        """Whether its owner gave it up."""
        return self.owner == NOBODY


@dataclass(slots=True)
class _Replay:
    did: EthrDid
    now: int
    owner: str
    keys: int = 0
    services: int = 0
    attributes: dict[Attribute, int] = field(default_factory=dict)
    parts: dict[object, tuple[str, str, Json]] = field(default_factory=dict)
    """What is in force: its origin -> section, relationship, JSON."""
    agreements: dict[object, str] = field(default_factory=dict)

    def take(self, event: RegistryEvent) -> None:
        match event:
            case OwnerChanged(owner=owner):
                self.owner = owner
            case AttributeChanged(attribute=attribute, valid_to=valid_to):
                self._take_attribute(attribute, valid_to)
            case DelegateChanged(kind=kind, delegate=delegate, valid_to=valid_to):
                self._take_delegate(kind, delegate, valid_to)

    def _take_attribute(self, attribute: Attribute, valid_to: int) -> None:
        match = _PATTERN.fullmatch(attribute.name)
        gone = valid_to < self.now or valid_to == 0
        self._count(attribute.name, is_said=gone or match is not None)
        if gone:
            self.attributes.pop(attribute, None)
            self.parts.pop(attribute, None)
            return
        self.attributes[attribute] = valid_to
        if match is None:
            return
        part = self._service(match, attribute) if match["section"] == "svc" else None
        part = part or (self._key(match, attribute) if match["section"] == "pub" else None)
        if part is not None:
            self.parts[attribute] = part
            if part[1] == "enc":
                self.agreements[attribute] = part[2]["id"]

    def _count(self, name: str, *, is_said: bool) -> None:
        """Count what ids are made of: also what is gone; of what is not, what has a meaning."""
        if is_said and is_utf8(name):
            self.keys += name.startswith("did/pub/")
            self.services += name.startswith("did/svc/")

    def _take_delegate(self, kind: str, delegate: str, valid_to: int) -> None:
        self.keys += is_utf8(kind)
        if valid_to < self.now or valid_to == 0:
            self.parts.pop((kind, delegate), None)
        elif kind in _SIGNING_DELEGATES:
            account = f"eip155:{self.did.chain_id}:{delegate}"
            key = self._method(_RECOVERY, "blockchainAccountId", account)
            self.parts[kind, delegate] = ("key", kind, key)

    def _key(self, match: re.Match[str], attribute: Attribute) -> tuple[str, str, Json] | None:
        use = match["use"] or ""
        written = _written(match["form"], attribute.value)
        if written is None:
            return None
        kind = _KEY_TYPES.get(match["kind"] + _USES.get(use, use), match["kind"])
        return "key", use, self._method(kind, *written)

    def _service(self, match: re.Match[str], attribute: Attribute) -> tuple[str, str, Json] | None:
        text = _text(attribute.value)
        if text is None:
            return None
        identifier = f"{self.did}#service-{self.services}"
        endpoint = {"id": identifier, "type": match["kind"], "serviceEndpoint": _endpoint(text)}
        return "service", "", endpoint

    def _method(self, kind: str, member: str, value: str) -> Json:
        identifier = f"{self.did}#delegate-{self.keys}"
        return {"id": identifier, "type": kind, "controller": str(self.did), member: value}


def read_document(
    did: EthrDid, events: Iterable[RegistryEvent], now: int, changed_at: int = 0
) -> DidDocument:
    """Replay all events of a DID, oldest first; `now` is the block's time in seconds.

    The document is that of the reference resolver (npm `ethr-did-resolver` 11.1.3), also where it
    is odd: a revoked `enc` key stays in `keyAgreement`, as an id without a key. It differs where
    the reference would not give a document that others can read: JSON nested more than 200 deep
    stays a string, and a key whose kind is called as what each JavaScript object has (`toString`)
    has a `type`. The reference holds the newest document against its clock, not the block's time.
    """
    replay = _Replay(did, now, did.address)
    for event in events:
        if replay.owner != NOBODY:
            replay.take(event)
    content = _empty(did) if replay.owner == NOBODY else _json(replay)
    return DidDocument(did, replay.owner, replay.attributes, changed_at, now, content)


def _json(replay: _Replay) -> Json:
    did = str(replay.did)
    controller = f"{did}#controller"
    account = f"eip155:{replay.did.chain_id}:{replay.owner}"
    parts = list(replay.parts.values())
    keys = [(use, key) for section, use, key in parts if section == "key"]
    services = [service for section, _, service in parts if section == "service"]
    method = {"id": controller, "type": _RECOVERY, "controller": did}
    content: Json = _empty(did)
    content["verificationMethod"] = [
        method | {"blockchainAccountId": account},
        *(key for _, key in keys),
    ]
    content["authentication"] = [controller, *(k["id"] for use, k in keys if use == "sigAuth")]
    content["assertionMethod"] = [controller, *(k["id"] for use, k in keys if use != "enc")]
    if replay.agreements:
        content["keyAgreement"] = list(replay.agreements.values())
    if services:
        content["service"] = services
    return content


def _empty(did: object) -> Json:
    lists: Json = {"verificationMethod": [], "authentication": [], "assertionMethod": []}
    return {"@context": list(_CONTEXT), "id": str(did), **lists}


def _written(form: str | None, value: bytes) -> tuple[str, str] | None:
    match form:
        case None | "hex":
            return "publicKeyHex", value.hex()
        case "base64":
            return "publicKeyBase64", b64encode(value).decode()
        case "base58":
            return "publicKeyBase58", base58(value)
        case "pem":
            text = _text(value)
            return None if text is None else ("publicKeyPem", text)
        case _:
            return "value", value.hex()


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _endpoint(text: str) -> Any:  # noqa: ANN401 - whatever JSON says
    if _is_deep(text):
        return text
    try:
        return json.loads(text, parse_constant=_not_json, parse_int=_number, parse_float=_number)
    except (ValueError, RecursionError):
        return text


def _is_deep(text: str) -> bool:
    depth = 0
    for mark in _BRACKETS.findall(text):
        depth += (mark in "[{") - (mark in "]}")
        if depth > _DEEPEST:
            return True
    return False


def _number(digits: str) -> float | None:
    """Read a number as JavaScript does: a double, whose infinity JSON writes as null."""
    value = float(digits)
    if value.is_integer() and abs(value) < _LARGEST_EXACT:
        return int(value)
    return None if isinf(value) else value


def _not_json(name: str) -> None:
    raise ValueError(name)
