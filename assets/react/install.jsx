// The inbox as an app on this device: offered where the browser can install it by itself, and
// explained on iPhone and iPad, where it is done by hand and nothing can be pushed without.
import { useSyncExternalStore } from "react";
import { Icon } from "./icon.jsx";
import { isApple, isInstalled } from "./platform.js";
import { useMounted } from "./where.js";
import { useWords } from "./words.js";

const DISMISSED = "inbox-install-hint"; // a wish of whoever uses this device, whoever signs in

let offer = null; // the browser's own question, kept until somebody wants it
const listeners = new Set();

function become(next) {
  offer = next;
  for (const listener of listeners) listener();
}

if (typeof window !== "undefined") {
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    become(event);
  });
  window.addEventListener("appinstalled", () => become(null));
}

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

const isDismissed = () => Boolean(localStorage.getItem(DISMISSED));
const dismiss = () => {
  localStorage.setItem(DISMISSED, "yes");
  become(offer);
};

/** Whether there is something to explain. */
const useHint = () => {
  const dismissed = useSyncExternalStore(subscribe, isDismissed, () => true);
  return useMounted() && !dismissed && isApple() && !isInstalled();
};

/** How to install by hand, where that is the only way; it can be dismissed for good. */
export function InstallHint() {
  const say = useWords();
  if (!useHint()) return null;
  return (
    <div className="install-hint" data-install="hint">
      <Icon name="phone" />
      <p>{say("install.hint")}</p>
      <button type="button" className="text-link" onClick={dismiss}>{say("install.dismiss")}</button>
    </div>
  );
}

/** The card of the account page; nothing where there is nothing to say. */
export function Install() {
  const say = useWords();
  const hint = useHint();
  const question = useSyncExternalStore(subscribe, () => offer, () => null);
  const install = async () => {
    question.prompt();
    await question.userChoice;
    become(null); // it can be asked once
  };
  if (!question && !hint) return null;
  return (
    <section className="card">
      <h2>{say("install.title")}</h2>
      {question && (
        <>
          <p className="hint">{say("install.text")}</p>
          <button type="button" className="button" data-install="offer" onClick={install}>
            {say("install.act")}
          </button>
        </>
      )}
      {!question && <InstallHint />}
    </section>
  );
}
