// The bell: the newest notifications on any page, from a button with the number of those not yet
// seen. Its rows are there before it opens; opening marks nothing, looking at a row does.
import { useContext, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { Actions } from "./actions.jsx";
import { capped } from "./badge.js";
import { Avatar, Icon } from "./parts.jsx";
import { useReading } from "./seen.js";
import { LocalTime } from "./time.jsx";
import { useTrouble } from "./trouble.js";
import { address } from "./where.js";
import { useWords } from "./words.js";

const PANEL = "bell-panel";
const TABS = ["all", "unread"];
const UNREAD = { view: "unread", category: "", type: "", query: "" };
const PAUSE = 200; // ms: several changes in a row are fetched once

export function Bell({ counts, change, all, unread, phase, trouble, onLoad, onSeen }) {
  const say = useWords();
  const { performAll } = useContext(Actions);
  const [tab, setTab] = useState("all");
  const button = useRef(null);
  const panel = useRef(null);
  const chosen = useRef(null);
  const { unread: left, unseen } = counts;
  const unknown = phase === "new";
  const asked = useRef(-1); // the change number that the rows were asked for at
  useEffect(() => {
    if (!unknown && asked.current === change) return undefined;
    const ask = () => {
      asked.current = change;
      onLoad();
    };
    const timer = setTimeout(ask, unknown ? 0 : PAUSE);
    return () => clearTimeout(timer);
  }, [change, unknown]);
  const close = () => panel.current.hidePopover();
  const onToggle = ({ newState }) => newState === "open" && chosen.current?.focus();
  const onBeforeToggle = () => {
    const { left: start, right: end } = button.current.getBoundingClientRect();
    const edge = document.documentElement.dir === "rtl" ? start : window.innerWidth - end;
    panel.current.style.setProperty("--edge", `${Math.max(edge, 0)}px`);
  };
  return (
    <div className="bell">
      <button ref={button} type="button" className="icon-button" popoverTarget={PANEL} data-testid="bell"
        aria-label={unseen ? say("bell.unseen", { n: unseen }) : say("bell.label")}
        title={say("bell.label")}>
        <Icon name="bell" />
        {unseen > 0 && <span className="bell-count" aria-hidden="true">{capped(unseen)}</span>}
      </button>
      <section id={PANEL} ref={panel} className="bell-panel" popover="auto" role="dialog"
        aria-label={say("bell.label")} onBeforeToggle={onBeforeToggle} onToggle={onToggle}>
        <header>
          <Tabs tab={tab} left={left} chosen={chosen} onChoose={setTab} />
          <span className="push" />
          {left > 0 && (
            <button type="button" className="icon-button" onClick={() => performAll(UNREAD, [], "read")}
              aria-label={say("list.mark_all_read")} title={say("list.mark_all_read")}>
              <Icon name="check-all" />
            </button>
          )}
          <Link to="/preferences/" className="icon-button" discover="none" onClick={close}
            aria-label={say("frame.preferences")} title={say("frame.preferences")}>
            <Icon name="sliders" />
          </Link>
          <button type="button" className="icon-button bell-close" onClick={close}
            aria-label={say("frame.close")}><Icon name="close" /></button>
        </header>
        <div id="bell-rows" role="tabpanel" aria-labelledby={`bell-${tab}`} className="bell-rows">
          <Content tab={tab} rows={tab === "all" ? all : unread} phase={phase} trouble={trouble}
            onSeen={onSeen} onRetry={onLoad} onOpen={close} />
        </div>
        <footer>
          <Link to="/inbox/" className="text-link" discover="none" onClick={close}>
            {say("bell.open_inbox")}
          </Link>
        </footer>
      </section>
    </div>
  );
}

function Tabs({ tab, left, chosen, onChoose }) {
  const say = useWords();
  const onKeyDown = (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    onChoose(TABS[1 - TABS.indexOf(tab)]);
    event.currentTarget.querySelector('[aria-selected="false"]').focus();
  };
  return (
    <div className="bell-tabs" role="tablist" aria-label={say("frame.views")} onKeyDown={onKeyDown}>
      {TABS.map((each) => (
        <button key={each} type="button" role="tab" id={`bell-${each}`} aria-controls="bell-rows"
          ref={each === tab ? chosen : undefined} aria-selected={each === tab}
          tabIndex={each === tab ? 0 : -1} onClick={() => onChoose(each)}>
          {say(`view.${each}`)}
          {each === "unread" && left > 0 && <span className="count">{capped(left)}</span>}
        </button>
      ))}
    </div>
  );
}

function Content({ tab, rows, phase, trouble, onSeen, onRetry, onOpen }) {
  const say = useWords();
  const tell = useTrouble();
  if (phase === "failed" && !rows.length) {
    return (
      <div className="trouble" role="alert">
        <Icon name="alert" />
        <div>{tell(trouble).text}<small>{tell(trouble).reference}</small></div>
        <button type="button" className="button" onClick={() => onRetry()}>{say("frame.retry")}</button>
      </div>
    );
  }
  if (phase === "new") return <Bones />;
  if (!rows.length) {
    return (
      <div className="calm">
        <span className="badge-icon"><Icon name="check" /></span>
        <h2>{say(`empty.${tab}`)}</h2>
      </div>
    );
  }
  return <Rows rows={rows} onSeen={onSeen} onOpen={onOpen} />;
}

function Rows({ rows, onSeen, onOpen }) {
  const say = useWords();
  const scroller = useRef(null);
  useReading(scroller, rows, onSeen);
  return (
    <ul ref={scroller} className="bell-list">
      {rows.map((row) => (
        <li key={row.id} data-row={row.id} data-unread={row.unread}>
          <Link to={address({}, row.id)} discover="none" onClick={onOpen}>
            <i className="dot" />
            <Avatar image={row.image} initials={row.initials} tone={row.type_title || row.initials} />
            <div>
              <p className="title">
                {row.unread && <span className="sr">{say("list.unread_mark")} </span>}
                <bdi>{row.title}</bdi>
              </p>
              {(row.preview || row.type_title) && (
                <p className="preview" dir="auto">{row.preview || row.type_title}</p>
              )}
            </div>
            <LocalTime at={row.at} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

const Bones = () => {
  const say = useWords();
  return (
    <div role="status" aria-busy="true" aria-label={say("list.loading")}>
      {[72, 56, 80, 64].map((width) => (
        <div key={width} className="bones">
          <span className="bone" />
          <div><span className="bone" style={{ width: `${width}%` }} /><span className="bone" /></div>
        </div>
      ))}
    </div>
  );
};
