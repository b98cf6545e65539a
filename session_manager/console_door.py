"""Whose the connected pages are: let in by cookie, put out when it is over, and what each may."""

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, NamedTuple

import socketio

from sdk.accounts import StoredAccount
from sdk.api_keys import Role, is_at_least
from sdk.audit import AuditWho
from sdk.bus.interface import BusUnavailableError
from sdk.events.station import StationCommandRefused
from sdk.leaky_count import LeakyCount, LeakyCounts
from sdk.logs import Logger
from session_manager.fresh import FRESH_S
from session_manager.sign_in_cookie import is_ours
from session_manager.sign_ins import SignIns

SIGNED_OUT = "signed_out"
"""Tells a page, before it is put out, that it has to sign in again."""
MOST_PAGES = 100
"""Of one account, in this process."""
COMMANDS, COMMANDS_PER_S = 60, 1.0
"""How many commands an account gives at once, and then how often."""
_MOST_COUNTED = 5_000
_FOR_VIEWERS = frozenset({"BalanceRequested", "PublicKeyRequested"})


def least_role(command: str) -> Role:
    """Tell which role a command needs at least."""
    return "viewer" if command in _FOR_VIEWERS else "operator"


def is_own_page(origin: str | None, environ: Mapping[str, Any]) -> bool:
    """Tell whether a socket is opened by a page of ours; for engine.io."""
    return origin is None or is_ours(origin, str(environ.get("HTTP_HOST", "")))


class _Page(NamedTuple):
    token: str
    account_id: str
    role: Role


class Door:
    """Lets pages in, and out again within `FRESH_S` of what ended their sessions."""

    def __init__(
        self,
        server: socketio.AsyncServer,
        sign_ins: SignIns,
        log: Logger,
        see_as: Callable[[str, Role], None],
    ) -> None:
        """`see_as` is told the role of a page whose account got another one."""
        self._server = server
        self._sign_ins = sign_ins
        self._log = log
        self._see_as = see_as
        self._pages: dict[str, _Page] = {}
        self._counts = LeakyCounts(lambda: LeakyCount(COMMANDS, COMMANDS_PER_S), _MOST_COUNTED)

    async def let_in(self, sid: str, environ: object) -> Role:
        """Take a page with a session; give its role. Raises ConnectionRefusedError for another."""
        cookies = environ.get("HTTP_COOKIE", "") if isinstance(environ, dict) else ""
        token = self._sign_ins.token_in(cookies)
        try:
            account = await self._sign_ins.find(token) if token else None
        except BusUnavailableError:
            refusal = "Redis does not answer"
            raise socketio.exceptions.ConnectionRefusedError(refusal) from None
        if token is None or account is None:
            raise socketio.exceptions.ConnectionRefusedError(SIGNED_OUT)
        if sum(page.account_id == account.id for page in self._pages.values()) >= MOST_PAGES:
            raise socketio.exceptions.ConnectionRefusedError("too many pages of this account")
        self._pages[sid] = _Page(token, account.id, account.role)
        return account.role

    def let_out(self, sid: str) -> None:
        """Forget a page that is gone."""
        self._pages.pop(sid, None)

    async def admit(self, sid: str, data: object) -> dict[str, Any] | StationCommandRefused:
        """Give a page's command as it is passed on: `by` names who asks. Or say why it is not."""
        fields = data if isinstance(data, dict) else {}
        command = str(fields.get("type", ""))[:100]
        least = least_role(command)
        try:
            account = await self._whose(sid)
        except BusUnavailableError:
            detail = "Redis does not answer"
            return StationCommandRefused(command=command, reason="timeout", detail=detail)
        if account is None or not is_at_least(account.role, least):
            detail = f"it needs the role {least}"
            return StationCommandRefused(command=command, reason="forbidden", detail=detail)
        if (wait := self._counts.take(account.id, monotonic())) is not None:
            detail = f"too many commands; again in {wait} s"
            return StationCommandRefused(command=command, reason="overloaded", detail=detail)
        station = str(fields.get("charge_point_id", ""))[:48]
        self._log.info(
            "%s for %s is asked for by %s (%s)", command, station, account.name, account.id
        )
        return {**fields, "by": account.name}

    async def who(self, sid: str) -> AuditWho | None:
        """Tell whose page it is; None where nobody is signed in there, or Redis is away."""
        try:
            account = await self._whose(sid)
        except BusUnavailableError:
            return None
        if account is None:
            return None
        return AuditWho(id=account.id, name=account.name, role=account.role)

    async def _whose(self, sid: str) -> StoredAccount | None:
        page = self._pages.get(sid)
        return await self._sign_ins.find(page.token) if page is not None else None

    async def watch(self) -> None:
        """Put out the pages whose sessions are over, and notice other roles, for ever."""
        while True:
            await asyncio.sleep(FRESH_S)
            for sid, page in list(self._pages.items()):
                try:
                    account = await self._sign_ins.find(page.token)
                except BusUnavailableError:
                    break
                if account is None:
                    await self._put_out(sid)
                elif account.role != page.role and sid in self._pages:
                    self._pages[sid] = page._replace(role=account.role)
                    self._see_as(sid, account.role)

    async def _put_out(self, sid: str) -> None:
        self.let_out(sid)
        await self._server.emit(SIGNED_OUT, to=sid)
        await self._server.disconnect(sid)
