// Signing out: what waits to be sent would be lost, which is said first; then nothing of the person
// is left in this browser.
import { useEffect, useRef, useState } from "react";
import { isAway } from "./away.js";
import { leaveFor } from "./ended.jsx";
import { forgetAll } from "./forgetting.js";
import { countWaiting } from "./outbox.js";
import { useWords } from "./words.js";

const SIGN_OUT = "/sign-out";
const WIPED = "?wiped=1"; // tells the server that it need not have the browser do so (api/visits.py)

const isSignOut = (form) => new URL(form.action, window.location.href).pathname === SIGN_OUT;

async function signOut(form, signedOut) {
  leaveFor(signedOut);
  await forgetAll();
  form.action = SIGN_OUT + WIPED;
  form.submit();
}

async function forgetHere() {
  await forgetAll();
  window.location.reload();
}

/** Stands between the button and signing out; `signedOut` is where that leads. */
export function Leaving({ signedOut }) {
  const say = useWords();
  const dialog = useRef(null);
  const form = useRef(null);
  const [state, setState] = useState({ waiting: 0, away: false });
  useEffect(() => {
    const onSubmit = (event) => {
      if (!isSignOut(event.target)) return;
      event.preventDefault();
      form.current = event.target;
      const now = { waiting: countWaiting(), away: isAway() };
      if (!now.waiting && !now.away) return signOut(form.current, signedOut);
      setState(now);
      dialog.current.showModal();
    };
    document.addEventListener("submit", onSubmit);
    return () => document.removeEventListener("submit", onSubmit);
  }, [signedOut]);
  const { waiting, away } = state;
  const go = () => (away ? forgetHere() : signOut(form.current, signedOut));
  return (
    <dialog className="help" ref={dialog} aria-labelledby="leaving-title" aria-describedby="leaving-text">
      <div className="field">
        <h2 id="leaving-title">{say(away ? "leaving.offline" : "leaving.title")}</h2>
        <p className="hint" id="leaving-text">
          {away && say("leaving.offline_text")} {waiting > 0 && say("leaving.lost", { n: waiting })}
        </p>
        <div className="field-line">
          <button type="button" className="button" data-kind="danger" onClick={go}>
            {say(away ? "leaving.forget" : "leaving.anyway")}
          </button>
          <button type="button" className="button" autoFocus onClick={() => dialog.current.close()}>
            {say("leaving.stay")}
          </button>
        </div>
      </div>
    </dialog>
  );
}
