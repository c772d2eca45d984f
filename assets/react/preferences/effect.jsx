// The last days once more: what came, what would have come with these settings, and how much later.
import { useWords } from "../words.js";

const SPANS = [7, 30];
const HOUR = 3600;
const MINUTE = 60;
const MOST_LATER = 4;
const INBOX = "INAPP_WEB";

function duration(say, seconds) {
  const size = Math.abs(seconds);
  const unit = size >= 24 * HOUR ? "day" : size >= HOUR ? "hour" : "minute";
  const value = Math.round(size / { day: 24 * HOUR, hour: HOUR, minute: MINUTE }[unit]);
  return new Intl.NumberFormat(say.locale, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

function laterText(say, each) {
  const { title } = each;
  if (each.silenced) return say("effect.silenced", { title, n: each.silenced });
  if (each.added) return say("effect.added", { title, n: each.added });
  const time = duration(say, each.average);
  return say(each.average < 0 ? "effect.sooner" : "effect.later", { title, time });
}

export function Effect({ found, days, phase, onDays }) {
  const say = useWords();
  const channels = Object.keys(found.then).filter((each) => each !== INBOX && (found.now[each] || found.then[each]));
  const later = found.later.filter((each) => each.silenced || each.added || Math.abs(each.average) >= MINUTE);
  return (
    <div className="effect" aria-busy={phase !== "ready"}>
      <div className="field-line">
        <p className="hint">{say("effect.text", { n: days })}</p>
        <span className="themes" role="group" aria-label={say("effect.days")}>
          {SPANS.map((each) => (
            <button key={each} type="button" aria-pressed={each === days} onClick={() => onDays(each)}>
              {say("effect.span", { n: each })}
            </button>
          ))}
        </span>
      </div>
      {phase === "new" ? <span className="bone effect-bone" /> : (
        <div className="effect-found">
          {!channels.length && <p className="hint">{say("effect.none", { n: days })}</p>}
          <ul className="figures" aria-live="polite">
            {channels.map((each) => <Figure key={each} channel={each} now={found.now[each]} then={found.then[each]} />)}
          </ul>
          {later.length > 0 && (
            <ul className="later">
              {later.slice(0, MOST_LATER).map((each) => <li key={each.type}><bdi>{laterText(say, each)}</bdi></li>)}
            </ul>
          )}
          {found.cut && <p className="hint">{say("effect.cut", { n: found.notifications })}</p>}
        </div>
      )}
    </div>
  );
}

function Figure({ channel, now, then }) {
  const say = useWords();
  const text = say("effect.figure", { channel: say(`channel.${channel}`), now, then });
  return (
    <li className="figure">
      <span className="sr">{text}</span>
      <p className="figure-count" aria-hidden="true">
        {now !== then && <del>{now}</del>} <strong>{then}</strong>
      </p>
      <p className="hint" aria-hidden="true">{say(`messages.${channel}`, { n: then })}</p>
    </li>
  );
}
