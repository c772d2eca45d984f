// The time zone: a box to type in and a list of what fits (WAI-ARIA APG, combobox with a list).
import { useMemo, useRef, useState } from "react";
import { Icon } from "./parts.jsx";
import { Status, useField } from "./saving.jsx";
import { clock, useNow } from "./time.jsx";
import { useMounted } from "./where.js";
import { deviceZone, useWords } from "./words.js";

const MOST = 60; // options shown at a time
const LIST = "zone-options";

const readable = (zone) => zone.replaceAll("_", " ");
const plain = (text) =>
  text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[\s_/]+/g, " ").trim();

/** Zones whose name holds every word of what was typed; those of the device and UTC come first. */
function matching(zones, typed) {
  const wanted = plain(typed).split(" ");
  return zones.filter((zone) => wanted.every((word) => plain(zone).includes(word))).slice(0, MOST);
}

function allZones() {
  const own = deviceZone();
  return [...new Set([own, "UTC", ...Intl.supportedValuesOf("timeZone")])];
}

export function ZoneField({ viewer, saving, onSave }) {
  const say = useWords();
  const mounted = useMounted();
  const now = useNow();
  const { shown, save, state } = useField(viewer.zone, saving, onSave);
  const device = mounted ? deviceZone() : "";
  const clockOf = (zone) => clock(Object.assign(() => "", { locale: say.locale, zone }), new Date(now));
  return (
    <div className="field">
      <label htmlFor="account-zone">{say("account.zone_label")}</label>
      <div className="field-line">
        <ZoneBox value={shown} onChoose={(zone) => save("zone", zone)} clockOf={clockOf} />
        <Status state={state} />
      </div>
      <p className="hint" id="zone-hint">
        {say("account.zone_hint")}{" "}
        {now > 0 && shown && say("account.zone_clock", { clock: clockOf(shown) })}
      </p>
      {device && device !== shown && (
        <p className="hint">
          <bdi>{say("account.zone_detected", { zone: readable(device) })}</bdi>{" "}
          <button type="button" className="text-link" onClick={() => save("zone", device)}>
            {say("account.zone_use")}
          </button>
        </p>
      )}
    </div>
  );
}

/** The box itself; a hint with the id `zone-hint` belongs to it. */
export function ZoneBox({ id = "account-zone", value, onChoose, clockOf }) {
  const say = useWords();
  const [typed, setTyped] = useState(null); // null while nothing is being looked for
  const [active, setActive] = useState(0);
  const input = useRef(null);
  const open = typed !== null;
  const zones = useMemo(() => (open ? allZones() : []), [open]);
  const options = useMemo(
    () => (open ? [...(typed ? [] : [""]), ...matching(zones, typed)] : []),
    [open, typed, zones],
  );
  const nameOf = (zone) => (zone ? readable(zone) : say("account.zone_none"));
  const show = () => { setTyped(""); setActive(0); };
  const close = () => setTyped(null);
  const choose = (zone) => {
    close();
    if (zone !== value) onChoose(zone);
  };
  const moveTo = (index) => {
    const next = (index + options.length) % options.length;
    setActive(next);
    document.getElementById(`${LIST}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  const KEYS = {
    ArrowDown: () => (open ? moveTo(active + 1) : show()),
    ArrowUp: () => (open ? moveTo(active - 1) : show()),
    Enter: () => (open ? options.length && choose(options[active]) : show()),
    Escape: open ? close : undefined,
  };
  const onKeyDown = (event) => {
    const run = KEYS[event.key];
    if (!run || (open && !options.length && event.key.startsWith("Arrow"))) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  };
  return (
    <div className="combo" onBlur={(event) => {
      if (!event.currentTarget.contains(event.relatedTarget)) close();
    }}>
      <input id={id} ref={input} className="input" role="combobox" autoComplete="off"
        spellCheck={false} aria-expanded={open} aria-controls={LIST} aria-autocomplete="list"
        aria-describedby="zone-hint"
        aria-activedescendant={open && options.length ? `${LIST}-${active}` : undefined}
        placeholder={say(open ? "account.zone_search" : "account.zone_none")}
        value={open ? typed : value && nameOf(value)}
        onClick={() => open || show()}
        onChange={(event) => { setTyped(event.target.value); setActive(0); }}
        onKeyDown={onKeyDown} />
      <Icon name="down" />
      <ul id={LIST} role="listbox" className="options" hidden={!open}
        aria-label={say("account.zone_label")}>
        {options.map((zone, i) => (
          <li key={zone} id={`${LIST}-${i}`} role="option" aria-selected={zone === value}
            data-active={i === active}
            onMouseDown={(event) => event.preventDefault()} onClick={() => choose(zone)}>
            <bdi>{nameOf(zone)}</bdi>
            {zone && <span className="option-note">{clockOf(zone)}</span>}
          </li>
        ))}
      </ul>
      {open && !options.length && (
        <p className="options options-none" role="status">{say("account.zone_empty")}</p>
      )}
    </div>
  );
}
