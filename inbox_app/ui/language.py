"""The page's language before anything of ours has loaded: a script in the head of every page."""

from __future__ import annotations

import json
from typing import Final

from inbox_app.lib.catalogue import BUILT_IN, LANGUAGE_COOKIE, LANGUAGES, texts

PATIENCE: Final = 4_000
"""Milliseconds until the built-in texts show after all, should the others not come."""

# Pages are prerendered in one language. Whoever reads another would see it flash, so texts stay
# transparent (`data-wording` in base.css) until `assets/react/words.js` has put the others there.
_SCRIPT: Final = """(function () {
  var known = %(directions)s, root = document.documentElement;
  var kept = document.cookie.match(/(?:^|; )%(cookie)s=([a-z]+)/);
  var wishes = (kept ? [kept[1]] : []).concat(navigator.languages || []);
  var found = wishes.map(function (w) { return w.split("-")[0].toLowerCase(); })
    .find(function (w) { return w in known; }) || "%(built_in)s";
  root.lang = found; root.dir = known[found];
  if (found === "%(built_in)s") return;
  root.dataset.wording = "";
  window.inboxWords = fetch("/words/" + found + ".json");
  setTimeout(function () { delete root.dataset.wording; }, %(patience)d);
})();"""


def head_script() -> str:
    """Chooses the language, sets ``lang`` and ``dir``, and begins to load the texts."""
    return _SCRIPT % {
        "directions": json.dumps({each: texts(each)["dir"] for each in LANGUAGES}),
        "cookie": LANGUAGE_COOKIE,
        "built_in": BUILT_IN,
        "patience": PATIENCE,
    }
