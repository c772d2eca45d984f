// What is kept of the inbox for a time without a network: the server's last answer to that, in a
// cache that carries the name of the session it is for. Nothing of it outlives the session.

const KEPT = "/inbox/kept";
const KEEPS = "kept-";
const OUTBOX = "inbox"; // the database of what waits to be sent (assets/react/store.js)
const SIGN_OUT = "signed out";

let asking = new AbortController(); // ends what is being asked for

/** Takes the newest items from the server; forgets them where the session is over. */
async function keepInbox() {
  asking.abort();
  const { signal } = (asking = new AbortController());
  const [name, before] = await lastKept();
  try {
    const headers = before ? { "If-None-Match": before.headers.get("ETag") } : {};
    const answer = await fetch(KEPT, { headers, signal, cache: "no-store" });
    if (answer.status === 401) return forgetPerson();
    if (answer.status === 304) return store(name, await before.text(), answer, signal);
    if (!answer.ok) return undefined;
    const text = await answer.text();
    return store(KEEPS + JSON.parse(text).viewer.session, text, answer, signal);
  } catch {
    return undefined; // there is no network, or it was asked anew: what is kept stays
  }
}

/** Keeps an answer in place of all others, unless it was forgotten meanwhile. */
async function store(name, text, { headers }, signal) {
  if (signal.aborted) return;
  const others = (await caches.keys()).filter((each) => each.startsWith(KEEPS) && each !== name);
  await Promise.all(others.map((each) => caches.delete(each)));
  await (await caches.open(name)).put(KEPT, new Response(text, {
    headers: { "Content-Type": "application/json", ETag: headers.get("ETag"), "Kept-At": new Date().toISOString() },
  }));
  if (signal.aborted && signal.reason === SIGN_OUT) await forgetPerson();
}

/** The name of the cache with what is kept, and that; both undefined where nothing is. */
async function lastKept() {
  const name = (await caches.keys()).find((each) => each.startsWith(KEEPS));
  return [name, name && await (await caches.open(name)).match(KEPT)];
}

async function forgetKept() {
  asking.abort(SIGN_OUT);
  const names = (await caches.keys()).filter((each) => each.startsWith(KEEPS));
  await Promise.all(names.map((each) => caches.delete(each)));
}

/** Forgets everything that belongs to a person. */
const forgetPerson = () => Promise.all([forgetKept(), dropOutbox(), closePushes()]);

const dropOutbox = () => new Promise((resolve) => {
  const dropping = indexedDB.deleteDatabase(OUTBOX);
  dropping.onsuccess = dropping.onerror = dropping.onblocked = resolve;
});

const leadsOn = ({ type, redirected }) => type === "opaqueredirect" || redirected;

// What ends a session or tells that there is none, how the answer says so, and what is forgotten
// then: who signs in anew may be the same person, whose acts still wait (assets/react/outbox.js).
const ENDINGS = {
  "POST /sign-out": { isOver: leadsOn, forget: forgetPerson },
  "GET /sign-in": { isOver: leadsOn, forget: forgetKept },
  "GET /signed-out/": { isOver: (answer) => answer.ok && !leadsOn(answer), forget: forgetPerson },
};

/** The answer to what ends a session, as a promise; undefined for other requests. */
function endingAnswer({ request, preloadResponse }) {
  const { origin, pathname } = new URL(request.url);
  const ending = ENDINGS[`${request.method} ${pathname}`];
  return ending && origin === location.origin ? end(request, preloadResponse, ending) : undefined;
}

/** Forgets once the server agrees, which refuses what other sites ask. */
async function end(request, preloaded, { isOver, forget }) {
  const answer = (await preloaded) ?? await fetch(request);
  if (isOver(answer)) await forget();
  return answer;
}

/** Does what a page asks for. */
async function onMessage({ data }) {
  if (data === "keep") await keepInbox();
  if (data === "forget") await Promise.all([forgetKept(), closePushes()]);
  if (data.close) await closePushes(data.close);
}
