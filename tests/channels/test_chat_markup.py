"""Slack's markup in the words of other chats."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_app.channels.chat.dialects import (
    DISCORD,
    GAP,
    GOOGLE,
    MATTERMOST,
    TEAMS,
    Dialect,
    translated,
)
from inbox_app.channels.chat.mrkdwn import plain
from inbox_app.rendering.slack import escaped

DIALECTS = [DISCORD, MATTERMOST, TEAMS, GOOGLE]
TABLE = [
    # Slack, Discord and Mattermost, Teams, Google
    ("plain", "plain", "plain", "plain"),
    ("*bold*", "**bold**", "**bold**", "*bold*"),
    ("_italic_", "_italic_", "_italic_", "_italic_"),
    ("~struck~", "~~struck~~", "struck", "~struck~"),
    ("*_both_*", "**_both_**", "**_both_**", "*_both_*"),
    ("(*in brackets*), *twice*", "(**in brackets**), **twice**", None, "(*in brackets*), *twice*"),
    ("2*3*4 a_b_c", r"2\*3\*4 a\_b\_c", r"2\*3\*4 a\_b\_c", "2*3*4 a_b_c"),
    ("* not bold *", r"\* not bold \*", r"\* not bold \*", "* not bold *"),
    ("*two\nlines*", "\\*two\nlines\\*", "\\*two\n\nlines\\*", "*two\nlines*"),
    ("one\ntwo", "one\ntwo", "one\n\ntwo", "one\ntwo"),
    ("`a*b*c`", "`a*b*c`", r"a\*b\*c", "`a*b*c`"),
    ("```x = *1*\ny```", "```\nx = *1*\ny\n```", "x = \\*1\\*\n\ny", "```\nx = *1*\ny\n```"),
    (
        "<https://a.example/b_c|the *site*>",
        r"[the \*site\*](https://a.example/b_c)",
        r"[the \*site\*](https://a.example/b_c)",
        "<https://a.example/b_c|the *site*>",
    ),
    (
        "*<https://a.example|bold>*",
        "**[bold](https://a.example)**",
        "**[bold](https://a.example)**",
        "*<https://a.example|bold>*",
    ),
    (
        "<https://a.example/?b=1&amp;c=2>",
        "https://a.example/?b=1&c=2",
        "[https://a.example/?b=1&c=2](https://a.example/?b=1&c=2)",
        "https://a.example/?b=1&c=2",
    ),
    (
        "See https://a.example/b_c_d.",
        "See https://a.example/b_c_d.",
        "See [https://a.example/b\\_c\\_d](https://a.example/b_c_d).",
        "See https://a.example/b_c_d.",
    ),
    (
        "<https://a.example/x)y|z>",
        "[z](https://a.example/x%29y)",
        "[z](https://a.example/x%29y)",
        "<https://a.example/x)y|z>",
    ),
    ("1 &lt; 2 &amp;amp; 3", r"1 \< 2 &amp; 3", "1 < 2 &amp; 3", "1 < 2 &amp; 3"),
    (
        "[x](https://evil.example)",
        None,
        r"\[x\]([https://evil.example](https://evil.example))",
        None,
    ),
    ("# heading", r"\# heading", "# heading", "# heading"),
    ("<#C1|orders>", r"\#orders", "#orders", "#orders"),
    ("<!date^1^{date}|today>", "today", "today", "today"),
    ("", "", "", ""),
]


@pytest.mark.parametrize(("slack", "discord", "teams", "google"), TABLE)
def test_what_slack_writes_is_written_elsewhere(
    slack: str, discord: str | None, teams: str | None, google: str | None
):
    if discord is not None:
        assert translated(slack, DISCORD) == discord
        assert translated(slack, MATTERMOST) == discord
    if teams is not None:
        assert translated(slack, TEAMS) == teams
    if google is not None:
        assert translated(slack, GOOGLE) == google


def test_without_markup_all_is_text():
    assert translated("*a* <b> &lt;", DISCORD, markup=False) == r"\*a\* \<b\> \<"


@pytest.mark.parametrize(
    ("slack", "mattermost"),
    [
        ("<!channel>", f"@{GAP}channel"),
        ("@here, @all", f"@{GAP}here, @{GAP}all"),
        ("<@U0BEN|ben>", f"@{GAP}ben"),
        ("ana@a.example", "ana@a.example"),
    ],
)
def test_nobody_is_called_on_in_mattermost(slack: str, mattermost: str):
    assert translated(slack, MATTERMOST) == mattermost


@pytest.mark.parametrize("dialect", DIALECTS)
@given(value=st.text())
def test_a_value_makes_no_link_and_calls_on_nobody(dialect: Dialect, value: str):
    for shown in (value, f"[bank]({value})", f"<users/all>{value}", f"<{value}|bank>"):
        found = translated(f"Hello {escaped(shown)}!", dialect)
        if dialect is GOOGLE:
            # Each < that a value brought is kept from what follows.
            assert not re.search(r"<(?![\s\u200b]|$)", found)
        else:
            # What is escaped is none, nor is a URL that shows itself.
            assert "](" not in re.sub(r"\\.|\[https?://[^\]]*\]\(", "", found)
        if dialect is MATTERMOST:
            assert not re.search(r"(?<!\w)@\w", re.sub(r"https?://\S+", "", found))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("shown", ["", "Open"])
def test_a_url_calls_on_nobody(dialect: Dialect, shown: str):
    for url in ("https://x/<users/all>x", "https://x/><users/all", "https://x/<!channel>|a"):
        link = f"<{escaped(url)}|{shown}>" if shown else escaped(url)
        assert "<users" not in translated(link, dialect)
        assert "<!channel>" not in translated(link, dialect)


@given(st.text(alphabet="*_~`<>|@#! ab\n&;lt/:hps.0\0"))
def test_whatever_is_written_is_read(text: str):
    for dialect in DIALECTS:
        assert isinstance(translated(text, dialect), str)
    assert isinstance(plain(text), str)


@given(st.text())
def test_plain_text_comes_back(text: str):
    assert plain(escaped(text)) == text
