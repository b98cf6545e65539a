"""The cookie of a session, and what a request by it has to show."""

import pytest

from session_manager.sign_in_cookie import (
    COOKIE,
    HEADER,
    ForeignRequestError,
    check_origin,
    check_ours,
    given,
    taken,
    token_in,
)

TOKEN = "A" * 43
HOST = "cpo.example.com:8443"


def test_the_cookie_is_for_no_script_no_other_site_and_behind_tls_for_tls_only() -> None:
    plain, secure = given(TOKEN, 60, secure=False), given(TOKEN, 60, secure=True)
    assert plain == f"{COOKIE}={TOKEN}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict"
    assert secure == f"__Host-{plain}; Secure"
    assert taken(secure=True) == given("", 0, secure=True)


@pytest.mark.parametrize(
    ("cookies", "found"),
    [
        (f"{COOKIE}={TOKEN}", TOKEN),
        (f'a={{"x": 1}}; b="; {COOKIE}={TOKEN}; c', TOKEN),
        (f"{COOKIE}=; {COOKIE}={TOKEN}", TOKEN),
        ("", None),
        (f"{COOKIE}", None),
        (f"{COOKIE}={TOKEN}A", None),
        (f"{COOKIE}={TOKEN[:-1]}:", None),
        (f"x{COOKIE}={TOKEN}", None),
        (f"{COOKIE}=" + "A" * 100_000, None),
    ],
)
def test_the_token_is_found(cookies: str, found: str | None) -> None:
    assert token_in(cookies, secure=False) == found


def test_behind_tls_only_what_no_other_host_can_set_is_a_session() -> None:
    cookies = f"{COOKIE}={TOKEN}; __Host-{COOKIE}={TOKEN[::-1]}B"
    assert token_in(cookies, secure=True) is None
    ours = "B" * 43
    assert token_in(f"{COOKIE}={TOKEN}; __Host-{COOKIE}={ours}", secure=True) == ours
    assert token_in(f"__Host-{COOKIE}={ours}", secure=False) is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_needs_nothing_more(method: str) -> None:
    check_ours(method, {"Host": HOST, "Origin": "https://evil.example"})


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "post", "x"])
def test_a_change_needs_the_header_and_our_origin(method: str) -> None:
    ours = {"Host": HOST, HEADER: "1"}
    check_ours(method, ours)
    check_ours(method, {**ours, "Origin": f"https://{HOST}"})
    check_ours(method, {**ours, "Origin": f"http://{HOST.upper()}"})
    for wrong in (
        {"Host": HOST},
        {**ours, HEADER: "0"},
        {**ours, "Origin": "null"},
        {**ours, "Origin": ""},
        {**ours, "Origin": "https://cpo.example.com"},
        {**ours, "Origin": "https://cpo.example.com:9443"},
        {**ours, "Origin": f"https://{HOST}.evil.example"},
        {**ours, "Origin": f"https://{HOST}@evil.example"},
        {**ours, "Origin": "https://[broken"},
        {HEADER: "1", "Origin": "null"},
    ):
        with pytest.raises(ForeignRequestError):
            check_ours(method, wrong)


def test_signing_in_needs_no_header_but_no_other_origin() -> None:
    check_origin({"Host": HOST})
    check_origin({"Host": HOST, "Origin": f"https://{HOST}"})
    with pytest.raises(ForeignRequestError):
        check_origin({"Host": HOST, "Origin": "https://evil.example"})
