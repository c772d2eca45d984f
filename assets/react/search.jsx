// The search: results as one types, what can be written, and how to keep it as a filter.
import { useEffect, useId, useRef, useState } from "react";
import { useLocation, useNavigate, useNavigationType } from "react-router";
import { announce } from "./announce.js";
import { openFilters } from "./filters.jsx";
import { Icon } from "./icon.jsx";
import { address, isWhole, useWhere } from "./where.js";
import { useTrouble } from "./trouble.js";
import { useWords } from "./words.js";

const PAUSE = 120; // ms between two searches while one types; the first goes out at once
const STATES = ["unread", "read", "saved", "snoozed", "done", "replied"]; // domain/search.py
const UNFINISHED = /(^|\s+)-?\w+:$/; // the name of a part without a value, yet
const FIELDS = ["is:", "type:", "category:", "from:", "after:", "before:"];
const EXTRAS = ['"…"', "-…"];

const quoted = (name) => (/\s/.test(name) ? `"${name}"` : name);

/** What may stand at the end of the text, as `{ text, note }`. */
function suggestions(text, say, { types, categories }) {
  const last = text.match(/(?:[^\s"]|"[^"]*"?)*$/)[0];
  const [, field, begun = ""] = last.match(/^-?(\w+):"?([^"]*)$/) ?? [];
  const begins = (name) => name.toLowerCase().startsWith(begun.toLowerCase());
  const values = {
    is: () => STATES.filter(begins).map((name) => ({ text: `is:${name}`, note: say(`search.is_${name}`) })),
    type: () => types.filter(({ name, title }) => begins(name) || begins(title))
      .map(({ name, title }) => ({ text: `type:${quoted(name)}`, note: title })),
    category: () => categories.filter(begins).map((name) => ({ text: `category:${quoted(name)}` })),
  }[field];
  if (values) return values().filter(({ text: full }) => full !== last).slice(0, 8);
  if (last) return FIELDS.filter((name) => name.startsWith(last)).map((name) => hint(say, name));
  return FIELDS.map((name) => hint(say, name));
}

const hint = (say, name) => ({ text: name, note: say(`search.hint_${name.slice(0, -1)}`) });

/** The text of the field, which follows the address and leads it. */
function useQuery() {
  const where = useWhere();
  const navigate = useNavigate();
  const { state } = useLocation();
  const typed = useNavigationType() === "REPLACE" && Boolean(state?.typed);
  const [text, setText] = useState(where.query);
  const sent = useRef(where.query);
  const timer = useRef();
  const place = useRef(where);
  place.current = where;
  useEffect(() => {
    // What was typed arrives late, after more has been typed; only other ways here lead the field.
    if (typed || where.query === sent.current) return;
    clearTimeout(timer.current);
    timer.current = undefined;
    sent.current = where.query;
    setText(where.query);
  }, [where.query, typed]);
  const send = (query) => {
    sent.current = query;
    navigate(address({ ...place.current, query }, place.current.id), {
      replace: true, state: { typed: true },
    });
  };
  const write = (next) => {
    setText(next);
    const query = next.trim().replace(UNFINISHED, "");
    const idle = timer.current === undefined;
    clearTimeout(timer.current);
    if (idle && query !== sent.current) send(query);
    timer.current = setTimeout(() => {
      timer.current = undefined;
      if (query !== sent.current) send(query);
    }, PAUSE);
  };
  return { where, text, write };
}

export function Search({ categories, types, trouble, onPrepare }) {
  const say = useWords();
  const tell = useTrouble();
  const { where, text, write } = useQuery();
  const [focused, setFocused] = useState(false);
  const [at, setAt] = useState(-1);
  const list = useId();
  const box = useRef(null);
  const names = categories.map(({ name }) => name);
  const options = focused ? suggestions(text, say, { types, categories: names }) : [];
  const failed = Boolean(trouble.what) && where.query && trouble.code === "INVALID_INPUT";
  const told = failed ? tell(trouble).text : "";
  useEffect(() => announce(told), [told]);

  const take = ({ text: full }) => {
    const begun = text.match(/(?:[^\s"]|"[^"]*"?)*$/)[0];
    write(text.slice(0, text.length - begun.length) + full + (full.endsWith(":") ? "" : " "));
    setAt(-1);
    box.current.focus();
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) {
      event.preventDefault();
      setAt((at + step + options.length) % options.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && options[at]) {
      event.preventDefault();
      take(options[at]);
    } else if (event.key === "Enter") {
      document.querySelector("[data-row]")?.focus();
    } else if (event.key === "Escape" && text) {
      event.preventDefault();
      write("");
    }
  };
  return (
    <div className="search" role="search">
      <div className="search-field" data-failed={failed}>
        <Icon name="search" />
        <input id="search" ref={box} type="search" role="combobox" dir="auto" value={text}
          maxLength={500} autoComplete="off" spellCheck={false} enterKeyHint="search"
          placeholder={say("search.label")} aria-label={say("search.label")}
          aria-expanded={options.length > 0} aria-controls={list} aria-autocomplete="list"
          aria-activedescendant={at >= 0 && options[at] ? `${list}-${at}` : undefined}
          aria-invalid={failed} aria-describedby="search-note"
          onChange={({ target }) => { write(target.value); setAt(-1); }}
          onFocus={() => { setFocused(true); onPrepare(); }}
          onBlur={() => setFocused(false)} onKeyDown={onKeyDown} />
        {text
          ? <button type="button" className="icon-button" aria-label={say("search.clear")}
            title={say("search.clear")} onClick={() => { write(""); box.current.focus(); }}>
            <Icon name="close" /></button>
          : <kbd aria-hidden="true">/</kbd>}
      </div>
      <ul className="options search-options" id={list} role="listbox" aria-label={say("search.help")}
        hidden={!options.length} onMouseDown={(event) => event.preventDefault()}>
        {options.map((option, i) => (
          <li key={option.text} id={`${list}-${i}`} role="option" aria-selected={i === at}
            data-active={i === at} onClick={() => take(option)}>
            <code>{option.text}</code><span className="option-note">{option.note}</span>
          </li>
        ))}
        {!text && EXTRAS.map((name, i) => (
          <li key={name} role="option" aria-selected="false" aria-disabled="true" className="extra">
            <code>{name}</code><span className="option-note">{say(`search.extra_${i}`)}</span>
          </li>
        ))}
      </ul>
      <p id="search-note" className="complaint">{told}</p>
      {!isWhole(where) && !failed && <Narrowed where={where} say={say} />}
    </div>
  );
}

/** What the list is narrowed to, with the way out and the way to keep it. */
function Narrowed({ where, say }) {
  const navigate = useNavigate();
  const drop = (name) => navigate(address({ ...where, [name]: "" }));
  const parts = ["category", "type"].filter((name) => where[name]);
  return (
    <div className="narrowed">
      {parts.map((name) => (
        <button key={name} type="button" className="chip" onClick={() => drop(name)}
          aria-label={say("search.drop", { name: where[name] })}>
          <bdi>{where[name]}</bdi><Icon name="close" />
        </button>
      ))}
      <button type="button" className="text-link" onClick={() => openFilters(where)}>
        {say("filters.save_this")}
      </button>
    </div>
  );
}
