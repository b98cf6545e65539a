"""JSON-RPC over HTTP as web3 words it, on a connection pool of our own.

web3's own HTTP provider keeps its pools behind a lock that a call which is cancelled while it waits
never gives back: every later call of the process would then wait for ever.
"""

import aiohttp
from web3.providers.async_base import AsyncJSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse


class HttpProvider(AsyncJSONBaseProvider):
    """Asks one node; the connections are kept until `disconnect`."""

    def __init__(self, url: str, timeout: float) -> None:
        """`timeout` is for each call, in seconds."""
        super().__init__()
        self._url = url
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=timeout),
            headers={"Content-Type": "application/json"},
        )

    async def make_request(self, method: RPCEndpoint, params: object) -> RPCResponse:
        """Call a method. Raises TimeoutError, aiohttp.ClientError, OSError, ValueError."""
        data = self.encode_rpc_request(method, params)
        async with self._session.post(self._url, data=data) as response:
            return self.decode_rpc_response(await response.read())

    async def disconnect(self) -> None:
        """Drop all connections."""
        await self._session.close()
