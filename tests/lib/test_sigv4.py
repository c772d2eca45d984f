"""Signatures as Amazon's services expect them, held against another implementation."""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from urllib.parse import quote, urlencode

from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict
from requests_aws4auth import AWS4Auth  # pyright: ignore[reportMissingTypeStubs]

from inbox_app.lib.sigv4 import Keys, Request, Scope, signed

PLAIN = string.ascii_letters + string.digits
SCOPE = Scope("us-east-1", "ses")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
keys = st.builds(
    *(Keys, st.text(PLAIN, min_size=1), st.text(PLAIN + "/+=", min_size=1)),
    session_token=st.text(PLAIN + "/+=", max_size=40),
)
segments = st.lists(
    st.text(PLAIN + "-_.~ %éß$&'()*,:;=@", min_size=1).filter(lambda each: each.strip(".")),
    max_size=4,
)
pairs = st.lists(st.tuples(st.text(PLAIN, min_size=1), st.text(max_size=8)), max_size=5)
names = st.text(PLAIN + "-", min_size=1).map(lambda name: f"X-{name}")
values = st.text(PLAIN + "-_/=;:.  ").filter(lambda value: value.strip())
headers = st.dictionaries(names.map(str.title), values, max_size=4)


def url(port: str, parts: list[str], query: list[tuple[str, str]]) -> str:
    """A URL of the service."""
    path = "/".join(quote(each) for each in parts)
    asked = f"?{urlencode(query)}" if query else ""
    return f"https://email.us-east-1.amazonaws.com{port}/{path}{asked}"


urls = st.builds(url, st.sampled_from(["", ":443", ":8443"]), segments, pairs)
times = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def theirs(request: Request, key: Keys, scope: Scope, at: datetime) -> Mapping[str, str]:
    """The headers by the other implementation, which always signs the hash of the body too."""
    auth = AWS4Auth(
        *(key.access_key_id, key.secret_access_key, scope.region, scope.service),
        session_token=key.session_token or None,
        include_hdrs={"*"},
    )
    moment = at.strftime("%Y%m%dT%H%M%SZ")
    dated = CaseInsensitiveDict({**request.headers, "X-Amz-Date": moment})
    plain = SimpleNamespace(
        method=request.method, url=request.url, headers=dated, body=request.body
    )
    auth(plain)
    return dated


@given(
    key=keys,
    method=st.sampled_from(["GET", "POST", "put"]),
    url=urls,
    given=headers,
    body=st.binary(),
    at=times,
)
def test_both_implementations_sign_alike(
    key: Keys, method: str, url: str, given: dict[str, str], body: bytes, at: datetime
):
    expected = theirs(Request(method, url, given, body), key, SCOPE, at)
    hashed = {"X-Amz-Content-Sha256": expected["x-amz-content-sha256"]}
    found = signed(Request(method, url, given | hashed, body), key, SCOPE, at)
    assert found["Authorization"] == expected["Authorization"]
    assert {name.lower() for name in found} == {name.lower() for name in expected}


@given(st.binary(), st.binary())
def test_another_body_has_another_signature(one: bytes, other: bytes):
    signatures = [
        signed(Request("POST", "https://a.test/", {}, body), Keys("a", "b"), SCOPE, AT)
        for body in (one, other)
    ]
    assert (signatures[0] == signatures[1]) is (one == other)


def test_the_example_of_the_documentation_comes_out():
    # AWS General Reference, "Signature Version 4 signing process": ListUsers of IAM.
    request = Request(
        "GET",
        "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
        b"",
    )
    key = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    at = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    assert signed(request, key, Scope("us-east-1", "iam"), at)["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


def test_the_time_is_that_of_greenwich():
    here = AT.astimezone(timezone(timedelta(hours=5)))
    headers = signed(Request("GET", "https://a.test", {}, b""), Keys("a", "b"), SCOPE, here)
    assert headers["X-Amz-Date"] == "20260302T093000Z"


def test_no_secret_is_shown():
    assert "b-secret" not in repr(Keys("a", "b-secret", "b-secret"))
