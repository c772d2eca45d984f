// Saved filters: keeping what is listed under a name; renaming, arranging and deleting.
import { useEffect, useRef, useState } from "react";
import { newAttempt } from "./attempt.js";
import { Icon } from "./icon.jsx";
import { lost, useNewLine } from "./line.js";
import { useDialog } from "./saving.jsx";
import { useTrouble } from "./trouble.js";
import { partOf } from "./where.js";
import { useWords } from "./words.js";

let show = () => {};

/** Opens the dialog; with a part of the inbox, to save it. */
export const openFilters = (where) => show(where ? partOf(where) : null);

export function Filters({ filters, outcome, onKeep, onRename, onArrange, onRemove }) {
  const say = useWords();
  const dialog = useDialog();
  const [part, setPart] = useState(null);
  useEffect(() => {
    show = (wanted) => { setPart(wanted); dialog.open(); };
    return () => { show = () => {}; };
  }, []);
  const move = (index, step) => {
    const ids = filters.map(({ id }) => id);
    [ids[index], ids[index + step]] = [ids[index + step], ids[index]];
    onArrange(ids);
  };
  return (
    <dialog className="help filters" aria-labelledby="filters-title" {...dialog.props}>
      <header>
        <h2 id="filters-title">{say(part ? "filters.save" : "filters.title")}</h2>
        <button type="button" className="icon-button" aria-label={say("frame.close")}
          onClick={dialog.close}><Icon name="close" /></button>
      </header>
      {part && (
        <Named key={JSON.stringify(part)} name={part.query || part.category || part.type}
          outcome={outcome} label={say("filters.name")} act={say("account.save")}
          onSave={(name, attempt) => onKeep(name, part, attempt)} onDone={dialog.close} />
      )}
      {!part && !filters.length && <p className="hint">{say("filters.none")}</p>}
      {!part && (
        <ul className="filter-list">
          {filters.map((each, index) => (
            <li key={each.id}>
              <Named name={each.name} outcome={outcome} label={say("filters.name_of", { name: each.name })}
                act={say("filters.rename")} hidden
                onSave={(name, attempt) => onRename(each.id, name, attempt)} />
              <Tool name="up" label={say("filters.up", { name: each.name })} disabled={index === 0}
                onClick={() => move(index, -1)} />
              <Tool name="down" label={say("filters.down", { name: each.name })}
                disabled={index === filters.length - 1} onClick={() => move(index, 1)} />
              <Tool name="close" label={say("filters.remove", { name: each.name })}
                onClick={() => onRemove(each.id)} />
            </li>
          ))}
        </ul>
      )}
    </dialog>
  );
}

const Tool = ({ name, label, ...props }) => (
  <button type="button" className="icon-button" aria-label={label} title={label} {...props}>
    <Icon name={name} />
  </button>
);

/** A name to be written, with how saving it went; `hidden` is the button while nothing is new. */
function Named({ name, label, act, outcome, hidden = false, onSave, onDone }) {
  const tell = useTrouble();
  const [text, setText] = useState(name);
  const [trouble, setTrouble] = useState(null);
  const attempt = useRef("");
  useEffect(() => setText(name), [name]);
  useEffect(() => {
    if (!attempt.current || outcome.attempt !== attempt.current) return;
    attempt.current = "";
    setTrouble(outcome.trouble.what ? outcome.trouble : null);
    if (!outcome.trouble.what) onDone?.();
  }, [outcome]);
  useNewLine(() => attempt.current && setTrouble(lost("failed.save")));
  const submit = (event) => {
    event.preventDefault();
    attempt.current = newAttempt();
    onSave(text, attempt.current);
  };
  return (
    <form className="named" onSubmit={submit}>
      <input className="input" dir="auto" value={text} maxLength={60} aria-label={label}
        autoFocus={!hidden} onChange={({ target }) => setText(target.value)} />
      {(!hidden || text !== name) && <button type="submit" className="button" data-kind="primary">{act}</button>}
      {trouble && <p className="complaint" role="alert">{tell(trouble).text}</p>}
    </form>
  );
}
