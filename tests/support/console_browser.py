"""A browser that is signed in to a console."""

from built_pages import CONSOLE, check_built
from console_accounts import cookie_of
from playwright._impl._api_structures import SetCookieParam
from playwright.async_api import Page

from sdk.api_keys import Role
from sdk.bus.interface import Bus
from session_manager.sign_in_cookie import COOKIE


def session_cookie(token: str, url: str) -> SetCookieParam:
    """Give the cookie of a session as the console would have set it."""
    return SetCookieParam(name=COOKIE, value=token, url=url, httpOnly=True, sameSite="Strict")


async def open_console(page: Page, bus: Bus, url: str, role: Role = "operator") -> None:
    """Open a console in a browser, signed in as `<role>`."""
    check_built(CONSOLE)
    token = (await cookie_of(bus, role)).partition("=")[2]
    await page.context.add_cookies([session_cookie(token, url)])
    await page.goto(url)
