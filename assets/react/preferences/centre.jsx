// Around the cards of the preference page: carries changes out and knows how each of them went.
import { createContext, useContext, useEffect, useRef, useState } from "react";
import { announce } from "../announce.js";
import { newAttempt } from "../attempt.js";
import { useNewLine } from "../line.js";
import { Icon } from "../parts.jsx";
import { useTrouble } from "../trouble.js";
import { useWords } from "../words.js";
import { tellUnsent } from "./unsent.js";

const SHOWN_FOR = 10_000; // ms that "Saved" and its undo stay
const UNDO = "undo";

const Changes = createContext(null);

/** The name of a setting: its kind and names, each quoted as in an address. */
export const nameOf = (kind, ...names) => [kind, ...names.map(encodeURIComponent)].join("/");

export function Centre({ outcomes, phase, trouble, undoKey, onRetry, onChangeSetting, children }) {
  const say = useWords();
  const tell = useTrouble();
  const [marks, setMarks] = useState({}); // how it went, by the setting
  const attempts = useRef(new Map()); // what each attempt that is on its way changes
  const mark = (field, next) => setMarks(({ [field]: _, ...others }) =>
    (next ? { ...others, [field]: next } : others));

  const change = (field, value, target = field) => {
    const attempt = newAttempt();
    attempts.current.set(attempt, { field, value, target });
    mark(target, { phase: "saving", value: field === UNDO ? undefined : value, attempt });
    onChangeSetting(field, value, attempt);
  };

  // In their order: of two that touch, the later one holds.
  useNewLine(() => attempts.current.forEach(({ field, value }, attempt) =>
    onChangeSetting(field, value, attempt)));

  const unsent = Object.values(marks).filter((each) => each.phase === "saving").length;
  useEffect(() => tellUnsent(unsent), [unsent]);
  useEffect(() => () => tellUnsent(0), []);

  useEffect(() => {
    for (const outcome of outcomes) {
      const mine = attempts.current.get(outcome.attempt);
      if (!mine) continue;
      attempts.current.delete(outcome.attempt);
      const ended = endOf(outcome, mine.field === UNDO, say, tell);
      announce(ended.text);
      // A later change of the same setting is on its way: that one will tell.
      setMarks((before) => (before[mine.target]?.attempt === outcome.attempt
        ? { ...withoutUndo(before), [mine.target]: { ...ended, attempt: outcome.attempt } }
        : before));
      if (ended.phase !== "failed") {
        setTimeout(() => setMarks(({ [mine.target]: shown, ...others }) =>
          (shown?.attempt === outcome.attempt ? others : { ...others, ...(shown && { [mine.target]: shown }) })),
        SHOWN_FOR);
      }
    }
  }, [outcomes]);

  return (
    <Changes.Provider value={{ marks, change, dropUndos: () => setMarks(withoutUndo) }}>
      {phase === "failed" && (
        <div className="trouble" role="alert">
          <Icon name="alert" />
          <div>{tell(trouble).text}<small>{tell(trouble).reference}</small></div>
          <button type="button" className="button" onClick={() => onRetry()}>{say("frame.retry")}</button>
        </div>
      )}
      {phase === "new" && <Bones />}
      <div className="cards centre" data-phase={phase} hidden={phase !== "ready"}
        onKeyDown={(event) => undoInSelect(event, undoKey)}>{children}</div>
    </Changes.Provider>
  );
}

/** Shortcuts leave selects alone, yet that is where the focus is right after a choice. */
function undoInSelect(event, key) {
  const { target, ctrlKey, metaKey, altKey } = event;
  if (!key || event.key.toLowerCase() !== key || ctrlKey || metaKey || altKey || !target.matches("select")) return;
  const button = document.querySelector("[data-undo]");
  if (!button) return;
  event.preventDefault();
  button.click();
}

function Bones() {
  return (
    <div className="cards centre" aria-hidden="true">
      <span className="bone centre-bone-line" />
      <div className="pair"><span className="bone centre-bone" /><span className="bone centre-bone" /></div>
      <span className="bone centre-bone" />
    </div>
  );
}

function endOf({ trouble, undo, refused }, undoing, say, tell) {
  if (trouble.what) {
    const { text, reference } = tell(trouble);
    return { phase: "failed", text: [text, reference].filter(Boolean).join(" · ") };
  }
  if (undoing) return { phase: "saved", text: say("change.undone") };
  const names = refused.join(", ");
  const text = say(refused.length ? "change.saved_but" : "change.saved", { names, n: refused.length });
  return { phase: "saved", text, undo };
}

/** Only the newest change offers its undo, so that the key for it means one thing. */
const withoutUndo = (marks) => Object.fromEntries(Object.entries(marks)
  .map(([field, { undo: _, ...mark }]) => [field, mark]));

/** One setting of which the server holds `value`: what to show, and how to change it. */
export function useSetting(field, value) {
  const { marks, change } = useContext(Changes);
  const mark = marks[field];
  const pending = mark?.phase === "saving" ? mark.value : undefined;
  return { shown: pending ?? value, change: (next) => change(field, next) };
}

/** Of an undo elsewhere: whether an undo of a change is newer, and how to take over from them. */
export function useOtherUndos() {
  const { marks, dropUndos } = useContext(Changes);
  return { newer: Object.values(marks).some(({ undo }) => undo), dropUndos };
}

/** Carries out a change whose outcome shows beside `target`. */
export const useChange = () => useContext(Changes).change;

/** What is chosen for settings but not yet confirmed, as a function of the setting. */
export function usePendingValues() {
  const { marks } = useContext(Changes);
  return (field) => (marks[field]?.phase === "saving" ? marks[field].value : undefined);
}

/** How the latest change of one of these settings went, with its undo. */
export function Mark({ fields, prefix }) {
  const say = useWords();
  const { marks, change } = useContext(Changes);
  const name = Object.keys(marks).findLast((each) =>
    (fields ? fields.includes(each) : each.startsWith(prefix)));
  if (!name) return null;
  const { phase, text, undo } = marks[name];
  return (
    <span className="save-state mark" data-save={phase}>
      {phase === "saved" && <Icon name="check" />}
      <span>{phase === "saving" ? say("account.saving") : text}</span>
      {undo && (
        <button type="button" className="text-link" data-undo="" onClick={() => change(UNDO, undo, name)}>
          {say("frame.undo")}
        </button>
      )}
    </span>
  );
}
