"""The page's files over HTTP: cached as their names allow, and locked in by a strict policy."""

from collections.abc import Awaitable, Callable, Sequence
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Middleware

from sdk.settings import SettingsError
from session_manager.api.routes import BASE

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOREVER = "public, max-age=31536000, immutable"
CHECK_EACH_TIME = "no-cache"
NOT_BUILT = "The page is not built yet: run `npm ci && npm run build` in dui/, then load again.\n"


class ConsoleHostError(SettingsError):
    """CONSOLE_HOST is not a loopback address; without sign-in, nothing else is safe."""


def check_loopback(host: str) -> None:
    """Refuse an address that other machines could reach. Raises ConsoleHostError."""
    if not is_loopback(host):
        raise ConsoleHostError(
            f"CONSOLE_HOST: {host} is not loopback, and the console has no sign-in yet; "
            "set it to 127.0.0.1, ::1 or localhost"
        )


def is_loopback(host: str) -> bool:
    """Tell whether `host` can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def application(
    static: Path, api: web.Application | None = None, api_hosts: Sequence[str] = ()
) -> web.Application:
    """Make the application that serves the built page out of `static`, and `api` beside it.

    The page answers to loopback names only; the API, which asks for keys, to `api_hosts`, too.
    """
    app = web.Application(middlewares=[_known_hosts_only(frozenset(map(str.lower, api_hosts)))])
    app.on_response_prepare.append(_add_headers)

    app.router.add_get("/", _page(static, "index.html"))
    app.router.add_get("/api/", _page(static, "api.html"))
    app.router.add_get("/api", _to_api_page)
    if api is not None:
        app.add_subapp(BASE, api)
    if static.is_dir():
        app.router.add_static("/", static)
    return app


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _page(static: Path, name: str) -> _Handler:
    async def serve(_request: web.Request) -> web.StreamResponse:
        page = static / name
        if not page.is_file():
            return web.Response(status=web.HTTPServiceUnavailable.status_code, text=NOT_BUILT)
        return web.FileResponse(page)

    return serve


async def _to_api_page(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPPermanentRedirect("/api/")


def _known_hosts_only(api_hosts: frozenset[str]) -> Middleware:
    @web.middleware
    async def check(request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Turn away foreign names: a page elsewhere could have its name resolve to loopback."""
        host = request.url.host
        if host is None or not (is_loopback(host) or (_is_api(request) and host in api_hosts)):
            raise web.HTTPMisdirectedRequest(text="The console answers to loopback names only.\n")
        return await handler(request)

    return check


def _is_api(request: web.Request) -> bool:
    return request.path.startswith(f"{BASE}/")


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    hashed = request.path.startswith("/assets/") and response.status in (200, 206, 304)
    response.headers.setdefault("Cache-Control", FOREVER if hashed else CHECK_EACH_TIME)
