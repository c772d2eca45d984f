// Acts on their way to the server. Each is kept in this tab, also across a reload, until the server
// says that it is over; after a lost line all that are left are sent again, in their order. An act
// has a name of its own, by which the server does it once however often it comes.
import { newAttempt } from "./attempt.js";
import { expect } from "./pending.js";

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

const held = new Set(); // names of those done without a line

function go(entry) {
  if (connected) deliver(entry);
  else held.add(entry.attempt);
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

/** Sends again what failed. */
export function repost(attempt) {
  const entry = recent.get(attempt);
  if (!entry) return;
  write([...entries.filter((each) => each.attempt !== attempt), entry]);
  show(entry);
  go(entry);
}

/** Items of an attempt, whose rows return to what they were when it has failed. */
export const itemsOf = (attempt) => (recent.get(attempt)?.rows ?? []).map(({ id }) => id);
export const canRepost = (attempt) => recent.has(attempt);

/** Drops what is over. */
export function settled(attempts) {
  const left = entries.filter(({ attempt }) => !attempts.includes(attempt));
  if (left.length < entries.length) write(left);
}

/** There is a new line to the server: everything left goes out by `send`. */
export function resume(send) {
  deliver = send;
  held.clear();
  for (const entry of entries) {
    recent.set(entry.attempt, entry);
    show(entry);
    send(entry);
  }
}

/** While there is no line nothing is sent: it goes out with the next one, or when the same is back. */
export function setConnected(value) {
  connected = value;
  if (connected) entries.filter(({ attempt }) => held.delete(attempt)).forEach(deliver);
}

/** The session is over: what it left belongs to nobody here. */
export const discard = () => write([]);
