// "Why you got this": what became of the open notification on each channel, and what changes that.
import { useEffect } from "react";
import { Link } from "react-router";
import { Icon } from "./parts.jsx";
import { nearTime, useNow } from "./time.jsx";
import { useWords } from "./words.js";

const ICONS = {
  INAPP_WEB: "inbox", EMAIL: "mail", SMS: "chat", CALL: "call", PUSH: "phone", WEB_PUSH: "bell",
  SLACK: "slack",
};
const TIMES = ["at", "seen", "opened"];
const SETTLING = 2000; // ms that the server is given to send what is due
const AGAIN = 5000; // ms until another look while something is on its way
const LONGEST = 2 ** 31 - 1; // ms: the longest that a timer can wait

/** `onStale` asks the server for the lines anew: what deliveries do bumps no change number. */
export function About({ why, onStale }) {
  const say = useWords();
  const { title, description, subject, required, lines } = why;
  useNews(lines, onStale);
  if (!lines.length) return null;
  return (
    <section className="why" aria-labelledby="why-title">
      <h3 id="why-title"><Icon name="info" />{say("item.why")}</h3>
      <p className="why-reason" dir="auto">
        {description || say("about.got", { title })}
        {subject && ` ${say("about.subject", { subject })}`}
      </p>
      <ul>
        {lines.map((line) => <Line key={line.channel} line={line} />)}
      </ul>
      {required && <p className="why-note"><Icon name="lock" />{say("about.required")}</p>}
    </section>
  );
}

function Line({ line: { channel, phrase, fate, control, href } }) {
  const say = useWords();
  const now = useNow();
  const near = TIMES.filter((name) => phrase.values[name])
    .map((name) => [name, nearTime(new Date(phrase.values[name]), new Date(now), say)]);
  const name = say(`channel.${channel}`);
  return (
    <li data-channel={channel} data-fate={fate}>
      <Icon name={ICONS[channel] ?? "webhook"} />
      <b>{name}</b>
      <span>{now > 0 && say(phrase.key, { ...phrase.values, ...Object.fromEntries(near) })}</span>
      {href && (
        <Link to={href} className="text-link" discover="none"
          aria-label={say("control.label", { channel: `channel.${channel}`, control: `control.${control}` })}>
          {say(`control.${control}`)}
        </Link>
      )}
    </li>
  );
}

/** Looks again when something falls due, while it is on its way, and when the reader comes back. */
function useNews(lines, onStale) {
  const waits = lines.filter((line) => line.waits).map((line) => line.waits).sort()[0];
  useEffect(() => {
    if (!waits) return undefined;
    let timer;
    const arm = () => {
      const wait = Math.max(AGAIN, new Date(waits) - Date.now() + SETTLING);
      timer = setTimeout(look, Math.min(wait, LONGEST));
    };
    const look = () => {
      if (!document.hidden) onStale();
      arm();
    };
    arm();
    return () => clearTimeout(timer);
  }, [waits]);
  useEffect(() => {
    const look = () => document.hidden || onStale();
    document.addEventListener("visibilitychange", look);
    window.addEventListener("focus", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      window.removeEventListener("focus", look);
    };
  }, []);
}
