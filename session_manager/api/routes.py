"""What an endpoint is: declared once, for those who ask, the application and the document."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from sdk.api_keys import ApiKeys, Role
from sdk.audit import Audit
from sdk.bus.interface import Bus
from sdk.gateways import LiveGateways
from sdk.ids import Clock
from sdk.logs import Logger
from sdk.records.shelf import Shelf
from sdk.webhooks.register import Webhooks
from session_manager.access import Access, Principal
from session_manager.api.asking import Asking
from session_manager.api.event_feed import Feeds
from session_manager.api.heavy_reads import HeavyReads
from session_manager.api.own_process import OwnProcess
from session_manager.api.registrar import Registrar

BASE = "/api/v1"
NO_STORE = {"Cache-Control": "no-store"}
"""Headers of an answer that shows a secret once."""
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers work with."""

    bus: Bus
    clock: Clock
    log: Logger
    access: Access
    api_keys: ApiKeys | None
    """None without CREDENTIAL_KEY."""
    asking: Asking
    feeds: Feeds
    registrar: Registrar
    gateways: LiveGateways
    audit: Audit
    process: OwnProcess | None = None
    """None where nothing is told of the process that serves the API."""
    heavy_reads: HeavyReads = field(default_factory=HeavyReads)
    shelf: Shelf = field(default_factory=Shelf)
    zone: str = "UTC"
    """IANA name of the time zone of reports, where none is asked for."""
    webhooks: Webhooks | None = None
    """None where there is no alert desk."""

    async def run(self) -> None:
        """Do what has to go on beside the requests, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.asking.run())
            tasks.create_task(self.feeds.run())
            tasks.create_task(self.audit.run())


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as it was found good: its key, role, path, query and body are checked.

    `path` holds the path's parameters by name, in their own types; `query` and `body` are values
    of the route's models. `correlation_id` goes into the answer's X-Correlation-Id.
    """

    services: Services
    principal: Principal
    path: Mapping[str, Any]
    query: Any
    body: Any
    correlation_id: UUID
    request: web.Request
    """For what is not above: headers, and answers that are written bit by bit."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that needs more than a model: another status, headers, or JSON made by hand.

    `content`: a model, or what orjson can write; None for no body at all.
    """

    content: BaseModel | Mapping[str, Any] | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Sequence[str] = ()
    """Values of Set-Cookie headers."""


Handler = Callable[[Asked], Awaitable[BaseModel | Reply | web.StreamResponse]]
"""Answers a request; refuses by ProblemError, or by any error that `problem_of` knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One endpoint. `path` stands behind `BASE`; its `{names}` are those of `parameters.PATH`.

    `role` is the least that may ask; None: nobody is asked for a key. `body` and `query` are models
    that forbid fields which they do not have; `answer` is what comes with `status`, None if there
    is nothing in it. `etag`: the answer has one, and If-None-Match is heard. `is_heavy`: it looks
    at much, and waits for its turn.
    """

    method: Method
    path: str
    name: str
    summary: str
    role: Role | None
    handler: Handler
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    tags: tuple[str, ...] = ()
    etag: bool = False
    sends: tuple[str, ...] = ()
    """Further headers of its answer, by names that the document knows."""
    is_heavy: bool = False
    description: str = ""
    media_type: str = "application/json"
    example: Mapping[str, Any] | None = None
    """A body that is valid and does no harm."""
    also: Mapping[int, str] = field(default_factory=dict)
    """Further statuses that it answers with problem documents, and when."""
