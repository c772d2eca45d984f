// Links of the frame: groups of views in the rail, and the tabs of a phone.
import { useEffect } from "react";
import { createPortal } from "react-dom";
import { Link } from "react-router";
import { capped } from "./badge.js";
import { Filters, openFilters } from "./filters.jsx";
import { Icon } from "./icon.jsx";
import { address, samePart, useIsHere, useMounted, useWhere } from "./where.js";
import { useWords } from "./words.js";

const SETTLING = 700; // ms in which several changes are counted once

/** One link: `{ to, icon, label, count, strong }`; a count of 0 does not show. */
function FrameLink({ link, className, cap }) {
  const { to, icon, label, count = 0, strong = false } = link;
  const isHere = useIsHere();
  return (
    <Link to={to} className={className} title={label} discover="none"
      data-strong={strong} aria-current={isHere(to) ? "page" : undefined}>
      <Icon name={icon} />
      <bdi className="nav-label">{label}</bdi>
      {count > 0 && <span className="count">{cap ? capped(count) : count}</span>}
    </Link>
  );
}

/** Links under a label that only shows where there is room; nothing when there are none. */
export function LinkGroup({ label, links, hideLabel = false, children }) {
  if (!links.length) return null;
  return (
    <div className="nav-group" role="group" aria-label={label}>
      {!hideLabel && (
        <div className="nav-heading"><span aria-hidden="true">{label}</span>{children}</div>
      )}
      {links.map((link) => <FrameLink key={link.to} link={link} className="nav" />)}
    </div>
  );
}

/** The links at the bottom of a phone. */
export const TabLinks = ({ links }) =>
  links.map((link) => <FrameLink key={link.to} link={link} className="tab" cap />);

const ofFilter = ({ box, category, type_name: type, query }) => ({ view: box, category, type, query });

/** Categories and saved filters as links. */
const linksOf = (categories, filters) => ({
  categories: categories.map(({ name, unread }) => (
    { to: address({ category: name }), icon: "tag", label: name, count: unread, strong: true })),
  filters: filters.map((each) => (
    { to: address(ofFilter(each)), icon: "filter", label: each.name, count: each.unread, strong: true })),
});

/** Counts anew once counters have moved. */
function useFresh(counts, onRefresh) {
  const key = Object.values(counts).join();
  useEffect(() => {
    const timer = setTimeout(() => onRefresh(), SETTLING);
    return () => clearTimeout(timer);
  }, [key]);
}

/** What the rail lists below the views. */
export function OwnLinks({ categories, filters, counts, outcome, onRefresh, onKeep, onRename,
  onArrange, onRemove }) {
  const say = useWords();
  const mounted = useMounted();
  useFresh(counts, onRefresh);
  const links = linksOf(categories, filters);
  return (
    <>
      <LinkGroup label={say("frame.categories")} links={links.categories} />
      <LinkGroup label={say("filters.title")} links={links.filters}>
        <button type="button" className="icon-button" aria-label={say("filters.arrange")}
          title={say("filters.arrange")} onClick={() => openFilters()}><Icon name="sliders" /></button>
      </LinkGroup>
      {/* Not in the rail, which a phone does not show. */}
      {mounted && createPortal(
        <Filters filters={filters} outcome={outcome} onKeep={onKeep} onRename={onRename}
          onArrange={onArrange} onRemove={onRemove} />,
        document.body,
      )}
    </>
  );
}

/** On a phone, everything the rail leads to, in one line above the list. */
export function ViewLine({ views, categories, filters, label }) {
  const links = linksOf(categories, filters);
  return (
    <nav className="view-line" aria-label={label}>
      {[...views, ...links.categories, ...links.filters].map((link) => (
        <FrameLink key={link.to} link={link} className="view-chip" cap />
      ))}
    </nav>
  );
}

/** The heading of what is listed: the name of a filter, a category or a view. */
export function Heading({ filters }) {
  const say = useWords();
  const where = useWhere();
  const saved = filters.find((each) => samePart(ofFilter(each), where));
  const text = saved?.name || (where.query && say("heading.search")) || where.category || where.type
    || say(`heading.${where.view || "all"}`);
  return <h1 id="view-title" tabIndex={-1} dir="auto">{text}</h1>;
}
