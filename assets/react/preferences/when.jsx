// When the person may be told: zone, quiet hours, digests, what breaks through, delay of e-mails.
import { useState } from "react";
import { ZoneBox } from "../zone.jsx";
import { clock, useNow } from "../time.jsx";
import { useMounted } from "../where.js";
import { deviceZone, useWords } from "../words.js";
import { Mark, useSetting } from "./centre.jsx";
import { Quiet } from "./quiet.jsx";
import { weekday } from "./words.js";

const DAYS = [0, 1, 2, 3, 4, 5, 6];
const DELAYS = [5, 15, 30, 60, 120, 240, 480, 1440]; // minutes
const MONTH_DAYS = ["first", "last"];
const AS_USUAL = "";

export function When({ when }) {
  return (
    <>
      <Zone when={when} />
      <Quiet quiet={when.quiet} />
      <Digest digest={when.digest} />
      <Escalation minutes={when.escalation_minutes} />
      <BreaksThrough titles={when.breaks_through} />
    </>
  );
}

const readable = (zone) => zone.replaceAll("_", " ");

function Zone({ when }) {
  const say = useWords();
  const mounted = useMounted();
  const now = useNow();
  const { shown, change } = useSetting("zone", when.zone_chosen ? when.zone : AS_USUAL);
  const device = mounted ? deviceZone() : "";
  const applies = shown || when.zone_detected || when.zone;
  const clockOf = (zone) => clock({ locale: say.locale, zone }, new Date(now));
  return (
    <div className="field">
      <p className="field-head"><label htmlFor="zone">{say("account.zone_label")}</label> <Mark fields={["zone"]} /></p>
      <ZoneBox id="zone" value={shown} onChoose={change} clockOf={clockOf} />
      <p className="hint" id="zone-hint">
        {applies && now > 0 && say("when.zone_clock", { zone: readable(applies), clock: clockOf(applies) })}
      </p>
      {device && applies && device !== applies && (
        <p className="hint">
          <bdi>{say("account.zone_detected", { zone: readable(device) })}</bdi>{" "}
          <button type="button" className="text-link" onClick={() => change(device)}>{say("account.zone_use")}</button>
        </p>
      )}
    </div>
  );
}

/** When summaries come: one time for daily ones and the day of weekly and monthly ones. */
function Digest({ digest }) {
  const say = useWords();
  const { shown, change } = useSetting("digest", [digest.at, digest.weekday, digest.month_day].join("/"));
  const [at, day, monthDay] = (shown || "08:00/0/first").split("/");
  const save = (next) => {
    const { at: a, day: d, monthDay: m } = { at, day, monthDay, ...next };
    if (a) change([a, d, m].join("/"));
  };
  return (
    <fieldset className="field" id="digest">
      <legend>{say("when.digest")}</legend>
      <Mark fields={["digest"]} />
      <div className="digest-line">
        <label>{say("when.digest_at")}
          <input type="time" className="input" value={at} onChange={(event) => save({ at: event.target.value })} />
        </label>
        <label>{say("when.digest_weekday")}
          <select className="input" value={day} onChange={(event) => save({ day: event.target.value })}>
            {DAYS.map((each) => <option key={each} value={each} lang={say.locale}>{weekday(say, each)}</option>)}
          </select>
        </label>
        <label>{say("when.digest_month_day")}
          <select className="input" value={monthDay} onChange={(event) => save({ monthDay: event.target.value })}>
            {MONTH_DAYS.map((each) => <option key={each} value={each}>{say(`when.month_${each}`)}</option>)}
          </select>
        </label>
      </div>
      <ul className="next-digests hint">
        {Object.entries(digest.coming).map(([option, at]) => (
          <li key={option}>{say(`when.next_${option}`, { at })}</li>
        ))}
      </ul>
      {!digest.chosen
        ? <p className="hint">{say("when.digest_usual")}</p>
        : (
          <button type="button" className="text-link" onClick={() => change("")}>{say("what.reset")}</button>
        )}
    </fieldset>
  );
}

function Escalation({ minutes }) {
  const say = useWords();
  const { shown, change } = useSetting("escalation", minutes < 0 ? AS_USUAL : String(minutes));
  const known = [...new Set([...DELAYS, ...(shown ? [Number(shown)] : [])])].sort((a, b) => a - b);
  const duration = (each) => say(...(each % 60
    ? ["when.minutes", { n: each }]
    : each % 1440 ? ["when.hours", { n: each / 60 }] : ["when.days", { n: each / 1440 }]));
  return (
    <div className="field">
      <p className="field-head">
        <label htmlFor="escalation">{say("when.escalation")}</label> <Mark fields={["escalation"]} />
      </p>
      <select id="escalation" className="input" value={shown} data-at="escalation"
        onChange={(event) => change(event.target.value)}>
        <option value={AS_USUAL}>{say("when.escalation_usual")}</option>
        {known.map((each) => (
          <option key={each} value={String(each)}>
            {each ? say("when.escalation_after", { time: duration(each) }) : say("when.escalation_none")}
          </option>
        ))}
      </select>
    </div>
  );
}

const FEW = 5;

/** Required types: neither a pause nor quiet hours hold them. */
function BreaksThrough({ titles }) {
  const say = useWords();
  const [all, setAll] = useState(false);
  if (!titles.length) return null;
  const shown = all ? titles : titles.slice(0, FEW);
  return (
    <div className="field">
      <p className="field-name">{say("when.breaks_through")}</p>
      <ul className="chips">
        {shown.map((each) => <li key={each} className="chip"><bdi>{each}</bdi></li>)}
        {titles.length > shown.length && (
          <li>
            <button type="button" className="text-link" onClick={() => setAll(true)}>
              {say("when.more", { n: titles.length - shown.length })}
            </button>
          </li>
        )}
      </ul>
    </div>
  );
}
