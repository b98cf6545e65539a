"""What proxies tell: believed of those that are trusted, and only where it is clear."""

import pytest
from websockets.datastructures import Headers

from cpg.proxies import ForwardingError, Origin, Proxies, read_dn
from cpg.security_profiles import PLAIN, ClientCertificate, Offer

PROXY, INNER, CLIENT, OTHER = "10.0.0.1", "10.0.0.2", "203.0.113.9", "198.51.100.7"
TRUSTED = Proxies(["10.0.0.0/8", "2001:db8::1"])
ENCRYPTED = Offer(is_encrypted=True)
CP1 = ClientCertificate("CP1", "Acme")


def origin(*pairs: tuple[str, str], address: str = PROXY, offer: Offer = PLAIN) -> Origin:
    return TRUSTED.origin(address, offer, Headers(pairs).get_all)


def forwarded(*values: str) -> str:
    return origin(*[("X-Forwarded-For", value) for value in values]).address


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), PROXY),
        ((CLIENT,), CLIENT),
        ((f"{OTHER}, {CLIENT}",), CLIENT),
        ((OTHER, CLIENT), CLIENT),
        ((f"{CLIENT},{INNER}",), CLIENT),
        ((f"{OTHER},{CLIENT} , {INNER}",), CLIENT),
        ((f"{INNER},{PROXY}",), INNER),
        ((f"nonsense,,{CLIENT}",), CLIENT),
        ((f"{CLIENT}:4711",), CLIENT),
        (("[2001:db8::2]:4711",), "2001:db8::2"),
        (("2001:db8::2",), "2001:db8::2"),
        ((f"::ffff:{CLIENT}",), CLIENT),
        ((f"{CLIENT},2001:db8::1",), CLIENT),
    ],
)
def test_the_last_hop_that_is_no_proxy_is_counted(values: tuple[str, ...], expected: str) -> None:
    assert forwarded(*values) == expected


@pytest.mark.parametrize(
    "value",
    ["", "unknown", "_hidden", f"{CLIENT},", f"{CLIENT};{CLIENT}", "1.2.3", "fe80::1%eth0"],
)
def test_hops_that_are_no_addresses_are_refused(value: str) -> None:
    with pytest.raises(ForwardingError):
        forwarded(value)


@pytest.mark.parametrize(
    ("value", "offer"),
    [
        ("https", ENCRYPTED),
        ("WSS", ENCRYPTED),
        (" https ", ENCRYPTED),
        ("http", PLAIN),
        ("ws", PLAIN),
    ],
)
def test_the_protocol_tells_whether_it_came_by_tls(value: str, offer: Offer) -> None:
    assert origin(("X-Forwarded-Proto", value)).offer == offer


@pytest.mark.parametrize("value", ["", "https,http", "https,https", "tls", "x" * 3000])
def test_other_protocols_are_refused(value: str) -> None:
    with pytest.raises(ForwardingError):
        origin(("X-Forwarded-Proto", value))


@pytest.mark.parametrize("name", ["X-Forwarded-Proto", "X-SSL-Client-Verify", "X-SSL-Client-S-DN"])
def test_one_value_may_be_given_once(name: str) -> None:
    values = {"X-Forwarded-Proto": "https", "X-SSL-Client-Verify": "SUCCESS"}
    pairs = {**values, "X-SSL-Client-S-DN": "CN=CP1,O=Acme"}
    assert origin(*pairs.items()).offer.certificate == CP1
    with pytest.raises(ForwardingError):
        origin(*pairs.items(), (name.lower(), pairs[name]))


def test_a_certificate_counts_where_it_was_verified() -> None:
    subject = ("X-SSL-Client-S-DN", "CN=CP1,O=Acme")
    verified = ("X-SSL-Client-Verify", "SUCCESS")
    https = ("X-Forwarded-Proto", "https")
    certified = Offer(is_encrypted=True, certificate=CP1)
    assert origin(subject, verified).offer == certified
    assert origin(subject, verified, https).offer == certified
    assert origin(subject, https).offer == ENCRYPTED
    for said in ("NONE", "FAILED:expired", "success", ""):
        assert origin(subject, https, ("X-SSL-Client-Verify", said)).offer == ENCRYPTED
        assert origin(subject, ("X-SSL-Client-Verify", said)).offer == PLAIN
    with pytest.raises(ForwardingError):
        origin(verified, https)
    with pytest.raises(ForwardingError):
        origin(subject, verified, ("X-Forwarded-Proto", "http"))


def test_what_the_proxy_itself_offers_is_not_the_charge_point_s() -> None:
    own = Offer(is_encrypted=True, certificate=ClientCertificate("proxy"))
    assert origin(offer=own).offer == PLAIN
    assert origin(("X-Forwarded-Proto", "https"), offer=own).offer == ENCRYPTED


@pytest.mark.parametrize("address", [CLIENT, "2001:db8::2", "", "/run/socket"])
def test_nobody_else_is_heard(address: str) -> None:
    for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-SSL-Client-Verify"):
        for offer in (PLAIN, ENCRYPTED):
            said = [(name, "nonsense"), (name, "https")]
            assert origin(*said, address=address, offer=offer) == Origin(address, offer)


def test_by_default_nobody_is_trusted() -> None:
    headers = Headers({"X-Forwarded-For": CLIENT}).get_all
    assert Proxies().origin("127.0.0.1", PLAIN, headers) == Origin("127.0.0.1", PLAIN)


@pytest.mark.parametrize(
    ("text", "name", "organization"),
    [
        ("CN=CP1", "CP1", ""),
        ("CN=CP1,O=Acme,C=DE", "CP1", "Acme"),
        ("O=Acme,CN=CP1", "CP1", "Acme"),
        (r"O=A\,CN=CP2,CN=CP1", "CP1", "A,CN=CP2"),
        (r"CN=CP1,O=A\"b\+c\;", "CP1", 'A"b+c;'),
        (r"CN=CP1,O=Stra\C3\9Fe", "CP1", "Straße"),
        ("CN=CP1,O=Straße".encode().decode("ascii", "surrogateescape"), "CP1", "Straße"),
        ("emailAddress=a@b.c,serialNumber=7,2.5.4.97=x,CN=CP1,O=Acme", "CP1", "Acme"),
        ("O=Acme+CN=CP1", "CP1", "Acme"),
        ("/CN=CP1", "CP1", ""),
        ("/C=DE/O=Acme/CN=CP1/emailAddress=a@b.c", "CP1", "Acme"),
        ("/O=Acme/Sub 1/CN=CP1", "CP1", "Acme/Sub 1"),
    ],
)
def test_subjects_are_read(text: str, name: str, organization: str) -> None:
    assert read_dn(text) == ClientCertificate(name, organization)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CP1",
        "O=Acme",
        "CN=CP1,CN=CP2",
        "CN=CP1,O=A,O=B",
        "CN=CP1,",
        "CN=CP1 O=A, ,",
        'CN="CP1"',
        "NAME=x,CN=CP1",
        r"CN=CP1\xx",
        "CN=CP1\udcff",
        "/",
        "/O=Acme",
        "/O=x/CN=CP2/CN=CP1",
        "/x/CN=CP1/O=A/O=B",
    ],
)
def test_subjects_that_are_not_clear_are_refused(text: str) -> None:
    with pytest.raises(ForwardingError):
        read_dn(text)
