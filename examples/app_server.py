"""Serves the driver's app, as it was built in examples/app/dist, with its defaults beside it.

    python examples/app_server.py --port 0 --config '{"chainUrl": "http://127.0.0.1:8545", ...}'

Loopback only. Any web server does in its place: what counts are the headers, and /config.json.
"""

import argparse
import asyncio
import json
import signal
from pathlib import Path

from aiohttp import web

PAGE = Path(__file__).parent / "app" / "dist"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self' ws: wss: http: https:; manifest-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOREVER = "public, max-age=31536000, immutable"


def application(config: str, page: Path = PAGE) -> web.Application:
    """Make the application that serves the page, and `config`, a JSON text, as /config.json.

    Raises FileNotFoundError where the page is not built.
    """
    index = page / "index.html"
    if not index.is_file():
        raise FileNotFoundError(f"{index}: build the app with .tools/setup.sh app")

    async def start(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(index)

    async def defaults(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=config, content_type="application/json")

    app = web.Application()
    app.on_response_prepare.append(_add_headers)
    app.router.add_get("/", start)
    app.router.add_get("/config.json", defaults)
    app.router.add_static("/", page)
    return app


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
    is_hashed = request.path.startswith("/assets/") and response.status == web.HTTPOk.status_code
    response.headers.setdefault("Cache-Control", FOREVER if is_hashed else "no-cache")


async def serve(config: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; prints a `ready` line with the URL."""
    runner = web.AppRunner(application(config), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    print(f"ready app_server http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await stopping.wait()
    await runner.cleanup()


def main() -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--config", default="{}", help="what /config.json says")
    arguments = parser.parse_args()
    asyncio.run(serve(json.dumps(json.loads(arguments.config)), arguments.port))


if __name__ == "__main__":
    main()
