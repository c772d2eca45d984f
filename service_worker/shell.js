// The pages and what they are made of, kept so that they open without a network.
// `BUILD` names the build, `FILES` are the paths of all its parts, `PAGES` those of its pages;
// they are written in front of this when the front end is built.

const SHELLS = "shell-";
const SHELL = SHELLS + BUILD;
const PATIENCE = 4000; // ms a page, or its texts, wait for a slow network before the kept ones are taken
const HASHED = "/assets/"; // what lies here never changes under its name

/** Keeps all parts of this build; fails when one cannot be had, and is tried again later. */
async function keepShell() {
  const cache = await caches.open(SHELL);
  const fresh = (path) => new Request(path, { cache: path.startsWith(HASHED) ? "default" : "no-cache" });
  await cache.addAll(FILES.map(fresh));
}

/** Drops older builds, but for the last: a tab that shows it still finds its parts. */
async function dropOldShells() {
  const shells = (await caches.keys()).filter((name) => name.startsWith(SHELLS) && name !== SHELL);
  await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)));
}

const withSlash = (path) => (path.endsWith("/") ? path : `${path}/`);

/** The answer to what belongs to the shell, as a promise; undefined where it is not ours. */
function shellAnswer({ request, preloadResponse }) {
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== "GET") return undefined;
  if (request.mode === "navigate") {
    const page = withSlash(pathname);
    // What is not ours has been asked for as well: asked for twice, a sign-in link would be used up.
    const asked = preloaded(request, preloadResponse);
    return PAGES.includes(page) ? inTime(asked, page) : asked;
  }
  if (pathname.startsWith(HASHED)) return kept(pathname).then((found) => found ?? fetch(request));
  return FILES.includes(pathname) ? inTime(fetch(request), pathname) : undefined;
}

/** What the browser has asked for already; it would ask twice, and some addresses are good for one time. */
const preloaded = (request, answer) => Promise.resolve(answer).then((found) => found ?? fetch(request));

/** What the server has; what is kept of it when it does not answer in time. */
function inTime(asked, path) {
  const late = new Promise((resolve) => { setTimeout(resolve, PATIENCE); })
    .then(() => kept(path)).then((found) => found ?? asked);
  return Promise.race([newest(asked, path), late]);
}

/** What was asked for, or what is kept of it when the server cannot be reached or does not work. */
async function newest(asked, path) {
  try {
    const answer = await asked;
    return answer.status < 500 ? answer : (await kept(path)) ?? answer;
  } catch (error) {
    const found = await kept(path);
    if (found) return found;
    throw error;
  }
}

/**
 * What is kept under a path: of this build, else of the last. Nothing where the browser's storage is
 * broken: the server must still be asked.
 */
async function kept(path) {
  try {
    return await (await caches.open(SHELL)).match(path) ?? await caches.match(path, { ignoreSearch: true });
  } catch {
    return undefined;
  }
}
