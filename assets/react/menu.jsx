// The one menu of the page, which opens beside whatever asks for it.
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { Icon } from "./icon.jsx";

const MARGIN = 8; // px to the edge of the window

let show = () => {};

/**
 * Opens the menu beside `anchor`.
 *
 * An item is `{ name, label, note, run }`, with the icon of its name; `more` is called with
 * `close` and renders what stands below them.
 */
export const openMenu = (anchor, label, items, more) =>
  show({ anchor, label, items, more, from: document.activeElement });

/** Below the anchor, else above it, and within the window. */
function place(node, anchor) {
  const [at, size] = [anchor.getBoundingClientRect(), node.getBoundingClientRect()];
  const below = at.bottom + 4;
  const fits = below + size.height + MARGIN <= window.innerHeight;
  const rtl = document.documentElement.dir === "rtl";
  const left = rtl ? at.left : at.right - size.width;
  const most = window.innerWidth - size.width - MARGIN;
  node.style.top = `${Math.max(MARGIN, fits ? below : at.top - size.height - 4)}px`;
  node.style.left = `${Math.max(MARGIN, Math.min(left, most))}px`;
}

export function Menu() {
  const [menu, setMenu] = useState(null);
  const node = useRef(null);
  useEffect(() => {
    show = setMenu;
    return () => { show = () => {}; };
  }, []);
  useLayoutEffect(() => {
    if (!menu) return;
    node.current.showPopover();
    place(node.current, menu.anchor);
    node.current.querySelector("[role=menuitem]")?.focus();
  }, [menu]);
  const close = () => {
    node.current.hidePopover();
    const back = menu.from?.isConnected && menu.from !== document.body ? menu.from : menu.anchor;
    if (back.isConnected) back.focus({ preventScroll: true });
  };
  const onKeyDown = (event) => {
    const items = [...node.current.querySelectorAll("[role=menuitem]")];
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined || at < 0) return;
    event.preventDefault();
    items.at(next % items.length)?.focus();
  };
  const run = (item) => () => {
    close();
    item.run();
  };
  return (
    <div className="menu acts-menu" popover="auto" role="dialog" aria-label={menu?.label} ref={node} onKeyDown={onKeyDown}
      onToggle={(event) => event.newState === "closed" && setMenu(null)}>
      {menu && (
        <>
          <div role="menu" aria-label={menu.label}>
            {menu.items.map((item) => (
              <button key={item.name} type="button" role="menuitem" className="menu-item"
                tabIndex={-1} data-item={item.name} onClick={run(item)}>
                <Icon name={item.icon ?? item.name} /><bdi>{item.label}</bdi>
                {item.note && <span className="note">{item.note}</span>}
              </button>
            ))}
          </div>
          {menu.more?.(close)}
        </>
      )}
    </div>
  );
}
