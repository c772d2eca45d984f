// The service worker: begun once somebody is signed in, and asked to look for a new build.

const HOUR = 3_600_000; // ms; the browser itself looks with each page it opens

let begun;

/** The registration, as a promise; null where the browser has no workers or refuses. */
export function worker() {
  begun ??= "serviceWorker" in navigator ? begin() : Promise.resolve(null);
  return begun;
}

/** Looks for a new build, without waiting for the browser to do so. */
export async function lookForUpdate() {
  const registration = await begun;
  await registration?.update().catch(() => {});
}

async function begin() {
  const workers = navigator.serviceWorker;
  const made = await workers.register("/sw.js", { updateViaCache: "none" })
    .catch(() => workers.getRegistration()) // without a network the one that is there
    .catch(() => null); // private windows of some browsers, or a certificate that is not trusted
  if (made) setInterval(() => made.update().catch(() => {}), HOUR);
  return made ?? null;
}
