"""Small pages that need no application around them: signed out, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

from inbox_app.lib.catalogue import Tongue

# Colours as in assets/styles/tokens.css, inlined so that the page stands when nothing else does.
PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<title>{title}</title>
<style>
:root {{ --bg: #fbfbfc; --panel: #fff; --line: #e6e6ea; --ink: #1c1c21; --ink-2: #55555f;
  --edge: #868692;
  --accent: #4f46c8; --accent-ink: #fff; }}
@media (prefers-color-scheme: dark) {{ :root {{ --bg: #111114; --panel: #17171b; --line: #27272e;
  --ink: #ededf0; --ink-2: #b3b3bd; --edge: #6c6c78;
  --accent: #6a61e4; }} }}
* {{ box-sizing: border-box; margin: 0 }}
body {{ min-height: 100vh; display: grid; place-items: center; padding: 24px;
  background: var(--bg); color: var(--ink);
  font: 14px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif }}
main {{ width: 100%; max-width: 400px; padding: 32px; text-align: center;
  background: var(--panel); border: 1px solid var(--line); border-radius: 12px }}
svg {{ width: 40px; height: 40px; padding: 8px; border-radius: 10px; background: var(--accent);
  color: var(--accent-ink); stroke: currentColor; fill: none; stroke-width: 1.75;
  stroke-linecap: round; stroke-linejoin: round }}
h1 {{ font-size: 20px; line-height: 1.3; font-weight: 600; margin: 16px 0 8px }}
p {{ color: var(--ink-2) }}
h1, p {{ overflow-wrap: anywhere; text-wrap: balance }}
form {{ display: flex; flex-wrap: wrap; justify-content: center; gap: 8px; margin-top: 20px }}
p + a {{ margin-top: 20px }}
a, button {{ display: inline-block; padding: 8px 16px; border-radius: 6px;
  border: 1px solid var(--accent); background: var(--accent); color: var(--accent-ink);
  font: inherit; font-weight: 600; text-decoration: none; cursor: pointer }}
button + button {{ background: none; color: var(--ink); border-color: var(--edge) }}
.also a {{ background: none; border-color: transparent; color: inherit; font-weight: 400;
  text-decoration: underline }}
a:focus-visible, button:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px }}
</style>
</head>
<body>
<main>
<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 16V11a6 6 0 0 1 12 0v5l2 2H4z"/><path
 d="M10 21h4"/></svg>
<h1>{title}</h1>
<p>{text}</p>
{link}
</main>
</body>
</html>
"""

# The address of a page can hold a secret, which no other site gets to see.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


@dataclass(frozen=True)
class Button:
    """A button that sends ``action`` back to the page it stands on."""

    action: str
    words: str


def page(  # noqa: PLR0913 - the parts of a page
    tongue: Tongue,
    title: str,
    text: str,
    status: int = 200,
    *,
    link: tuple[str, str] | None = None,
    buttons: Sequence[Button] = (),
    also: tuple[str, str] | None = None,
) -> HTMLResponse:
    """A page with a heading and a sentence.

    Args:
        tongue: The language that these texts are in.
        link: Address and words of a link that looks like a button, or None.
        buttons: What can be done here; the first is the main thing.
        also: Address and words of a link below all that, or None.
    """
    below = f'<a href="{escape(link[0])}">{escape(link[1])}</a>' if link else ""
    if buttons:
        below += f'<form method="post">{"".join(map(_button, buttons))}</form>'
    if also:
        below += f'<p class="also"><a href="{escape(also[0])}">{escape(also[1])}</a></p>'
    html = PAGE.format(
        language=tongue.language,
        direction=tongue.say("dir"),
        title=escape(title),
        text=escape(text),
        link=below,
    )
    return HTMLResponse(html, status, HEADERS)


def _button(button: Button) -> str:
    return f'<button name="action" value="{escape(button.action)}">{escape(button.words)}</button>'
