// Web push as people meet it: this browser among their addresses, and the offer to turn it on, which
// comes after something they did, never by itself, and rests when it is declined.
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { announce } from "./announce.js";
import { Icon } from "./icon.jsx";
import { isOpen, turnOff, turnOn, usePush } from "./push.js";
import { useWords } from "./words.js";

const DECLINED = "inbox-push-declined"; // { times, at }
const REST = 30 * 86_400_000; // ms after a "Not now"
const MOST = 2; // refusals after which it is offered in the preferences alone

/** This browser in the card of addresses. */
export function ThisBrowser() {
  const say = useWords();
  const { status, busy, trouble } = usePush();
  const [line, press] = useFocusAfter(status);
  const pressing = (work) => () => { press(); work(); };
  if (status === "unknown" || status === "none") return null;
  return (
    <div className="this-browser" data-push={status}>
      <p ref={line} tabIndex={-1}>{say(`push.${status}`)}</p>
      {status !== "on" && status !== "off" && <p className="hint">{say(`push.${status}_help`)}</p>}
      {status === "off" && (
        <button type="button" className="button" data-kind="primary" disabled={busy} onClick={pressing(turnOn)}>
          {say("push.turn_on")}
        </button>
      )}
      {status === "on" && (
        <button type="button" className="text-link" disabled={busy} onClick={pressing(turnOff)}>
          {say("push.turn_off")}
        </button>
      )}
      <p className="complaint" role="alert">{trouble && say(trouble)}</p>
    </div>
  );
}

/** Where a press has taken its own button away, the words that came get the focus. */
function useFocusAfter(status) {
  const words = useRef(null);
  const pressed = useRef(false);
  useLayoutEffect(() => {
    const left = document.activeElement === document.body;
    if (pressed.current && left) words.current?.focus();
    pressed.current = false;
  }, [status]);
  return [words, () => { pressed.current = true; }];
}

// What was done last that an offer goes with: "" or the key of its words.
let occasion = "";
const listeners = new Set();
const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

function declined() {
  try {
    return JSON.parse(localStorage.getItem(DECLINED)) ?? { times: 0, at: 0 };
  } catch {
    return { times: 0, at: 0 };
  }
}

const rests = ({ times, at }) => times >= MOST || Date.now() - at < REST;

/** Something was done after which one would like to be told: "reply" or "snooze". */
export function suggestPush(what) {
  if (rests(declined()) || !isOpen()) return;
  occasion = what;
  for (const listener of listeners) listener();
}

function forget() {
  occasion = "";
  for (const listener of listeners) listener();
}

/** The offer, beside what one is doing. */
export function PushOffer() {
  const say = useWords();
  const { status, busy, trouble } = usePush();
  const [line, press] = useFocusAfter(status);
  const what = useSyncExternalStore(subscribe, () => occasion, () => "");
  const [accepted, setAccepted] = useState(false);
  const able = status === "off" || status === "install" || accepted;
  const title = what && say(`push.offer_${what}`);
  useEffect(() => {
    if (what && able) announce(title);
  }, [what, able]);
  if (!what || !able) return null;
  const later = () => {
    const { times } = declined();
    localStorage.setItem(DECLINED, JSON.stringify({ times: times + 1, at: Date.now() }));
    forget();
  };
  const close = () => {
    setAccepted(false);
    forget();
  };
  const accept = async () => {
    setAccepted(true);
    press();
    await turnOn();
  };
  const done = status === "on" || status === "blocked";
  const install = status === "install" && `${say("push.install")} ${say("push.install_help")}`;
  const text = done ? say(`push.${status}_then`) : install || say("push.offer_text");
  return (
    <section className="push-offer" aria-label={say("push.offer")}>
      <span className="badge-icon"><Icon name="bell" /></span>
      <div>
        <h2 ref={line} tabIndex={-1}>{done ? say(`push.${status}`) : title}</h2>
        <p>{text}</p>
        <p className="complaint" role="alert">{trouble && say(trouble)}</p>
        <span className="field-line">
          {status === "on" && (
            <a className="button" href="/preferences/#where">{say("push.where")}</a>
          )}
          {!done && status !== "install" && (
            <button type="button" className="button" data-kind="primary" disabled={busy} onClick={accept}>
              {say("push.turn_on")}
            </button>
          )}
          <button type="button" className="button" data-kind="quiet" onClick={done ? close : later}>
            {say(done ? "push.close" : "push.later")}
          </button>
        </span>
      </div>
    </section>
  );
}
