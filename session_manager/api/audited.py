"""Notes who asked for each change, and what became of it."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from aiohttp import web
from pydantic import BaseModel

from sdk.audit import AuditNote, AuditWho
from sdk.errors import NoroamError
from sdk.passwords import TooManySignInsError
from session_manager.api.problems import problem_of
from session_manager.api.routes import Asked, Reply, Route
from session_manager.sign_in_attempts import SignInWaitError

Answer = BaseModel | Reply | web.StreamResponse
_SERVER_ERROR = 500
_OF_STATION = ("charge_point_id", "connector_id", "session_id")
_SUBJECTS = ("id_tag", "name")
_SHOWN = ("decision", "type", "key", "role", "status", "requested_message", "transaction_id")
"""Fields of bodies of which the value is noted, too: it is never a secret."""


async def audited(
    route: Route, asked: Asked, handle: Callable[[Asked], Awaitable[Answer]]
) -> Answer:
    """Do what is asked; what may change something is noted, whatever becomes of it.

    What was turned away before (no key, the role, a wrong body) is not, nor what came too often:
    else whoever may do nothing could push out what others did.
    """
    if route.method == "GET" or not asked.principal.id:
        return await handle(asked)
    told: _Told | None = _Told("failed", _SERVER_ERROR)
    try:
        answer = await handle(asked)
        told = _told(route, answer)
    except NoroamError as error:
        told = _told_of(error)
        raise
    finally:
        if told is not None:
            await asked.services.audit.take(_note(route, asked, told))
    return answer


class _Told(NamedTuple):
    """What became of it; `session_id` where the answer names a session."""

    outcome: str
    status: int
    session_id: str | None = None


def _told_of(error: NoroamError) -> _Told | None:
    if isinstance(error, SignInWaitError | TooManySignInsError):
        return None
    status = problem_of(error).status
    return _Told("failed" if status >= _SERVER_ERROR else "refused", status)


def _told(route: Route, answer: Answer) -> _Told:
    if isinstance(answer, web.StreamResponse):
        return _Told("done", answer.status)
    status = (answer.status if isinstance(answer, Reply) else None) or route.status
    content = answer.content if isinstance(answer, Reply) else answer
    told = content.model_dump() if isinstance(content, BaseModel) else content or {}
    return _Told(str(told.get("outcome", "done")), status, told.get("session_id"))


def _note(route: Route, asked: Asked, told: _Told) -> AuditNote:
    body = asked.body.model_dump(exclude_unset=True) if asked.body is not None else {}
    about = {name: asked.path.get(name, body.get(name)) for name in _OF_STATION}
    about["session_id"] = about["session_id"] or told.session_id
    others = [str(value) for name, value in asked.path.items() if name not in _OF_STATION]
    named = [str(body[name]) for name in _SUBJECTS if name in body]
    who = asked.principal
    fields: dict[str, Any] = {
        **about,
        "at": asked.services.clock(),
        "source": "api",
        "who": AuditWho(id=who.id, name=who.name, role=who.role),
        "action": route.name,
        "subject": next(iter(others or named), None),
        "outcome": told.outcome,
        "status": told.status,
        "detail": ", ".join(_part(name, value) for name, value in body.items()) or None,
        "correlation_id": asked.correlation_id,
    }
    return AuditNote.model_validate(fields)


def _part(name: str, value: object) -> str:
    return f"{name} {value}" if name in _SHOWN and isinstance(value, str | int) else name
