// Every type on every channel: a select per cell, categories that set their types, a search.
import { useEffect, useMemo, useState } from "react";
import { Icon } from "../parts.jsx";
import { useWords } from "../words.js";
import { useMounted } from "../where.js";
import { useTarget } from "./at.js";
import { Choice, Locked } from "./cell.jsx";
import { Mark, nameOf, useChange, usePendingValues, useSetting } from "./centre.jsx";

const OPEN_AT_FIRST = 40; // with more types than this, categories begin closed
const AT_A_TIME = 50; // types of one category that are drawn, and that are added by "more"
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** The categories as sent, with what has changed since. */
function merged(categories, patch) {
  const changed = new Map(patch.map((each) => [each.name, each]));
  return categories.map((category) => {
    const now = changed.get(category.name);
    if (!now) return category;
    const types = new Map(now.types.map((each) => [each.name, each]));
    return { ...now, types: category.types.map((each) => types.get(each.name) ?? each) };
  });
}

function found(categories, typed) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  if (!words.length) return categories;
  const fits = (type, category) => {
    const text = plain([type.title, type.description, category, ...type.subs.map((sub) => sub.title)].join(" "));
    return words.every((word) => text.includes(word));
  };
  return categories
    .map((each) => ({ ...each, types: each.types.filter((type) => fits(type, each.name)) }))
    .filter(({ types }) => types.length);
}

const count = (categories) => categories.reduce((sum, each) => sum + each.types.length, 0);

export function What({ columns, categories, patch }) {
  const say = useWords();
  const [typed, setTyped] = useState("");
  const [opened, setOpened] = useState({});
  const all = useMemo(() => merged(categories, patch), [categories, patch]);
  const shown = useMemo(() => found(all, typed), [all, typed]);
  // What a search leaves over is open when it is little enough to be looked through.
  const few = count(shown) <= OPEN_AT_FIRST;
  const isOpen = (name) => (typed.trim() && few) || (opened[name] ?? few);
  const open = (name, value) => setOpened((before) => ({ ...before, [name]: value }));
  const [wanted, setWanted] = useState("");
  useTarget(all, (category, type) => { setTyped(""); open(category, true); setWanted(type); });
  if (!categories.length) return <p className="hint">{say("what.none")}</p>;
  return (
    <div className="what" style={{ "--columns": columns.length }}>
      <div className="what-tools">
        <input type="search" className="input" value={typed} placeholder={say("what.search")}
          aria-label={say("what.search")} onChange={(event) => setTyped(event.target.value)} />
        <ResetAll categories={all} />
        <Mark fields={["reset-all"]} />
      </div>
      <Channels columns={columns} />
      {shown.map((each) => (
        <Category key={each.name} category={each} whole={all.find(({ name }) => name === each.name)}
          columns={columns} wanted={wanted} open={isOpen(each.name)} onOpen={(value) => open(each.name, value)} />
      ))}
      {!shown.length && <p className="hint" role="status">{say("what.empty")}</p>}
    </div>
  );
}

function ResetAll({ categories }) {
  const say = useWords();
  const change = useChange();
  const custom = categories.some(({ types }) => types.some((type) => type.custom));
  if (!custom) return null;
  return (
    <button type="button" className="button" data-kind="quiet" onClick={() => change("reset-all", "")}>
      {say("what.reset_all")}
    </button>
  );
}

/** The channels: their names stand over the columns, and each can be switched off everywhere. */
function Channels({ columns }) {
  const say = useWords();
  return (
    <div className="what-row what-head" role="group" aria-label={say("what.channels")}>
      <div className="what-title">
        <span className="hint">{say("what.channels_hint")}</span>
        <Mark prefix="channel/" />
      </div>
      {columns.map((each) => <ChannelSwitch key={each.channel} column={each} />)}
    </div>
  );
}

function ChannelSwitch({ column }) {
  const say = useWords();
  const field = nameOf("channel", column.channel);
  const { shown, change } = useSetting(field, column.on ? "on" : "off");
  const label = say(`channel.${column.channel}`);
  return (
    <label className="channel-switch switch" data-at={field}>
      <input type="checkbox" role="switch" checked={shown === "on"} aria-label={say("what.switch", { channel: label })}
        onChange={(event) => change(event.target.checked ? "on" : "off")} />
      <span aria-hidden="true">{label}</span>
    </label>
  );
}

function Category({ category, whole, columns, wanted, open, onOpen }) {
  const say = useWords();
  const mounted = useMounted();
  const [limit, setLimit] = useState(AT_A_TIME);
  const title = category.name || say("what.other");
  const drawn = category.types.slice(0, Math.max(limit, category.types.findIndex(({ name }) => name === wanted) + 1));
  const left = category.types.length - drawn.length;
  return (
    <section className="category">
      <div className="what-row category-row">
        <h3 className="what-title">
          <button type="button" className="category-name" aria-expanded={open} onClick={() => onOpen(!open)}>
            <Icon name="down" /><bdi>{title}</bdi>
            <span className="count">{category.types.length}</span>
          </button>
          <Mark prefix={`${nameOf("category", category.name)}/`} />
        </h3>
        {whole.cells.map((cell) => <GroupCell key={cell.channel} category={whole} cell={cell} title={title} />)}
      </div>
      {open && mounted && (
        <ul className="types">
          {drawn.map((each) => <Type key={each.name} type={each} columns={columns} wanted={each.name === wanted} />)}
        </ul>
      )}
      {open && left > 0 && (
        <button type="button" className="button" data-kind="quiet" onClick={() => setLimit(drawn.length + AT_A_TIME)}>
          {say("when.more", { n: left })}
        </button>
      )}
    </section>
  );
}

/** Sets every type of a category; "mixed" where they differ. */
function GroupCell({ category, cell, title }) {
  const say = useWords();
  const { shown, change } = useSetting(nameOf("category", category.name, cell.channel), cell.option);
  const label = say("what.cell", { type: title, channel: say(`channel.${cell.channel}`) });
  if (cell.locked) return <span className="cell cell-none" aria-hidden="true" />;
  return (
    <Choice value={shown} offered={cell.offered} label={label} channel={cell.channel}
      mixed={shown === "mixed"} onChoose={change} strong />
  );
}

function Type({ type, columns, wanted }) {
  const say = useWords();
  const change = useChange();
  const reset = nameOf("reset", type.name);
  const [open, setOpen] = useState(false);
  const prefix = `${nameOf("cell", type.name)}/`;
  useEffect(() => { if (wanted) setOpen(true); }, [wanted]);
  return (
    <li className="type" data-type={type.name}>
      <div className="what-row">
        <div className="what-title">
          <p className="type-title">
            <bdi>{type.title}</bdi>
            {type.custom && <span className="chip">{say("what.custom")}</span>}
          </p>
          <p className="hint" dir="auto">{type.description}</p>
          <p className="type-tools">
            {type.subs.length > 0 && (
              <button type="button" className="text-link" aria-expanded={open} onClick={() => setOpen(!open)}>
                {say("what.subs", { n: type.subs.length })}
              </button>
            )}
            {type.custom && (
              <button type="button" className="text-link" onClick={() => change(reset, "")}
                aria-label={say("what.reset_type", { type: type.title })}>{say("what.reset")}</button>
            )}
            <Mark fields={[reset]} /><Mark prefix={prefix} />
          </p>
        </div>
        {columns.map(({ channel }, i) => (
          <Cell key={channel} type={type} sub="" title={type.title} cell={type.cells[i]} />
        ))}
      </div>
      {open && type.subs.map((sub) => (
        <div className="what-row sub" key={sub.id}>
          <p className="what-title"><bdi>{sub.title}</bdi></p>
          {columns.map(({ channel }, i) => (
            <Cell key={channel} type={type} sub={sub.id} title={sub.title} cell={sub.cells[i]} />
          ))}
        </div>
      ))}
    </li>
  );
}

function Cell({ type, sub, title, cell }) {
  const say = useWords();
  const field = nameOf("cell", type.name, sub, cell.channel);
  const pending = usePendingValues();
  const { shown, change } = useSetting(field, cell.option);
  const channel = say(`channel.${cell.channel}`);
  const label = say("what.cell", { type: title, channel });
  if (cell.locked) return <Locked cell={cell} label={label} channel={channel} at={field} />;
  return (
    <Choice value={shown} offered={cell.offered} label={label} channel={cell.channel} at={field}
      custom={cell.custom || pending(field) !== undefined} onChoose={change} />
  );
}
