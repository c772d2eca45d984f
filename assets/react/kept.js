// What the worker keeps of the inbox (service_worker/kept.js): when it is asked to do so, and how
// a page reads it.
import { useEffect } from "react";
import { worker } from "./worker.js";

const KEEPS = "kept-"; // caches, by the name of the session
const KEPT = "/inbox/kept";
const SETTLING = 5000; // ms in which several changes are kept at once
const PAUSE = 20_000; // ms from one time to the next

let asked = -PAUSE;

async function tellWorker(what) {
  const registration = await worker();
  if (registration) (await navigator.serviceWorker.ready).active.postMessage(what);
}

function ask() {
  asked = performance.now();
  tellWorker("keep");
}

const whenIdle = (work) =>
  (window.requestIdleCallback ? requestIdleCallback(work, { timeout: SETTLING }) : work());

/**
 * Has the inbox kept anew a while after it has changed (`change` is its number), and at once when
 * the page is left: there may be no network when it is seen again. `session` is "" where nothing
 * may be kept.
 */
export function useKeeping(session, change) {
  useEffect(() => {
    if (!session) return undefined;
    const end = () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onHide);
    };
    const onHide = () => {
      if (!document.hidden) return;
      end();
      ask();
    };
    const onTime = () => {
      end();
      whenIdle(ask);
    };
    const timer = setTimeout(onTime, Math.max(SETTLING, asked + PAUSE - performance.now()));
    document.addEventListener("visibilitychange", onHide);
    return end;
  }, [session, change]);
}

/** What is kept (`KeptView`), with `at` as the time at which it was last the same; or null. */
export async function readKept() {
  if (!("caches" in window)) return null;
  const name = (await caches.keys()).find((each) => each.startsWith(KEEPS));
  const answer = name && await (await caches.open(name)).match(KEPT);
  if (!answer) return null;
  const kept = await answer.json();
  if (new Date(kept.until) > new Date()) return { ...kept, at: answer.headers.get("Kept-At") };
  await forgetKept();
  return null;
}

/** Forgets what is kept, in this page and, should it be keeping just now, in the worker. */
export async function forgetKept() {
  if (!("caches" in window)) return;
  const names = (await caches.keys()).filter((each) => each.startsWith(KEEPS));
  await Promise.all(names.map((each) => caches.delete(each)));
  if (navigator.serviceWorker?.controller) await tellWorker("forget");
}
