// Links of the frame: groups of views in the rail, and the tabs of a phone.
import { Link } from "react-router";
import { capped } from "./badge.js";
import { Icon } from "./parts.jsx";
import { useIsHere } from "./where.js";

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
export function LinkGroup({ label, links, hideLabel = false }) {
  if (!links.length) return null;
  return (
    <div className="nav-group" role="group" aria-label={label}>
      {!hideLabel && <p className="nav-heading" aria-hidden="true">{label}</p>}
      {links.map((link) => <FrameLink key={link.to} link={link} className="nav" />)}
    </div>
  );
}

/** The links at the bottom of a phone. */
export const TabLinks = ({ links }) =>
  links.map((link) => <FrameLink key={link.to} link={link} className="tab" cap />);
