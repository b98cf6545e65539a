"""The API as an aiohttp application: each request is checked, handled and answered the same way."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from sdk.errors import NoroamError
from sdk.ids import new_event_id
from session_manager.access import Principal
from session_manager.api.audited import audited
from session_manager.api.bodies import read_body
from session_manager.api.parameters import read_path
from session_manager.api.problems import (
    MEDIA_TYPE,
    ProblemError,
    problem_of,
    twice,
    wrong_fields,
)
from session_manager.api.routes import Asked, Reply, Route, Services
from session_manager.caller import caller_of

CORRELATION = "X-Correlation-Id"
NOBODY = Principal("", "", "viewer")
"""Who asks where no key is asked for."""
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(services: Services, routes: Sequence[Route]) -> web.Application:
    """Make the application, to be mounted under `routes.BASE`."""
    app = web.Application(middlewares=[_faults_as_problems])
    for route in routes:
        handler = _Endpoint(services, route).answer
        if route.method == "GET":
            app.router.add_get(route.path, handler)  # and HEAD
        else:
            app.router.add_route(route.method, route.path, handler)
    return app


class _Endpoint:
    """One route at work."""

    def __init__(self, services: Services, route: Route) -> None:
        for model in (route.body, route.query):
            if model is not None and model.model_config.get("extra") != "forbid":
                raise TypeError(f"{route.name}: {model.__name__} lets unknown fields through")
        self._services = services
        self._route = route

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a request, whatever becomes of it."""
        correlation_id = new_event_id()
        try:
            asked = await self._ask(request, correlation_id)
            reply = await audited(self._route, asked, self._handle)
        except NoroamError as error:
            response: web.StreamResponse = self._refused(error, correlation_id)
        except Exception:  # a fault of ours; it ends one request, and no other
            self._services.log.exception(
                "%s failed", self._route.name, correlation_id=str(correlation_id)
            )
            response = _problem(ProblemError(500, "This failed on our side."))
        else:
            response = self._response(reply, request)
            for cookie in reply.cookies if isinstance(reply, Reply) else ():
                response.headers.add("Set-Cookie", cookie)
        if not response.prepared:
            response.headers[CORRELATION] = str(correlation_id)
        return response

    async def _handle(self, asked: Asked) -> BaseModel | Reply | web.StreamResponse:
        if not self._route.is_heavy:
            return await self._route.handler(asked)
        async with self._services.heavy_reads.turn(asked.principal.id):
            return await self._route.handler(asked)

    async def _ask(self, request: web.Request, correlation_id: UUID) -> Asked:
        principal = await self._let_in(request)
        return Asked(
            services=self._services,
            principal=principal,
            path=read_path(request.match_info),
            query=self._query(request),
            body=await self._body(request),
            correlation_id=correlation_id,
            request=request,
        )

    async def _let_in(self, request: web.Request) -> Principal:
        route, access = self._route, self._services.access
        if route.role is None:
            return NOBODY
        principal = await access.check(request.headers, caller_of(request), request.method)
        access.count(principal)  # first, so that what is forbidden can't be asked for ever
        if not principal.may(route.role):
            needed = f"This needs the role {route.role}; the {principal.kind} has {principal.role}."
            raise ProblemError(HTTPStatus.FORBIDDEN, needed)
        return principal

    def _query(self, request: web.Request) -> BaseModel | None:
        given: dict[str, str] = {}
        for name, value in request.query.items():
            if name in given:
                raise twice(name)
            given[name] = value
        model = self._route.query or _NoQuery
        if not given and model is _NoQuery:
            return None
        try:
            return model.model_validate_strings(given, strict=True)
        except ValidationError as error:
            raise wrong_fields(error, of_query=True) from None

    async def _body(self, request: web.Request) -> BaseModel | None:
        model = self._route.body
        if model is None:
            return None
        raw = await read_body(request)
        try:
            orjson.loads(raw)  # strict where pydantic is not: NaN, lone surrogates
            return model.model_validate_json(raw, strict=True, by_alias=True, by_name=False)
        except orjson.JSONDecodeError as error:
            where = f"The body is no JSON: line {error.lineno}, column {error.colno}."
            raise ProblemError(HTTPStatus.BAD_REQUEST, where) from None
        except ValidationError as error:
            raise wrong_fields(error) from None

    def _response(
        self, reply: BaseModel | Reply | web.StreamResponse, request: web.Request
    ) -> web.StreamResponse:
        if isinstance(reply, web.StreamResponse):
            return reply
        if isinstance(reply, BaseModel):
            reply = Reply(reply)
        status = reply.status or self._route.status
        if reply.content is None:
            return web.Response(status=status, headers=reply.headers)
        body = _written(reply.content)
        headers = dict(reply.headers)
        headers.setdefault("Cache-Control", "private, no-cache" if self._route.etag else "no-store")
        if self._route.etag:
            digest = hashlib.blake2b(body, digest_size=12).hexdigest()
            tag = headers.setdefault("ETag", f'"{digest}"')
            if _has(request, tag):
                return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return web.Response(
            status=status, body=body, headers=headers, content_type=self._route.media_type
        )

    def _refused(self, error: NoroamError, correlation_id: UUID) -> web.Response:
        problem = problem_of(error)
        if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self._services.log.error(
                "%s: %s", self._route.name, error, correlation_id=str(correlation_id)
            )
        return _problem(problem)


class _NoQuery(BaseModel, extra="forbid"):
    """No parameters."""


def _written(content: BaseModel | Mapping[str, Any]) -> bytes:
    if isinstance(content, BaseModel):
        return content.model_dump_json(by_alias=True).encode()
    return orjson.dumps(content)


def _has(request: web.Request, tag: str) -> bool:
    held = request.headers.get("If-None-Match", "")
    return held.strip() == "*" or tag in (
        each.strip().removeprefix("W/") for each in held.split(",")
    )


def _problem(problem: ProblemError) -> web.Response:
    return web.Response(
        status=problem.status,
        body=problem.document.model_dump_json(exclude_none=True).encode(),
        headers=problem.headers,
        content_type=MEDIA_TYPE,
    )


@web.middleware
async def _faults_as_problems(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Answer what reaches no endpoint: unknown paths, and methods that a path does not have."""
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed as error:
        allowed = ", ".join(sorted({*error.allowed_methods, "OPTIONS"}))
        if request.method == "OPTIONS":
            response = web.Response(status=HTTPStatus.NO_CONTENT, headers={"Allow": allowed})
        else:
            detail = "This path does not have this method."
            headers = {"Allow": allowed}
            response = _problem(ProblemError(error.status, detail, headers=headers))
    except web.HTTPException as error:
        detail = "There is nothing at this path." if error.status == HTTPStatus.NOT_FOUND else ""
        response = _problem(ProblemError(error.status, detail or error.reason))
    response.headers[CORRELATION] = str(new_event_id())
    return response
