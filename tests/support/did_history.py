"""Writes histories of DIDs at the ERC-1056 registry of a local chain, as any owner would."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from eth_abi.abi import encode

from sdk.chain.accounts import new_key
from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.safe import selector
from sdk.did.identifier import EthrDid
from sdk.did.registry_events import NOBODY

YEARS = 10 * 365 * 86_400
NAMES: Sequence[bytes] = (
    b"did/pub/Secp256k1/veriKey/hex",
    b"did/pub/Secp256k1/sigAuth/base64",
    b"did/pub/Ed25519/veriKey/base58",
    b"did/pub/Ed25519/sigAuth",
    b"did/pub/RSA/veriKey/pem",
    b"did/pub/RSA/VerificationKey2018",
    b"did/pub/RSAVerificationKey/2018",
    b"did/pub/X25519/enc/hex",
    b"did/pub/X25519/enc/strange",
    b"did/pub/Unheard",
    b"did/pub/Unheard/of/hex",
    b"did/pub/",
    b"did/pub/a/b/c/d",
    b"did/pub/caf\xc3\xa9/veriKey",
    b"did/pub/\xff\xfe/veriKey/hex",
    b"did/svc/HubService",
    b"did/svc/p2p",
    b"did/svc/\xff",
    b"did/svc/with-dash",
    b"noroam/revoked",
    b"",
)
VALUES: Sequence[bytes] = (
    b"",
    b"\0",
    b"\0\0\x01\x02",
    b"\xff\xfe",
    bytes(range(32)),
    b"https://hub.example",
    b'{"multiaddrs": ["/ip4/1.2.3.4"], "n": 12345678901234567890}',
    b"[1, 1.0, -0.0, 1e21, 1e400, 0.1]",
    b"NaN",
    b'{"a": Infinity}',
    b"null",
    b'"text"',
    b'\xef\xbb\xbf{"bom": 1}',
    b'{"twice": 1, "twice": 2, "1": 3}',
    b'"\\ud800"',
    b"01",
    b"9" * 5000,
    "Säule 1 ⚡".encode(),
)
TIMES: Sequence[int] = (0, 30, 3600, YEARS)
_KINDS: Sequence[bytes] = (b"veriKey", b"sigAuth", b"enc", b"other", b"\xff", b"")
_WORD = 32


@dataclass
class DidHistory:
    """One fresh DID; what is added goes into the next block, by whoever owns the DID then."""

    client: ChainClient
    did: EthrDid = field(init=False)
    owner: str = field(init=False)
    waiting: list[bytes] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.owner = new_key().address
        self.did = EthrDid(self.client.chain_id, self.owner)

    def set(self, name: bytes, value: bytes, validity: int = YEARS) -> None:
        call = "setAttribute(address,bytes32,bytes,uint256)"
        self._add(call, name.ljust(_WORD, b"\0"), value, validity)

    def revoke(self, name: bytes, value: bytes) -> None:
        self._add("revokeAttribute(address,bytes32,bytes)", name.ljust(_WORD, b"\0"), value)

    def delegate(self, kind: bytes, account: str, validity: int = YEARS) -> None:
        call = "addDelegate(address,bytes32,address,uint256)"
        self._add(call, kind.ljust(_WORD, b"\0"), account, validity)

    def dismiss(self, kind: bytes, account: str) -> None:
        self._add("revokeDelegate(address,bytes32,address)", kind.ljust(_WORD, b"\0"), account)

    async def hand_over(self, owner: str) -> None:
        """Change the owner in the next block, with what waits, and go on as the new one."""
        self._add("changeOwner(address,address)", owner)
        await self.mine()
        self.owner = self.did.address if owner == NOBODY else owner

    async def mine(self) -> None:
        """Put all that waits into one block."""
        await self.client.rpc("anvil_setBalance", self.owner, hex(10**20))
        await self.client.rpc("anvil_impersonateAccount", self.owner)
        await self.client.rpc("evm_setAutomine", False)
        registry = Deployment().did_registry
        for data in self.waiting:
            call = {"from": self.owner, "to": registry, "data": "0x" + data.hex(), "gas": "0xf4240"}
            await self.client.rpc("eth_sendTransaction", call)
        self.waiting.clear()
        await self.client.rpc("anvil_mine", "0x1")
        await self.client.rpc("evm_setAutomine", True)
        self.blocks.append((await self.client.block()).number)

    def _add(self, call: str, *arguments: object) -> None:
        types = call[call.index("(") + 1 : -1].split(",")
        self.waiting.append(selector(call) + encode(types, [self.did.address, *arguments]))


async def any_history(client: ChainClient, seed: int) -> DidHistory:
    """Make up a history of a few blocks with a few changes each; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    history = DidHistory(client)
    delegates = [new_key().address for _ in range(2)]
    for _ in range(chance.randint(1, 6)):
        for _ in range(chance.randint(0, 5)):
            _change(history, chance, delegates)
        if chance.random() < 0.15:
            owner = NOBODY if chance.random() < 0.3 else new_key().address
            await history.hand_over(owner)
        else:
            await history.mine()
        if chance.random() < 0.4:
            await client.rpc("evm_increaseTime", hex(chance.choice((10, 60, 4000))))
            await client.rpc("anvil_mine", "0x1")
    return history


def _change(history: DidHistory, chance: random.Random, delegates: Sequence[str]) -> None:
    name, value = chance.choice(NAMES), chance.choice(VALUES)
    kind, account = chance.choice(_KINDS), chance.choice(delegates)
    match chance.randrange(8):
        case 0 | 1 | 2 | 3:
            history.set(name, value, chance.choice(TIMES))
        case 4 | 5:
            history.revoke(name, value)
        case 6:
            history.delegate(kind, account, chance.choice(TIMES))
        case _:
            history.dismiss(kind, account)
