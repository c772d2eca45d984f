// Single-key shortcuts. Each presses a button or follows a link that is on the page, so that the
// keyboard can do nothing that the pointer cannot. The person may switch them off and choose the
// keys; both come from the server and hold in every browser of theirs.
import { useEffect, useRef } from "react";
import { Link, useNavigate } from "react-router";
import { focusHeading, focusReply, rowOf, rowsOnPage } from "./focus.js";
import { Icon } from "./icon.jsx";
import { clearSelection, select, selectAll, selectRange } from "./selection.js";
import { address, useWhere } from "./where.js";
import { useWords } from "./words.js";

const CHORD = 1200; // ms between the key to go somewhere and the one after it
const ACCOUNT_KEYS = "/account/#keys";

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable=true], [data-typing]";
const inPanes = () =>
  document.activeElement === document.body || document.activeElement?.closest(".app");
const focusedRow = () => document.activeElement?.closest("[data-row]");
const detail = () => document.querySelector('.detail[data-state="ready"]');
/** What a key acts on: the row with the focus, else the open notification. */
const subject = () => focusedRow() ?? detail();
const find = (root, acts) => acts.map((act) => root?.querySelector(`[data-act="${act}"]`)).find(Boolean);
/** The buttons of what is selected; while an act on many runs, its progress is in their place. */
const toolbar = () => document.querySelector('.bulk[role="toolbar"]');
/** Presses a button of what is selected, else of the subject. */
const press = (...acts) => (find(toolbar(), acts) ?? find(subject(), acts))?.click();
/** Presses an entry of the subject's menu. */
function pick(...names) {
  if (find(toolbar(), names)) return press(...names);
  find(subject(), ["more"])?.click();
  const item = () => names.map((name) => document.querySelector(`[data-item="${name}"]`)).find(Boolean);
  return requestAnimationFrame(() => item()?.click());
}
const listed = () => rowsOnPage().map((row) => row.dataset.row);

function openRow(row, wish) {
  wish();
  row.querySelector("a").click();
}

/** Moves to the row `step` away; while the open notification has the focus, opens that one. */
function move(step, openId) {
  const rows = rowsOnPage();
  const reading = document.activeElement?.closest(".detail");
  const from = focusedRow() ?? (openId && rowOf(openId));
  const index = from ? rows.indexOf(from) + step : 0;
  const row = rows[Math.max(0, Math.min(index, rows.length - 1))];
  if (!row || row === from) return;
  if (reading) openRow(row, focusHeading);
  else row.focus();
}

function reply(openId) {
  const box = detail()?.querySelector("[data-reply]");
  const row = focusedRow();
  if (row && row.dataset.row !== openId) openRow(row, focusReply);
  else box?.focus();
}

function open() {
  const row = focusedRow();
  if (row) openRow(row, focusHeading);
}

const showHelp = () => document.getElementById("help").showModal();

function leaveFeed(event) {
  const target = { Home: "#view-title", End: ".detail" }[event.key];
  if (!target || !document.activeElement?.closest(".feed")) return;
  event.preventDefault();
  document.querySelector(target)?.focus();
}

/** Keys that only page through the feed, in the feed. */
const PAGING = { PageDown: 1, PageUp: -1 };
/** What a key that is held down may repeat: all others act on one item per press. */
const MOVING = new Set(["next", "previous"]);
/** Whether the reader is among the rows, where Ctrl+A means these and not all text of the page. */
const inList = () => document.activeElement?.closest("#list");

/** Listens for shortcuts; `keys` maps what they do to their keys. */
export function useShortcuts(enabled, keys) {
  const where = useWhere();
  const navigate = useNavigate();
  const now = useRef({});
  now.current = { enabled, keys, where, navigate };
  useEffect(() => {
    const listen = makeListener(now);
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
}

function makeListener(now) {
  let chord = 0;
  const go = (place, id) => now.current.navigate(address(place, id));
  const close = () => {
    const { id } = now.current.where;
    if (toolbar()) return clearSelection();
    if (!id) return undefined;
    go(now.current.where);
    return requestAnimationFrame(() => rowOf(id)?.focus());
  };
  const choose = (choice) => {
    const row = focusedRow();
    if (row) choice(row.dataset.row, listed());
  };
  const ACTS = {
    next: () => move(1, now.current.where.id),
    previous: () => move(-1, now.current.where.id),
    open,
    archive: () => press("archive", "restore"),
    read: () => press("read"),
    unread: () => press("unread"),
    reply: () => reply(now.current.where.id),
    snooze: () => press("snooze", "unsnooze"),
    save: () => pick("save", "unsave"),
    mute: () => pick("mute"),
    select: () => choose(select),
    search: () => document.getElementById("search")?.focus(),
    undo: () => document.querySelector("[data-undo]")?.click(),
    go: () => (chord = Date.now()),
    help: showHelp,
  };
  const PLACES = { i: () => go("all"), p: () => now.current.navigate("/preferences/") };

  return (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
    if (event.target.matches(TYPING)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a" && inList()) {
      event.preventDefault();
      return selectAll();
    }
    if (event.ctrlKey) return leaveFeed(event);
    if (event.metaKey || event.altKey || !inPanes()) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const { enabled, keys } = now.current;
    const act = Object.keys(keys).find((each) => keys[each] === key);
    if (event.repeat && !MOVING.has(act) && !(key in PAGING)) return;
    if (act === "select" && event.shiftKey && enabled) return choose(selectRange);
    const inChord = Date.now() - chord < CHORD;
    chord = 0;
    const run = always(event, close)
      ?? (enabled ? (inChord && PLACES[key]) || ACTS[act] : undefined);
    if (!run) return;
    event.preventDefault();
    run();
  };
}

/** Keys that are no single characters and therefore never in the way. */
function always(event, close) {
  if (event.key === "Escape") return close;
  if (event.key === "Enter" && event.target === focusedRow()) return open;
  const step = focusedRow() && PAGING[event.key];
  return step ? () => move(step) : undefined;
}

/** The name of a key for people. */
export const keyName = (say, key) => (key.length === 1 ? key.toUpperCase() : say(`keys.${key}`));

/** What there is beyond the keys that can be chosen: what it does, and the keys pressed. */
const fixed = (keys) => [
  ["go_inbox", [keys.go, "i"]],
  ["go_preferences", [keys.go, "p"]],
  ["open", ["Enter"]],
  ["select_range", ["Shift", keys.select]],
  ["select_all", ["Ctrl", "a"]],
  ["close", ["Escape"]],
  ["page_down", ["PageDown"]],
  ["page_up", ["PageUp"]],
  ["leave_up", ["Ctrl+Home"]],
  ["leave_down", ["Ctrl+End"]],
];

export function Help({ enabled, keys, onSwitch }) {
  const say = useWords();
  const dialog = useRef(null);
  const close = () => dialog.current.close();
  const chosen = Object.entries(keys).filter(([act]) => act !== "go")
    .map(([act, key]) => [act, [key]]);
  return (
    <dialog id="help" className="help" ref={dialog} aria-labelledby="help-title"
      onClick={(event) => event.target === dialog.current && close()}>
      <header>
        <h2 id="help-title">{say("keys.title")}</h2>
        <button type="button" className="icon-button" aria-label={say("frame.close")}
          onClick={close}><Icon name="close" /></button>
      </header>
      <dl className="keys">
        {[...chosen, ...fixed(keys)].map(([act, pressed]) => (
          <div key={`${act}-${pressed}`}>
            <dt>{say(`keys.${act}`)}</dt>
            <dd>{pressed.map((key, i) => <kbd key={i}>{keyName(say, key)}</kbd>)}</dd>
          </div>
        ))}
      </dl>
      <div className="help-foot">
        <label className="switch">
          <input type="checkbox" role="switch" checked={enabled}
            onChange={(event) => onSwitch(event.target.checked)} />
          {say("keys.switch")}
        </label>
        <Link to={ACCOUNT_KEYS} className="text-link" discover="none" onClick={close}>
          {say("keys.change")}
        </Link>
      </div>
    </dialog>
  );
}
