"""One request of a webhook: to an address that was checked, and no further."""

import asyncio
import socket
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from sdk.ids import Clock
from sdk.webhooks.addresses import Network, is_named, may_be_reached
from sdk.webhooks.delivery import Outcome
from sdk.webhooks.signature import SIGNATURE, signature_header
from sdk.webhooks.webhook import WrongUrlError, check_url

TIMEOUT_S = 10.0
_AGENT = "Noroam-Webhook/1"
_GOOD = range(200, 300)
_REDIRECTS = range(300, 400)
_PORTS = {"https": 443, "http": 80}


class Poster:
    """Sends bodies to URLs, each over a connection of its own."""

    def __init__(
        self, clock: Clock, named: Sequence[Network] = (), timeout_s: float = TIMEOUT_S
    ) -> None:
        """`named` are networks that may be reached though they are not public, also by http."""
        self._clock = clock
        self._named = tuple(named)
        self._timeout_s = timeout_s

    async def check(self, url: str) -> None:
        """Check where a URL leads now. Raises WrongUrlError."""
        check_url(url)
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._addresses(url)
        except (OSError, TimeoutError):
            raise WrongUrlError("its host can't be found") from None

    async def post(self, url: str, secret: str, event_id: str, body: bytes) -> Outcome:
        """Send a body once, and tell what came of it; no redirect is followed."""
        loop, at = asyncio.get_running_loop(), self._clock()
        began = loop.time()
        status = error = None
        try:
            async with asyncio.timeout(self._timeout_s):
                headers = _headers(secret, event_id, body, at)
                status = await self._send(url, body, headers)
        except TimeoutError:
            error = f"no answer within {self._timeout_s:g} s"
        except WrongUrlError as refused:
            error = str(refused)
        except (OSError, aiohttp.ClientError, ValueError) as failed:
            error = f"it can't be reached: {type(failed).__name__}"
        if status is not None and status not in _GOOD:
            is_redirect = status in _REDIRECTS
            error = "it redirects, which is not followed" if is_redirect else f"it said {status}"
        spent = round((loop.time() - began) * 1000)
        return Outcome(at=self._clock(), milliseconds=spent, status=status, error=error)

    async def _send(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        check_url(url)
        connector = aiohttp.TCPConnector(
            resolver=_Checked(await self._addresses(url)), use_dns_cache=False, force_close=True
        )
        timeout = aiohttp.ClientTimeout(total=self._timeout_s)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return response.status

    async def _addresses(self, url: str) -> list[ResolveResult]:
        """Find a host, and give where it may be reached. Raises WrongUrlError, OSError."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        texts = {str(sockaddr[0]): family for family, _, _, _, sockaddr in found}
        allowed = [text for text in texts if may_be_reached(text, self._named)]
        if parts.scheme == "http":
            allowed = [text for text in allowed if is_named(text, self._named)]
        if not allowed:
            what = "by http" if parts.scheme == "http" else "there"
            raise WrongUrlError(
                f"nothing is sent {what}: the address is in no network of WEBHOOK_NETWORKS"
                + ("" if parts.scheme == "http" else ", and not public")
            )
        return [
            ResolveResult(
                hostname=host,
                host=text,
                port=port,
                family=texts[text],
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for text in allowed
        ]


class _Checked(AbstractResolver):
    """Gives the addresses that were checked: a name that is looked up again may lead elsewhere."""

    def __init__(self, addresses: list[ResolveResult]) -> None:
        self._addresses = addresses

    async def resolve(
        self,
        host: str,  # noqa: ARG002 - it is the one that was checked
        port: int = 0,  # noqa: ARG002
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002
    ) -> list[ResolveResult]:
        return self._addresses

    async def close(self) -> None:
        pass


def _headers(secret: str, event_id: str, body: bytes, at: datetime) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "User-Agent": _AGENT,
        "Noroam-Event-Id": event_id,
        SIGNATURE: signature_header(secret, body, at),
    }
