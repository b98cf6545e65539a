"""The page's files over HTTP: cached as their names allow, and locked in by a strict policy."""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web

from sdk.settings import SettingsError

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


def application(static: Path) -> web.Application:
    """Make the application that serves the built page out of `static`."""
    app = web.Application(middlewares=[_only_this_machine])
    app.on_response_prepare.append(_add_headers)

    async def index(_request: web.Request) -> web.StreamResponse:
        page = static / "index.html"
        if not page.is_file():
            return web.Response(status=web.HTTPServiceUnavailable.status_code, text=NOT_BUILT)
        return web.FileResponse(page)

    app.router.add_get("/", index)
    if static.is_dir():
        app.router.add_static("/", static)
    return app


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def _only_this_machine(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """Turn away foreign host names: a page elsewhere could have its name resolve to loopback."""
    host = request.url.host
    if host is None or not is_loopback(host):
        raise web.HTTPMisdirectedRequest(text="The console answers to loopback names only.\n")
    return await handler(request)


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    hashed = request.path.startswith("/assets/") and response.status in (200, 206, 304)
    response.headers.setdefault("Cache-Control", FOREVER if hashed else CHECK_EACH_TIME)
