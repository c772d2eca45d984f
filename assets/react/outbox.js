// Acts on their way to the server. Each is kept in the browser until the server says that it is
// over; after a lost line all that are left are sent again, in their order. An act has a name of
// its own, by which the server does it once however often it comes, and it is sent with its age, so
// that what the person did later elsewhere stays.
//
// Every act belongs to one tab, which sends it; when that tab is gone another one takes it over.
// The other tabs only show it.
import { useSyncExternalStore } from "react";
import { newAttempt, nextTry } from "./attempt.js";
import { expect, forget } from "./pending.js";
import * as store from "./store.js";

const JUST_NOW = 1000; // ms
const MOST_RECENT = 50; // that a person may try again
const TAB = newAttempt();
const lockOf = (tab) => `inbox-tab-${tab}`;

let person = ""; // whose acts these are
let entries = []; // of this tab, in their order
let elsewhere = []; // of others
let waiting = []; // both
let connected = true;
let deliver = null; // while there is no line
let line = ""; // its name
let broken = ""; // that of the one that broke last
let turn = 0;
let goAway;
const gone = new Promise((resolve) => { goAway = resolve; });
const recent = new Map(); // attempt -> entry
const sent = new Set(); // attempts of `entries` that the server may have
const listeners = new Set();
const isBrowser = typeof document !== "undefined";
const radio = isBrowser && "BroadcastChannel" in window ? new BroadcastChannel("inbox-outbox") : null;

const byAge = (one, other) => one.at - other.at || one.turn - other.turn;
const all = () => [...elsewhere, ...entries].sort(byAge);

function become(next) {
  ({ entries = entries, elsewhere = elsewhere } = next);
  waiting = all();
  for (const listener of listeners) listener();
}

const show = ({ ids = [], act, until, number }) => {
  if (["undo", "mute", "reply"].includes(act)) return;
  const done = number && [number === 1, number === 2];
  const shown = done ? { fields: { done, unread: false } } : act === "open" ? "read" : act;
  for (const id of ids) expect(id, shown, until);
};

/** How long ago an act was done, ms; 0 where only the page itself took its time. */
function age({ at }) {
  const passed = Date.now() - at;
  return passed < JUST_NOW ? 0 : passed;
}

function go(entry) {
  if (!connected || !deliver) return;
  sent.add(entry.attempt);
  deliver({ ...entry, age: age(entry) });
}

/**
 * Shows an act as done and sends it: `{ act, ids, until, part, handle, number, message, pictures }`.
 * Returns it with its name.
 */
export function post(entry) {
  turn += 1;
  const named = { attempt: newAttempt(), until: "", ...entry, person, owner: TAB, at: Date.now(), turn };
  recent.set(named.attempt, named);
  if (recent.size > MOST_RECENT) recent.delete(recent.keys().next().value);
  become({ entries: [...entries, named] });
  store.put(named);
  radio?.postMessage({ posted: named });
  show(named);
  go(named);
  return named;
}

/** Sends again what failed; returns it as `post` does. */
export const repost = (attempt) => post({ ...recent.get(attempt), attempt: nextTry(attempt) });

/** Takes back what has never left this tab; false if it may have. */
export function withdraw(attempt) {
  const kept = entries.some((entry) => entry.attempt === attempt) && !sent.has(attempt);
  if (kept) settled([attempt]);
  return kept;
}

export const canRepost = (attempt) => recent.has(attempt);

/**
 * Drops what is over, well or not. By then the rows tell the truth, or they are not loaded any more
 * and nothing else would end what was shown of them.
 */
export function settled(attempts) {
  const over = all().filter(({ attempt }) => attempts.includes(attempt));
  if (!over.length) return;
  const left = (list) => list.filter((entry) => !over.includes(entry));
  become({ entries: left(entries), elsewhere: left(elsewhere) });
  const names = over.map(({ attempt }) => attempt);
  names.forEach((each) => sent.delete(each));
  if (over.some(({ owner }) => owner === TAB)) {
    store.remove(names);
    radio?.postMessage({ settled: names });
  }
  const touched = new Set(over.flatMap(({ ids = [] }) => ids));
  forget([...touched]);
  waiting.filter(({ ids = [] }) => ids.some((id) => touched.has(id))).forEach(show);
}

/** How the sending of a reply has ended; the reply if it was one of these, else undefined. */
export function replied(attempt) {
  const entry = entries.find((each) => each.attempt === attempt);
  if (entry) settled([attempt]);
  return entry;
}

/** There is a line to the server, of this name: everything left goes out by `send`. */
export function resume(name, send) {
  line = name;
  deliver = line === broken ? null : send;
  for (const entry of entries) {
    recent.set(entry.attempt, entry);
    show(entry);
    go(entry);
  }
}

/**
 * The line broke. Somebody else may have signed in by the time of the next one: nothing is sent
 * before that has told whose it is.
 */
export function hangUp() {
  broken = line;
  deliver = null;
}

/**
 * While there is no line nothing is sent: it goes out with the next one, or when the same is back.
 * Then all that is left goes, in its order: what was sent last may have been lost on the way, and
 * must not come after what was done since.
 */
export function setConnected(value) {
  const back = value && !connected;
  connected = value;
  if (back) entries.forEach(go);
}

/** The session is over: what it left belongs to nobody here. */
export async function discard() {
  become({ entries: [], elsewhere: [] });
  radio?.postMessage({ discarded: true });
  await store.drop();
}

/** Leaves what waits to the next tab whose session is not over. */
export function handOver() {
  become({ entries: [], elsewhere: [] });
  goAway();
}

/**
 * Takes up what the person of this name has left in this browser; what others left is dropped, also
 * where a page has come to show somebody else since.
 */
export function begin(name) {
  if (name === person) return;
  if (!person) navigator.locks?.request(lockOf(TAB), () => gone);
  else dropAll();
  person = name;
  takeUp();
}

/** Nothing of this is sent, or tried again, in the name of somebody else. */
function dropAll() {
  recent.clear();
  settled(waiting.map(({ attempt }) => attempt));
}

/** The tabs that are there; those of which nobody can tell count as gone. */
async function tabs() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  return new Set(held.map(({ name }) => name));
}

/** Takes over the acts of tabs that are gone, one page at a time. */
async function takeUp() {
  if (!navigator.locks) return adopt();
  return navigator.locks.request("inbox-adoption", adopt);
}

async function adopt() {
  const kept = (await store.stored()).sort(byAge);
  const strange = kept.filter((entry) => entry.person !== person);
  if (strange.length) store.remove(strange.map(({ attempt }) => attempt));
  const there = await tabs();
  const others = kept.filter((entry) => entry.person === person && entry.owner !== TAB);
  const mine = others.filter(({ owner }) => !there.has(lockOf(owner)))
    .map((entry) => ({ ...entry, owner: TAB }));
  const theirs = others.filter(({ owner }) => there.has(lockOf(owner)));
  await store.put(...mine);
  mine.forEach(({ attempt }) => sent.add(attempt));
  become({ entries: [...mine, ...entries].sort(byAge), elsewhere: theirs });
  waiting.forEach(show);
  mine.forEach(go);
  for (const owner of new Set(theirs.map((entry) => entry.owner))) follow(owner);
}

const followed = new Set();

/** Takes up what another tab leaves when it goes. */
function follow(owner) {
  if (followed.has(owner)) return;
  followed.add(owner);
  navigator.locks.request(lockOf(owner), () => {}).then(takeUp);
}

if (radio) {
  radio.onmessage = ({ data: { posted, settled: names, discarded } }) => {
    if (posted?.person === person) {
      become({ elsewhere: [...elsewhere, posted] });
      show(posted);
      if (navigator.locks) follow(posted.owner);
    }
    if (names) settled(names);
    if (discarded) become({ entries: [], elsewhere: [] });
  };
}

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
const NONE = [];

/** All that waits, in its order. */
export const useOutbox = () => useSyncExternalStore(subscribe, () => waiting, () => NONE);
/** How many acts wait, in all tabs. */
export const countWaiting = () => waiting.length;
