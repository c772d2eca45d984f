"""Small pages that need no application around them: signed out, and what went wrong."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

# Colours as in assets/styles/tokens.css, inlined so that the page stands when nothing else does.
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<title>{title}</title>
<style>
:root {{ --bg: #fbfbfc; --panel: #fff; --line: #e6e6ea; --ink: #1c1c21; --ink-2: #55555f;
  --accent: #4f46c8; --accent-ink: #fff; }}
@media (prefers-color-scheme: dark) {{ :root {{ --bg: #111114; --panel: #17171b; --line: #27272e;
  --ink: #ededf0; --ink-2: #b3b3bd; --accent: #6a61e4; }} }}
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
a {{ display: inline-block; margin-top: 20px; padding: 8px 16px; border-radius: 6px;
  background: var(--accent); color: var(--accent-ink); font-weight: 600; text-decoration: none }}
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


def page(
    title: str, text: str, status: int = 200, link: tuple[str, str] | None = None
) -> HTMLResponse:
    """A page with a heading and a sentence.

    Args:
        link: Address and words of a button, or None.
    """
    button = f'<a href="{escape(link[0])}">{escape(link[1])}</a>' if link else ""
    html = PAGE.format(title=escape(title), text=escape(text), link=button)
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})
