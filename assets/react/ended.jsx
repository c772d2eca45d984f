// The end of a session: nothing private stays on the screen, what was typed stays in the tab, and
// the page comes back to the same address once somebody is signed in again.
import { useEffect, useRef, useState } from "react";
import { forgetAll } from "./forgetting.js";
import { useWords } from "./words.js";

let farewell = ""; // where the page goes when the session has ended by the person's own wish

/**
 * The session is about to end by the person's own wish: the page then leaves for this address.
 * "": it is not, after all.
 */
export const leaveFor = (path) => { farewell = path; };

/** Whether the session has ended under somebody who was reading; others are sent to `signedOut`. */
export function useEnd(name, ended, signedOut) {
  const wasThere = useRef(false);
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (name) wasThere.current = true;
  }, [name]);
  useEffect(() => {
    if (!ended) return;
    if (farewell) forgetAll().finally(() => window.location.replace(farewell));
    else if (wasThere.current) setOver(true);
    else window.location.replace(signedOut);
  }, [ended]);
  return over;
}

/** The page for those who are not signed in; it leads others on to the inbox. */
const ask = (signedOut) =>
  fetch(signedOut, { redirect: "manual", cache: "no-store" }).catch(() => Response.error());
const isSignedIn = async (signedOut) => (await ask(signedOut)).type === "opaqueredirect";
/** Whether nobody is signed in; false also where nobody can tell. */
export const isNobodys = async (signedOut) => (await ask(signedOut)).ok;

/** The icon of signing out, drawn here: the sprite of the page has gone with it. */
const Door = () => (
  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M14 4h5v16h-5M3 12h11M10 8l4 4-4 4" />
  </svg>
);

/** Stands in for the page once the session is over; `lost` changes were not sent before. */
export function Ended({ signedOut, lost }) {
  const say = useWords();
  const dialog = useRef(null);
  const [still, setStill] = useState(false);
  const look = async () => {
    const back = await isSignedIn(signedOut);
    if (back) window.location.reload();
    return back;
  };
  useEffect(() => {
    dialog.current.showModal();
    window.addEventListener("focus", look);
    return () => window.removeEventListener("focus", look);
  }, []);
  const onReload = async () => {
    setStill(false);
    if (!(await look())) setStill(true);
  };
  return (
    <dialog className="help ended" ref={dialog} aria-labelledby="ended-title"
      aria-describedby="ended-text" onCancel={(event) => event.preventDefault()}>
      <div className="calm">
        <span className="badge-icon"><Door /></span>
        <h1 id="ended-title">{say("ended.title")}</h1>
        <p id="ended-text">{say("ended.text")} {lost > 0 && say("ended.lost", { n: lost })}</p>
        <button type="button" className="button" data-kind="primary" autoFocus onClick={onReload}>
          {say("ended.reload")}
        </button>
        <p role="status">{still && say("ended.still")}</p>
      </div>
    </dialog>
  );
}
