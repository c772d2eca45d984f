// Quiet hours: none, the same each day, workdays and weekend, or each day by itself.
import { useState } from "react";
import { useWords } from "../words.js";
import { Mark, useChange, usePendingValues } from "./centre.jsx";
import { weekday } from "./words.js";

const FORMS = { all: ["0123456"], week: ["01234", "56"], each: [..."0123456"] };
const USUAL = "20:00-07:30";
const NONE = "";

/** The span that starts on each day, as `20:00-07:30`; "" for none. */
function byDay(quiet) {
  const spans = Array(7).fill(NONE);
  quiet.forEach(({ start, end, days }) => days.forEach((day) => (spans[day] = `${start}-${end}`)));
  return spans;
}

const sameIn = (spans, days) => [...days].every((day) => spans[day] === spans[days[0]]);
const formOf = (spans) => Object.keys(FORMS).find((form) => FORMS[form].every((days) => sameIn(spans, days)));

export function Quiet({ quiet }) {
  const say = useWords();
  const change = useChange();
  const pending = usePendingValues();
  const [picked, setPicked] = useState("");
  const spans = byDay(quiet);
  Object.values(FORMS).flat().forEach((days) => {
    const value = pending(`quiet/${days}`);
    if (value !== undefined) [...days].forEach((day) => (spans[day] = value));
  });
  const fits = formOf(spans);
  const form = picked && FORMS[picked].every((days) => sameIn(spans, days)) ? picked : fits;
  const save = (days, value) => change(`quiet/${days}`, value);
  const pick = (next) => {
    setPicked(next);
    // What differs within the new groups takes the time of the group's first day.
    FORMS[next].filter((days) => !sameIn(spans, days)).forEach((days) => save(days, spans[days[0]]));
  };
  return (
    <fieldset className="field quiet" id="quiet" data-at="quiet" tabIndex={-1}>
      <legend>{say("when.quiet")}</legend>
      <Mark prefix="quiet/" />
      <select className="input" value={form} aria-label={say("when.quiet_form")}
        onChange={(event) => pick(event.target.value)}>
        {Object.keys(FORMS).map((each) => <option key={each} value={each}>{say(`quiet.${each}`)}</option>)}
      </select>
      {FORMS[form].map((days) => (
        <SpanLine key={days} days={days} value={spans[days[0]]} form={form} onSave={(value) => save(days, value)}
          onCopy={form === "each" ? () => save("0123456", spans[days[0]]) : undefined} />
      ))}
    </fieldset>
  );
}

const NAMES = { "0123456": "quiet.every_day", "01234": "quiet.workdays", "56": "quiet.weekend" };

function SpanLine({ days, value, onSave, onCopy }) {
  const say = useWords();
  const name = days.length === 1 ? weekday(say, Number(days)) : say(NAMES[days]);
  const [start, end] = value ? value.split("-") : ["", ""];
  const set = (from, to) => from && to && onSave(`${from}-${to}`);
  return (
    <div className="span-line">
      <label className="switch">
        <input type="checkbox" checked={Boolean(value)} onChange={(event) => onSave(event.target.checked ? USUAL : NONE)} />
        {name}
      </label>
      {value && (
        <>
          <input type="time" className="input" aria-label={say("quiet.from", { day: name })} value={start}
            onChange={(event) => set(event.target.value, end)} />
          <span aria-hidden="true">–</span>
          <input type="time" className="input" aria-label={say("quiet.to", { day: name })} value={end}
            onChange={(event) => set(start, event.target.value)} />
          {end <= start && <span className="hint">{say("quiet.next_day")}</span>}
          {onCopy && (
            <button type="button" className="text-link" onClick={onCopy}
              aria-label={say("quiet.copy_day", { day: name })}>{say("quiet.copy")}</button>
          )}
        </>
      )}
    </div>
  );
}
