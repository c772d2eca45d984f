// Fields that save themselves: what is shown while a change is on its way, and how it ended.
import { useEffect, useRef, useState } from "react";
import { newAttempt } from "./attempt.js";
import { useNewLine } from "./line.js";
import { useTrouble } from "./trouble.js";
import { useWords } from "./words.js";

const SAVED_FOR = 4000; // ms that "Saved" stays

/**
 * One field of which the server holds a value. Shows what was chosen at once; when that could not
 * be saved, the field turns back and says why.
 */
export function useField(held, saving, onSave) {
  const [sent, setSent] = useState(null); // what is on its way: field, value and name of the attempt
  const [chosen, setChosen] = useState(null);
  const [state, setState] = useState({ phase: "idle" });
  useEffect(() => {
    if (!sent || saving.attempt !== sent.at(-1)) return;
    const failed = Boolean(saving.trouble.what);
    setState(failed ? { phase: "failed", trouble: saving.trouble } : { phase: "saved" });
    setSent(null);
    setChosen(null);
  }, [saving, sent]);
  useEffect(() => {
    if (state.phase !== "saved") return undefined;
    const timer = setTimeout(() => setState({ phase: "idle" }), SAVED_FOR);
    return () => clearTimeout(timer);
  }, [state]);
  useNewLine(() => sent && onSave(...sent));
  const save = (field, next, value = next) => {
    const values = [field, value, newAttempt()];
    setSent(values);
    setChosen(next);
    setState({ phase: "saving" });
    onSave(...values);
  };
  return { shown: chosen ?? held, save, state };
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
