"""What the process that serves the API tells of itself, and its own way to the chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sdk.chain.addresses import Deployment
from sdk.chain.client import ChainClient
from sdk.chain.sender import Sender
from sdk.did.registry import DidRegistry
from sdk.did.resolver import StationResolver
from sdk.did.revocation import Revocations
from sdk.ids import Clock
from session_manager.chain_watch import ChainWatch
from session_manager.tokens import AllowedTokens


class OwnChain:
    """The chain as this process reaches it; others may use other nodes."""

    def __init__(
        self,
        client: ChainClient,
        sender: Sender,
        watch: ChainWatch,
        deployment: Deployment,
        authorities: Sequence[str],
        clock: Clock,
    ) -> None:
        """Trust the authorities of these DIDs. Raises MalformedDidError."""
        self.client = client
        self.sender = sender
        self.watch = watch
        self.deployment = deployment
        self.registry = DidRegistry(client, deployment)
        self.resolver = StationResolver(self.registry, authorities, clock)
        self.revocations = Revocations(self.registry, clock)


@dataclass(frozen=True, slots=True)
class OwnProcess:
    """Its name among Session Manager processes, and its settings by variable, secrets masked."""

    server: str
    settings: Mapping[str, str]
    chain: OwnChain | None = None
    tokens: AllowedTokens | None = None
