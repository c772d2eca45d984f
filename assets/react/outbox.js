// Acts on their way to the server. Each is kept in this tab, also across a reload, until the server
// says that it is over; after a lost line all that are left are sent again, in their order. An act
// has a name of its own, by which the server does it once however often it comes.
import { newAttempt } from "./attempt.js";
import { expect, forget } from "./pending.js";

const KEPT = "inbox-outbox";
const MOST_RECENT = 50; // that a person may try again

let entries = read();
let connected = true;
let deliver = () => {};
const recent = new Map(); // attempt -> entry

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? [];
  } catch {
    return []; // nothing can be kept here, or there is no browser yet
  }
}

function write(next) {
  entries = next;
  if (entries.length) sessionStorage.setItem(KEPT, JSON.stringify(entries));
  else sessionStorage.removeItem(KEPT);
}

const show = ({ rows = [], act, until, number }) => {
  if (act === "undo" || act === "mute") return;
  const done = number && [number === 1, number === 2];
  const shown = done ? { fields: { done, unread: false } } : act === "open" ? "read" : act;
  for (const { id, change } of rows) expect(id, change, shown, until);
};

function go(entry) {
  if (connected) deliver(entry);
}

/** Shows an act as done and sends it: `{ act, rows, until, part, handle, number }`; rows are id and change. */
export function post(entry) {
  const named = { attempt: newAttempt(), until: "", ...entry };
  recent.set(named.attempt, named);
  if (recent.size > MOST_RECENT) recent.delete(recent.keys().next().value);
  write([...entries, named]);
  show(named);
  go(named);
}

/**
 * The same act tried once more, such as `a~1` after `a`: to the server it is the one it may have
 * begun (`ActionState`), but that the first try is over says nothing of the second.
 */
function nextTry(attempt) {
  const [act, tries = 0] = attempt.split("~");
  return `${act}~${Number(tries) + 1}`;
}

/** Sends again what failed. */
export function repost(attempt) {
  const entry = recent.get(attempt);
  if (entry) post({ ...entry, attempt: nextTry(attempt) });
}

export const canRepost = (attempt) => recent.has(attempt);

/**
 * Drops what is over, well or not. By then the rows tell the truth, or they are not loaded any more
 * and nothing else would end what was shown of them.
 */
export function settled(attempts) {
  const over = entries.filter(({ attempt }) => attempts.includes(attempt));
  if (!over.length) return;
  write(entries.filter((entry) => !over.includes(entry)));
  const ids = new Set(over.flatMap(({ rows = [] }) => rows.map(({ id }) => id)));
  forget([...ids]);
  entries.filter(({ rows = [] }) => rows.some(({ id }) => ids.has(id))).forEach(show);
}

/** There is a new line to the server: everything left goes out by `send`. */
export function resume(send) {
  deliver = send;
  for (const entry of entries) {
    recent.set(entry.attempt, entry);
    show(entry);
    send(entry);
  }
}

/**
 * While there is no line nothing is sent: it goes out with the next one, or when the same is back.
 * Then all that is left goes, in its order: what was sent last may have been lost on the way, and
 * must not come after what was done since.
 */
export function setConnected(value) {
  const back = value && !connected;
  connected = value;
  if (back) entries.forEach(deliver);
}

/** The session is over: what it left belongs to nobody here. */
export const discard = () => write([]);
