// What is kept of the inbox for a time without a network: the server's last answer to that, in a
// cache that carries the name of the session it is for. Nothing of it outlives the session.

const KEPT = "/inbox/kept";
const KEEPS = "kept-";
const OUTBOX = "inbox"; // the database of what waits to be sent (assets/react/store.js)
const SIGN_OUT = "/sign-out";

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

/** Forgets everything that belongs to a person. */
async function forgetPerson() {
  asking.abort(SIGN_OUT);
  const names = (await caches.keys()).filter((each) => each.startsWith(KEEPS));
  await Promise.all([...names.map((each) => caches.delete(each)), dropOutbox()]);
}

const dropOutbox = () => new Promise((resolve) => {
  const dropping = indexedDB.deleteDatabase(OUTBOX);
  dropping.onsuccess = dropping.onerror = dropping.onblocked = resolve;
});

/** The answer to signing out, as a promise; undefined for other requests. */
function farewellAnswer({ request }) {
  const { origin, pathname } = new URL(request.url);
  const mine = origin === location.origin && pathname === SIGN_OUT && request.method === "POST";
  return mine ? signOut(request) : undefined;
}

/** Signs out, and forgets the person once the server agrees: it refuses what other sites ask. */
async function signOut(request) {
  const answer = await fetch(request);
  if (answer.type === "opaqueredirect" || answer.redirected) await forgetPerson();
  return answer;
}

/** Does what a page asks for. */
async function onMessage({ data }) {
  if (data === "keep") await keepInbox();
  if (data === "forget") await forgetPerson();
}
