// Where the person is signed in, and the end of their account.
import { useEffect, useState } from "react";
import { Icon } from "./parts.jsx";
import { Status, useDialog, useField } from "./saving.jsx";
import { leaveFor } from "./ended.jsx";
import { useTrouble } from "./trouble.js";
import { useWords } from "./words.js";

const HANDHELD = new Set(["iPhone", "iPad", "Android"]);

function deviceName(say, { browser, system }) {
  if (browser && system) return say("account.device", { browser, system });
  return browser || system || say("account.device_unknown");
}

export function Sessions({ sessions, phase, trouble, onRetry, onSignOut, onSignOutOthers }) {
  const say = useWords();
  const tell = useTrouble();
  if (phase === "failed") {
    return (
      <div className="trouble" role="alert">
        <Icon name="alert" />
        <div>{tell(trouble).text}<small>{tell(trouble).reference}</small></div>
        <button type="button" className="button" onClick={() => onRetry()}>{say("frame.retry")}</button>
      </div>
    );
  }
  if (phase === "new") return <div className="session-bones"><span className="bone" /></div>;
  return (
    <>
      <ul className="sessions">
        {sessions.map((each) => <Session key={each.id} session={each} onSignOut={onSignOut} />)}
      </ul>
      {sessions.length > 1
        ? (
          <button type="button" className="button" onClick={() => onSignOutOthers()}>
            {say("account.sign_out_others")}
          </button>
        )
        : <p className="hint">{say("account.only_here")}</p>}
    </>
  );
}

function Session({ session, onSignOut }) {
  const say = useWords();
  const device = deviceName(say, session);
  const { mine } = session;
  return (
    <li className="session" data-mine={mine}>
      <Icon name={HANDHELD.has(session.system) ? "phone" : "screen"} />
      <div>
        <p className="session-device">
          {device} {mine && <span className="chip" data-tone="ok">{say("account.this_browser")}</span>}
        </p>
        <p className="hint">
          {mine
            ? say("account.signed_in", { at: session.signed_in })
            : say("account.last_used", { at: session.last_used })}
        </p>
      </div>
      {!mine && (
        <button type="button" className="button" onClick={() => onSignOut(session.id)}
          aria-label={say("account.sign_out_device", { device })}>
          {say("frame.sign_out")}
        </button>
      )}
    </li>
  );
}

const sameName = (one, other) =>
  one.trim().replace(/\s+/g, " ") === other.trim().replace(/\s+/g, " ");

export function DeleteAccount({ name, saving, farewell, onDelete }) {
  const say = useWords();
  const dialog = useDialog();
  const [typed, setTyped] = useState("");
  const { save, state } = useField("", saving, (field, value, attempt) => onDelete(value, attempt));
  useEffect(() => {
    if (state.phase === "failed") leaveFor("");
  }, [state.phase]);
  const ready = sameName(typed, name) && state.phase !== "saving";
  useEffect(() => {
    if (state.phase === "failed") leaveFor("");
  }, [state]);
  const submit = (event) => {
    event.preventDefault();
    if (!ready) return;
    leaveFor(farewell);
    save("delete", typed);
  };
  const open = () => { setTyped(""); dialog.open(); };
  return (
    <>
      <button type="button" className="button" data-kind="danger" onClick={open}>
        {say("account.delete_open")}
      </button>
      <dialog className="help" aria-labelledby="delete-title" {...dialog.props}>
        <form className="field" onSubmit={submit}>
          <h2 id="delete-title">{say("account.delete")}</h2>
          <p className="hint" id="delete-text">{say("account.delete_text")}</p>
          <label htmlFor="delete-name"><bdi>{say("account.delete_confirm", { name })}</bdi></label>
          <input id="delete-name" className="input" dir="auto" autoComplete="off" value={typed}
            aria-describedby="delete-text" onChange={(event) => setTyped(event.target.value)} />
          <div className="field-line">
            <button type="submit" className="button" data-kind="danger" disabled={!ready}>
              {say("account.delete_act")}
            </button>
            <button type="button" className="button" onClick={dialog.close}>
              {say("account.delete_cancel")}
            </button>
            <Status state={state} />
          </div>
        </form>
      </dialog>
    </>
  );
}
