// Small parts that the list, the open notification and the rail share.
import { useContext, useState } from "react";
import { Link } from "react-router";
import { ColorModeContext } from "$/utils/context-registry";
import { Actions } from "./actions.jsx";
import { copy } from "./clipboard.js";
import { Icon } from "./icon.jsx";
import { openMenu } from "./menu.jsx";
import { overlay, usePending } from "./pending.js";
import { complain, tell } from "./said.js";
import { select } from "./selection.js";
import { openSnooze } from "./snooze.jsx";
import { address, useBack, useMounted, useWhere } from "./where.js";
import { useWords } from "./words.js";

export { Icon };

const TONES = 6;
const toneOf = (text) =>
  [...text].reduce((sum, each) => (sum * 31 + each.codePointAt(0)) >>> 0, 7) % TONES;

/** A picture, or the initials where there is none or it does not load. */
export function Avatar({ image, initials, tone = initials, size }) {
  const [broken, setBroken] = useState("");
  return (
    <span className="avatar" data-tone={toneOf(tone)} data-size={size} aria-hidden="true" dir="auto">
      {initials}
      {image && image !== broken && (
        <img src={image} alt="" width="40" height="40" loading="lazy" decoding="async"
          referrerPolicy="no-referrer" onError={() => setBroken(image)} />
      )}
    </span>
  );
}

/** A button that does `act` to an item; its icon has the name of the act. */
export function Act({ row, act, onClick }) {
  const label = useWords()(`act.${act}`);
  const { perform } = useContext(Actions);
  return (
    <button type="button" className="icon-button" data-act={act} aria-label={label}
      title={label} aria-haspopup={onClick ? "menu" : undefined}
      onClick={onClick ?? (() => perform(row.id, act))}>
      <Icon name={act} />
    </button>
  );
}

/** What can be done to an item as it is once the server has confirmed what was done before. */
export function Acts({ row }) {
  const say = useWords();
  usePending();
  const { perform } = useContext(Actions);
  const { unread, archived, snoozed } = overlay(row);
  const snooze = (event) =>
    openSnooze(event.currentTarget, say, (until) => perform(row.id, "snooze", until));
  return (
    <>
      <Act row={row} act={unread ? "read" : "unread"} />
      <Act row={row} act={archived ? "restore" : "archive"} />
      {!archived && (snoozed
        ? <Act row={row} act="unsnooze" />
        : <Act row={row} act="snooze" onClick={snooze} />)}
      <MoreAct row={row} />
    </>
  );
}

/** The button with everything that is done less often. */
function MoreAct({ row }) {
  const say = useWords();
  const actions = useContext(Actions);
  const where = useWhere();
  const { saved } = overlay(row);
  const save = saved ? "unsave" : "save";
  const open = (event) => openMenu(event.currentTarget, say("act.more"), [
    { name: save, label: say(`act.${save}`), run: () => actions.perform(row.id, save) },
    { name: "mute", label: say("act.mute", { title: row.type_title }), run: () => actions.mute(row.id) },
    { name: "select", label: say("act.select"), run: () => select(row.id) },
    { name: "link", label: say("act.copy_link"), run: () => copyLink(row.id, where) },
  ]);
  return <Act row={row} act="more" onClick={open} />;
}

async function copyLink(id, where) {
  const copied = await copy(new URL(address(where, id), window.location.href).href);
  if (copied) tell("said.link_copied");
  else complain("failed.copy_link");
}

/** One of an item's own buttons: a link where it leads somewhere, else an answer. */
function Choice({ id, number, choice, primary }) {
  const say = useWords();
  const { choose } = useContext(Actions);
  const shared = { className: "button", "data-kind": primary ? "primary" : undefined };
  if (!choice.url) {
    return (
      <button type="button" {...shared} onClick={() => choose(id, number)}>
        <bdi>{choice.label}</bdi>
      </button>
    );
  }
  return (
    <a {...shared} href={`/go/${id}/${number}`} target="_blank" rel="noopener">
      {choice.done && <Icon name="check" />}
      <bdi>{choice.label}</bdi>
      {choice.done && <span className="sr">{say("item.chosen_mark")}</span>}
    </a>
  );
}

/** An item's buttons; once the person has answered, the answer stands in their place. */
export function Choices({ row }) {
  const say = useWords();
  usePending();
  const { id, actions, done } = overlay(row);
  const all = actions.map((each, i) => ({ ...each, number: i + 1, done: done?.[i] ?? each.done }));
  const answer = all.find((each) => each.done && !each.url);
  if (answer) {
    return (
      <span className="chip" data-tone="ok">
        <Icon name="check" />{say("item.chosen")} <bdi>{answer.label}</bdi>
      </span>
    );
  }
  return all.map((choice) => (
    <Choice key={choice.number} id={id} number={choice.number} choice={choice}
      primary={choice.number === 1 && !choice.done} />
  ));
}

/** A link back to the list of the view shown. */
export function BackLink({ className, label, icon, named = false }) {
  const where = useWhere();
  const back = useBack();
  const onClick = (event) => {
    if (back && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      back();
    }
  };
  return (
    <Link to={address(where)} className={className} aria-label={label} title={named ? undefined : label} replace
      discover="none" data-back="" onClick={onClick}>
      {named ? label : <Icon name={icon} />}
    </Link>
  );
}

const MODES = ["system", "light", "dark"];

/** The colours: the system's, light or dark. */
export function ThemeSwitch({ named = false }) {
  const say = useWords();
  const mounted = useMounted();
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  const current = mounted ? rawColorMode : "system";
  const onwards = () => (document.documentElement.dir === "rtl" ? -1 : 1);
  const STEPS = { ArrowRight: onwards, ArrowDown: () => 1, ArrowLeft: () => -onwards(), ArrowUp: () => -1 };
  const onKeyDown = (event) => {
    const step = STEPS[event.key]?.();
    if (!step) return;
    event.preventDefault();
    const next = MODES.indexOf(current) + step + MODES.length;
    setColorMode(MODES[next % MODES.length]);
    event.currentTarget.children[next % MODES.length].focus();
  };
  return (
    <div className="themes" role="radiogroup" aria-label={say("theme.label")} onKeyDown={onKeyDown}>
      {MODES.map((mode) => (
        <button key={mode} type="button" role="radio" aria-checked={mode === current}
          tabIndex={mode === current ? 0 : -1} aria-label={named ? undefined : say(`theme.${mode}`)}
          title={say(`theme.${mode}`)} onClick={() => setColorMode(mode)}>
          <Icon name={`theme-${mode}`} />
          {named && <span>{say(`theme.${mode}`)}</span>}
        </button>
      ))}
    </div>
  );
}
