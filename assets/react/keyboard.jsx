// Single-key shortcuts. Each presses a button or follows a link that is on the page, so that the
// keyboard can do nothing that the pointer cannot. They can be switched off in their help.
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { focusHeading, focusReply, rowOf, rowsOnPage } from "./focus.js";
import { Icon } from "./parts.jsx";
import { address, useWhere } from "./where.js";
import { useWords } from "./words.jsx";

const STORE = "inbox-shortcuts";
const CHORD = 1200; // ms between G and the key after it

const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable=true]";
const inPanes = () =>
  document.activeElement === document.body || document.activeElement?.closest(".app");
const focusedRow = () => document.activeElement?.closest("[data-row]");
const detail = () => document.querySelector('.detail[data-state="ready"]');
/** What a key acts on: the row with the focus, else the open notification. */
const subject = () => focusedRow() ?? detail();
const press = (...acts) =>
  acts.map((act) => subject()?.querySelector(`[data-act="${act}"]`)).find(Boolean)?.click();

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
const MOVING = new Set(["j", "k", ...Object.keys(PAGING)]);

export function useShortcuts() {
  const [enabled, setEnabled] = useState(true);
  const where = useWhere();
  const navigate = useNavigate();
  const now = useRef({});
  now.current = { enabled, where, navigate };

  useEffect(() => setEnabled(localStorage.getItem(STORE) !== "off"), []);
  useEffect(() => {
    const keys = makeKeys(now);
    document.addEventListener("keydown", keys);
    return () => document.removeEventListener("keydown", keys);
  }, []);
  const choose = (value) => {
    setEnabled(value);
    localStorage.setItem(STORE, value ? "on" : "off");
  };
  return { enabled, choose };
}

function makeKeys(now) {
  let chord = 0;
  const go = (view, id) => now.current.navigate(address(view, id));
  const close = () => {
    const { view, id } = now.current.where;
    if (!id) return;
    go(view);
    requestAnimationFrame(() => rowOf(id)?.focus());
  };
  const KEYS = {
    j: () => move(1, now.current.where.id),
    k: () => move(-1, now.current.where.id),
    o: open,
    e: () => press("archive", "restore"),
    i: () => press("read"),
    u: () => press("unread"),
    r: () => reply(now.current.where.id),
    z: () => document.querySelector("[data-undo]")?.click(),
    g: () => (chord = Date.now()),
    "?": showHelp,
  };
  const CHORDS = { i: () => go("all") };

  return (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open], :popover-open")) return;
    if (event.target.matches(TYPING)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.ctrlKey) return leaveFeed(event);
    if (event.metaKey || event.altKey || !inPanes()) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.repeat && !MOVING.has(key)) return;
    const inChord = Date.now() - chord < CHORD;
    chord = 0;
    const run = always(event, close)
      ?? (now.current.enabled ? (inChord && CHORDS[key]) || KEYS[key] : undefined);
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

export function Help({ control }) {
  const words = useWords();
  const dialog = useRef(null);
  return (
    <dialog id="help" className="help" ref={dialog} aria-labelledby="help-title"
      onClick={(event) => event.target === dialog.current && dialog.current.close()}>
      <header>
        <h2 id="help-title">{words.help.title}</h2>
        <button type="button" className="icon-button" aria-label={words.close}
          onClick={() => dialog.current.close()}><Icon name="close" /></button>
      </header>
      <dl className="keys">
        {words.help.keys.map(([keys, text]) => (
          <div key={text}>
            <dt>{text}</dt>
            <dd>{keys.split(" ").map((key, i) => (key === "/" ? key : <kbd key={i}>{key}</kbd>))}</dd>
          </div>
        ))}
      </dl>
      <label className="switch">
        <input type="checkbox" role="switch" checked={control.enabled}
          onChange={(event) => control.choose(event.target.checked)} />
        {words.help.switch}
      </label>
    </dialog>
  );
}
