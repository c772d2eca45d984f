// The acts that wait to be sent, kept in the browser itself (IndexedDB), for all its tabs. The
// worker drops the whole database when the person signs out (service_worker/kept.js). Where nothing
// can be kept, such as in some private windows, they wait in the page alone.

const DATABASE = "inbox";
const ACTS = "acts";

let opening;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(ACTS, { keyPath: "attempt" });
    asked.onerror = () => reject(asked.error);
    asked.onsuccess = () => {
      // Somebody wants to drop it.
      asked.result.onversionchange = close;
      resolve(asked.result);
    };
  });
  return opening;
}

async function close() {
  const database = await opening;
  opening = undefined;
  database?.close();
}

/** Does `work` to the stored acts; resolves to what its request finds, once that is on the disk. */
async function use(work) {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const step = database.transaction(ACTS, "readwrite");
      const request = work(step.objectStore(ACTS));
      step.oncomplete = () => resolve(request?.result);
      step.onabort = () => reject(step.error);
      // Not only when the page has heard of each part: it may be gone by then.
      step.commit?.();
    });
  } catch {
    opening = undefined;
    return undefined;
  }
}

export const stored = async () => (await use((acts) => acts.getAll())) ?? [];
export const put = (...entries) => use((acts) => entries.forEach((each) => acts.put(each)));
export const remove = (attempts) => use((acts) => attempts.forEach((each) => acts.delete(each)));

/** Drops the database. */
export async function drop() {
  if (!("indexedDB" in window)) return;
  await close().catch(() => {});
  await new Promise((resolve) => {
    const dropping = indexedDB.deleteDatabase(DATABASE);
    dropping.onsuccess = dropping.onerror = dropping.onblocked = resolve;
  });
}
