// Web push in this browser: whether it can, whether it may, and for whom it does. The server knows
// the subscription by its session; what the person chose here is kept here.
import { useSyncExternalStore } from "react";
import { isApple, isInstalled } from "./platform.js";
import { worker } from "./worker.js";

const CHOSEN = "inbox-push"; // { who, session, endpoint, key }: for whom this browser subscribes
const PATIENCE = 20_000; // ms for the browser's push service, which may never answer
const JSON_BODY = { "Content-Type": "application/json" };

const UNKNOWN = { status: "unknown", busy: false, trouble: "", address: "" };
const listeners = new Set();
let shown = UNKNOWN;
let offered = null; // what the server offers, as it told last

function show(news) {
  shown = { ...shown, ...news };
  for (const listener of listeners) listener();
}

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * How web push stands here: `{ status, busy, trouble, address }`. The status is unknown, none (the
 * server does not offer it), unsupported, install (an iPhone needs the page as an app), blocked,
 * off or on; the address is the key of this browser's among the person's.
 */
export const usePush = () => useSyncExternalStore(subscribe, () => shown, () => UNKNOWN);

/** Whether it could be offered, as far as is known. */
export const isOpen = () => ["unknown", "off", "install"].includes(shown.status);

const chosen = () => {
  try {
    return JSON.parse(localStorage.getItem(CHOSEN));
  } catch {
    return null;
  }
};
const choose = (value) => {
  if (value) localStorage.setItem(CHOSEN, JSON.stringify(value));
  else localStorage.removeItem(CHOSEN);
};

/** What stands in the way, or "". */
function hindrance() {
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!able) return isApple() && !isInstalled() ? "install" : "unsupported";
  return Notification.permission === "denied" ? "blocked" : "";
}

async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.status === 204 ? null : answer.json();
}

/** The name of an address among the person's, as the server makes it (`key_of`). */
async function nameOf(endpoint) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `browser-${hex.slice(0, 16)}`;
}

const bytes = (text) => Uint8Array.from(
  atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

/** Whether a subscription was made with this key of the server's. */
function madeWith(subscription, key) {
  const used = subscription.options.applicationServerKey;
  const wanted = bytes(key);
  return used && new Uint8Array(used).every((byte, i) => byte === wanted[i]);
}

const inTime = (promise) => Promise.race([
  promise,
  new Promise((_, reject) => { setTimeout(() => reject(new Error("time")), PATIENCE); }),
]);

/** The browser's subscription with the server's newest key, made anew where it is another's. */
async function subscription(fresh) {
  const registration = await worker();
  if (!registration) throw new Error("worker");
  const { pushManager } = await inTime(navigator.serviceWorker.ready);
  const known = await pushManager.getSubscription();
  if (known && !fresh && madeWith(known, offered.key)) return known;
  if (known) await known.unsubscribe();
  return inTime(pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: offered.key }));
}

/** Subscribes and tells the server. */
async function reach(fresh = false) {
  const { who, session, key } = offered;
  const before = chosen()?.endpoint ?? "";
  const made = await subscription(fresh);
  const body = { sub: made.toJSON(), applicationServerKey: key, replaces: before };
  const { key: address } = await ask("/push/subscription", {
    method: "PUT", headers: JSON_BODY, body: JSON.stringify(body),
  });
  choose({ who, session, endpoint: made.endpoint, key });
  show({ status: "on", address });
}

async function held() {
  const registration = await navigator.serviceWorker?.getRegistration("/");
  return (await registration?.pushManager?.getSubscription()) ?? null;
}

/** One tab at a time: two would take each other's new subscription for an old one. */
const alone = (work) => (navigator.locks ? navigator.locks.request("inbox-push", work) : work());

/**
 * On every page: what was chosen here is made good again. A push service may have given the
 * subscription up, the server may have changed its key, and another session needs its own.
 */
export const lookAfterPush = () => alone(look);

async function look() {
  try {
    const mine = chosen();
    const known = mine && await held();
    const endpoint = known?.endpoint ?? mine?.endpoint;
    const address = endpoint ? await nameOf(endpoint) : "";
    offered = await ask(`/push/offer?address=${address}`);
    if (!offered.key) return show({ status: "none" });
    watchPermission();
    if (mine && mine.who !== offered.who) await letGo();
    const hindered = hindrance();
    if (hindered) return show({ status: hindered });
    if (Notification.permission !== "granted" || mine?.who !== offered.who) return show({ status: "off" });
    const same = mine.session === offered.session;
    // Taken back by the person, elsewhere. Of another endpoint the server has not heard yet.
    if (!offered.stands && same && endpoint === mine.endpoint) return await release();
    if (!known || !same || offered.stands !== "reached" || !madeWith(known, offered.key)) {
      return await reach(offered.stands === "dead");
    }
    if (endpoint !== mine.endpoint) choose({ ...mine, endpoint }); // the worker has renewed it
    return show({ status: "on", address });
  } catch {
    // Without an answer of the server it is not known; else there is something to be mended.
    return show({ status: offered && shown.status === "unknown" ? "off" : shown.status });
  }
}

let watched = false;
async function watchPermission() {
  if (watched || !navigator.permissions) return;
  watched = true;
  const asked = navigator.permissions.query({ name: "notifications" });
  const permission = await asked.catch(() => ({})); // a browser need not know this one
  permission.onchange = () => lookAfterPush();
}

/** After a click: asks the browser, subscribes, and tells the server. */
export async function turnOn() {
  show({ busy: true, trouble: "" });
  try {
    offered ??= await ask("/push/offer");
    const permission = await Notification.requestPermission();
    if (permission === "denied") return show({ status: "blocked" });
    if (permission !== "granted") return show({ trouble: "push.not_answered" });
    await alone(() => reach());
  } catch (error) {
    show({ trouble: TROUBLES[error.message] ?? TROUBLES[error.name] ?? "push.failed" });
  } finally {
    show({ busy: false });
  }
  return undefined;
}

const TROUBLES = {
  time: "push.slow",
  worker: "push.no_worker",
  // Private windows, and browsers without a push service of their own.
  AbortError: "push.refused",
  NotAllowedError: "push.refused",
};

/** Has the worker take notifications off the screen: all, or those with a tag. */
async function close(which) {
  const registration = await navigator.serviceWorker?.getRegistration("/");
  registration?.active?.postMessage({ close: which });
}

/** Whatever is still on its way is not shown, and nothing that was stays on the screen. */
async function letGo() {
  await close({});
  await (await held())?.unsubscribe();
}

async function release() {
  const mine = chosen();
  choose(null);
  await letGo();
  show({ status: hindrance() || "off", address: "" });
  return mine;
}

/** Ends it here; the server forgets this browser. */
export async function turnOff() {
  show({ busy: true, trouble: "" });
  try {
    const mine = await alone(release);
    if (mine) {
      await ask("/push/subscription", {
        method: "DELETE", headers: JSON_BODY, body: JSON.stringify({ endpoint: mine.endpoint }),
      });
    }
  } catch {
    show({ trouble: "push.failed" });
  } finally {
    show({ busy: false });
  }
}

/**
 * The person signs out here: this browser shows nothing of theirs any more. It waits for no other
 * tab, which may wait for the push service.
 */
export const leavePush = () => (chosen() ? release() : close({}));

/** Takes notifications of an item off the screen: it has been read. */
export const closePushes = (id) => close({ tag: id });
