"""The page's files over HTTP: cached as their names allow, and locked in by a strict policy.

A build lays `.br` and `.gz` beside each text, and aiohttp's FileResponse sends what the browser
accepts of them, with an ETag of its own for each; where it sends the plain one, Vary is left to us.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Middleware

from sdk.bus.interface import BusUnavailableError
from sdk.settings import SettingsError
from session_manager.api.routes import BASE
from session_manager.caller import Proxies
from session_manager.sign_ins import SignIns

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
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOREVER = "public, max-age=31536000, immutable"
CHECK_EACH_TIME = "no-cache"
TLS_ONLY = "max-age=31536000"
_TYPES = {".woff2": "font/woff2"}
_LIVE = "/socket.io/"
_NO_VIEWS = ("api/", "assets/", "socket.io/")
NOT_BUILT = "The page is not built yet: run `npm ci && npm run build` in dui/, then load again.\n"


class ConsoleHostError(SettingsError):
    """CONSOLE_HOST can be reached by other machines, and nobody could sign in yet."""


@dataclass(frozen=True, slots=True)
class Front:
    """The page's folder, the names that the console answers to, and who is signed in."""

    static: Path
    hosts: Sequence[str]
    sign_ins: SignIns
    proxies: Proxies


async def check_reach(host: str, sign_ins: SignIns) -> None:
    """Refuse an address that others could reach before there is an administrator.

    Raises ConsoleHostError, BusUnavailableError.
    """
    if not is_loopback(host) and not await sign_ins.has_accounts():
        raise ConsoleHostError(
            f"CONSOLE_HOST: {host} can be reached by other machines, and there is no administrator "
            "yet; make one with `noroam account add NAME --role administrator`, or set it to "
            "127.0.0.1, ::1 or localhost"
        )


def is_loopback(host: str) -> bool:
    """Tell whether `host` can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def application(front: Front, api: web.Application | None = None) -> web.Application:
    """Make the application that serves the built page, and `api` beside it.

    Whatever path a browser asks for that is no file is a view of the page.
    """
    names = frozenset(host.lower() for host in front.hosts)
    app = web.Application(
        middlewares=[_known_hosts_only(names, front.proxies), _signed_in_only(front.sign_ins)]
    )
    app.on_response_prepare.append(_headers_of(secure=front.sign_ins.secure))

    app.router.add_get("/", _page(front.static, "index.html"))
    app.router.add_get("/api/", _page(front.static, "api.html"))
    app.router.add_get("/api", _to_api_page)
    if api is not None:
        app.add_subapp(BASE, api)
    app.router.add_get("/{path:.*}", _file_or_view(front.static))
    return app


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _page(static: Path, name: str) -> _Handler:
    async def serve(_request: web.Request) -> web.StreamResponse:
        page = static / name
        if not page.is_file():
            return web.Response(status=web.HTTPServiceUnavailable.status_code, text=NOT_BUILT)
        return _response(page)

    return serve


def _file_or_view(static: Path) -> _Handler:
    index = _page(static, "index.html")
    root = static.resolve()

    async def serve(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        file = _file(root, path)
        if file is not None:
            return _response(file)
        if path.startswith(_NO_VIEWS) or not _wants_page(request):
            raise web.HTTPNotFound
        return await index(request)

    return serve


def _response(file: Path) -> web.FileResponse:
    response = web.FileResponse(file)
    if file.suffix in _TYPES:  # that Python does not know
        response.content_type = _TYPES[file.suffix]
    return response


def _file(root: Path, path: str) -> Path | None:
    """Find a file below `root`; None: there is none, or the path can be none's."""
    try:
        file = (root / path).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except (OSError, ValueError):  # too long a name, a null byte
        return None


def _wants_page(request: web.Request) -> bool:
    return "text/html" in request.headers.get("Accept", "")


async def _to_api_page(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPPermanentRedirect("/api/")


def _known_hosts_only(names: frozenset[str], proxies: Proxies) -> Middleware:
    @web.middleware
    async def check(request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Turn away foreign names: a page elsewhere could have its name resolve to loopback."""
        try:
            host = (request.url.host or "").lower()
        except ValueError:  # such as a port that is no number
            raise web.HTTPBadRequest(text="The header Host can't be read.\n") from None
        if not is_loopback(host) and host not in names:
            told = "The console answers to loopback names and to those of CONSOLE_HOSTS.\n"
            raise web.HTTPMisdirectedRequest(text=told)
        proxies.note(request)
        return await handler(request)

    return check


def _signed_in_only(sign_ins: SignIns) -> Middleware:
    @web.middleware
    async def check(request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Turn away live connections without a session, before any is made."""
        if request.path.startswith(_LIVE):
            token = sign_ins.token_in(request.headers.get("Cookie", ""))
            try:
                account = await sign_ins.find(token) if token is not None else None
            except BusUnavailableError:
                raise web.HTTPServiceUnavailable(text="Redis does not answer.\n") from None
            if account is None:
                raise web.HTTPUnauthorized(text="Sign in first.\n")
        return await handler(request)

    return check


def _headers_of(*, secure: bool) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    always = HEADERS | ({"Strict-Transport-Security": TLS_ONLY} if secure else {})

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(always)
        hashed = request.path.startswith("/assets/") and response.status in (200, 206, 304)
        response.headers.setdefault("Cache-Control", FOREVER if hashed else CHECK_EACH_TIME)
        if isinstance(response, web.FileResponse):
            response.headers["Vary"] = "Accept-Encoding"

    return add
