// Shortcuts on the account page: on or off, and which key does what.
import { useState } from "react";
import { keyName } from "./keyboard.jsx";
import { Status, useField } from "./saving.jsx";
import { useWords } from "./words.js";

export function KeysField({ viewer, saving, onSave }) {
  const say = useWords();
  const on = useField(viewer.shortcuts, saving, onSave);
  const keys = useField(viewer.key_of, saving, onSave);
  const [waiting, setWaiting] = useState(""); // the act whose new key is awaited
  const [complaint, setComplaint] = useState(null);
  const set = (act, key) => {
    const taken = Object.keys(keys.shown).find((each) => keys.shown[each] === key);
    if (taken && taken !== act) return setComplaint({ act, taken, key });
    setWaiting("");
    setComplaint(null);
    if (taken !== act) keys.save(`key.${act}`, { ...keys.shown, [act]: key }, key);
  };
  const listen = (act) => (event) => {
    if (waiting !== act || event.ctrlKey || event.metaKey || event.altKey) return;
    if (["Shift", "Tab", "AltGraph", "CapsLock"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") {
      setWaiting("");
      setComplaint(null);
    } else if ([...event.key].length !== 1 || event.key === " ") {
      setComplaint({ act });
    } else {
      set(act, event.key.toLowerCase());
    }
  };
  const begin = (act) => { setWaiting(act); setComplaint(null); };
  return (
    <div className="keys-field">
      <label className="switch">
        <input type="checkbox" role="switch" checked={on.shown}
          onChange={({ target }) => on.save("shortcuts", target.checked, target.checked ? "on" : "off")} />
        {say("keys.switch")} <Status state={on.state} />
      </label>
      <ul className="key-list">
        {Object.entries(keys.shown).map(([act, key]) => (
          <li key={act}>
            <span>{say(`keys.${act}`)}</span>
            <button type="button" className="key-button" data-typing={waiting === act ? "" : undefined}
              data-waiting={waiting === act}
              aria-label={say("account.keys_set", { act: say(`keys.${act}`), key: keyName(say, key) })}
              onClick={() => begin(act)} onKeyDown={listen(act)} onBlur={() => begin("")}>
              {waiting === act ? say("account.keys_press") : <kbd>{keyName(say, key)}</kbd>}
            </button>
            {complaint?.act === act && (
              <p className="complaint" role="alert">
                {complaint.taken
                  ? say("account.keys_taken", {
                    key: keyName(say, complaint.key), act: say(`keys.${complaint.taken}`),
                  })
                  : say("account.keys_single")}
              </p>
            )}
          </li>
        ))}
      </ul>
      <div className="field-line">
        <button type="button" className="button" onClick={() => keys.save("keys", null, "")}>
          {say("account.keys_reset")}
        </button>
        <Status state={keys.state} />
      </div>
    </div>
  );
}
