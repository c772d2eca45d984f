// Fields that save themselves: what is shown while a change is on its way, and how it ended.
import { useEffect, useRef, useState } from "react";
import { newAttempt } from "./attempt.js";
import { useTrouble } from "./trouble.js";
import { useWords } from "./words.js";

const SAVED_FOR = 4000; // ms that "Saved" stays

/**
 * One field of which the server holds `value`. Shows what was chosen at once; when that could not
 * be saved, the field turns back and says why.
 */
export function useField(value, saving, onSave) {
  const [attempt, setAttempt] = useState("");
  const [chosen, setChosen] = useState(null);
  const [state, setState] = useState({ phase: "idle" });
  useEffect(() => {
    if (!attempt || saving.attempt !== attempt) return;
    const failed = Boolean(saving.trouble.what);
    setState(failed ? { phase: "failed", trouble: saving.trouble } : { phase: "saved" });
    setAttempt("");
    setChosen(null);
  }, [saving, attempt]);
  useEffect(() => {
    if (state.phase !== "saved") return undefined;
    const timer = setTimeout(() => setState({ phase: "idle" }), SAVED_FOR);
    return () => clearTimeout(timer);
  }, [state]);
  const save = (field, next, sent = next) => {
    const name = newAttempt();
    setAttempt(name);
    setChosen(next);
    setState({ phase: "saving" });
    onSave(field, sent, name);
  };
  return { shown: chosen ?? value, save, state };
}

/** Says how saving goes. It is always there, so that screen readers notice when it changes. */
export function Status({ state }) {
  const say = useWords();
  const tell = useTrouble();
  const TEXTS = {
    saving: () => say("account.saving"),
    saved: () => say("account.saved"),
    failed: () => [tell(state.trouble).text, tell(state.trouble).reference].filter(Boolean).join(" · "),
  };
  return (
    <span className="save-state" role="status" data-save={state.phase}>
      {TEXTS[state.phase]?.()}
    </span>
  );
}

/** A button that shows a dialog, which closes by Escape and by a click beside it. */
export function useDialog() {
  const dialog = useRef(null);
  const open = () => dialog.current.showModal();
  const close = () => dialog.current.close();
  const props = {
    ref: dialog,
    onClick: (event) => event.target === dialog.current && close(),
  };
  return { open, close, props };
}
