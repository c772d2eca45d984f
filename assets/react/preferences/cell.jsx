// One choice: a native select with exactly what is offered, or what cannot be chosen and why.
import { useId } from "react";
import { Icon } from "../parts.jsx";
import { useWords } from "../words.js";

export function Choice({ value, offered, label, channel, at, custom, mixed, strong, onChoose }) {
  const say = useWords();
  return (
    <label className="cell" data-option={value} data-custom={custom} data-strong={strong}>
      <span className="cell-name" aria-hidden="true">{say(`channel.${channel}`)}</span>
      <select className="choice" value={value} aria-label={label} data-at={at}
        onChange={(event) => onChoose(event.target.value)}>
        {mixed && <option value="mixed" disabled>{say("choice.mixed")}</option>}
        {!mixed && !offered.includes(value) && <option value={value} disabled>{say(`choice.${value}`)}</option>}
        {offered.map((each) => <option key={each} value={each}>{say(`choice.${each}`)}</option>)}
      </select>
    </label>
  );
}

/** What nobody can choose; the reason shows on focus and under the pointer. */
export function Locked({ cell, label, channel, at }) {
  const say = useWords();
  const tip = useId();
  if (cell.locked === "unused") return <span className="cell cell-none" aria-hidden="true" />;
  const text = say(cell.locked === "required" ? "choice.required" : `choice.${cell.option}`);
  return (
    <span className="cell" data-option={cell.option}>
      <span className="cell-name" aria-hidden="true">{channel}</span>
      <button type="button" className="locked" aria-disabled="true" aria-describedby={tip} data-at={at}
        aria-label={`${label}: ${text}`}>
        <span>{text}</span><Icon name="lock" />
      </button>
      <span className="tip" role="tooltip" id={tip}>{say(`locked.${cell.locked}`, { channel })}</span>
    </span>
  );
}
