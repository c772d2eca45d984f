// Fingers on the list: a row is swiped away to the right (done) or to the left (snooze), and the
// list is pulled down to load it anew. Each has a button, too.
import { useEffect, useRef, useState } from "react";

const START = 12; // px before it is clear which way a finger goes
const FAR = 96; // px after which a swipe counts
const PULL = 72; // px after which a pull counts

/** Listens on the list; returns how far it is pulled down, as a share of what is needed. */
export function useGestures(scroller, onRefresh) {
  const [pulled, setPulled] = useState(0);
  const refresh = useRef(onRefresh);
  refresh.current = onRefresh;
  useEffect(() => {
    const node = scroller.current;
    let at = null; // { x, y, row, way } of the finger that went down
    const begin = ({ touches }) => {
      const [touch] = touches;
      const row = touch.target.closest("[data-row]");
      at = touches.length === 1 ? { x: touch.clientX, y: touch.clientY, row, way: "" } : null;
    };
    const move = (event) => {
      if (!at) return;
      const [x, y] = [event.touches[0].clientX - at.x, event.touches[0].clientY - at.y];
      at.way ||= wayOf(x, y, node.scrollTop, at.row);
      if (at.way === "none") at = null;
      else if (at.way) event.preventDefault();
      if (at?.way === "across") drag(at, x);
      if (at?.way === "down") setPulled(Math.max(0, Math.min(1, y / PULL)));
      if (at) at.far = at.way === "across" ? x : y;
    };
    const end = () => {
      if (at?.way === "across") drop(at);
      if (at?.way === "down" && at.far >= PULL) refresh.current();
      setPulled(0);
      at = null;
    };
    node.addEventListener("touchstart", begin, { passive: true });
    node.addEventListener("touchmove", move, { passive: false });
    node.addEventListener("touchend", end);
    node.addEventListener("touchcancel", end);
    return () => {
      node.removeEventListener("touchstart", begin);
      node.removeEventListener("touchmove", move);
      node.removeEventListener("touchend", end);
      node.removeEventListener("touchcancel", end);
    };
  }, []);
  return pulled;
}

function wayOf(x, y, scrolled, row) {
  if (Math.max(Math.abs(x), Math.abs(y)) < START) return "";
  if (row && Math.abs(x) > 1.5 * Math.abs(y)) return "across";
  return y > 0 && scrolled <= 0 ? "down" : "none";
}

const buttonOf = (row, acts) =>
  acts.map((act) => row.querySelector(`[data-act="${act}"]`)).find(Boolean);
const goal = (row, x) =>
  buttonOf(row, x > 0 ? ["archive", "restore"] : ["snooze", "unsnooze"]);

function drag({ row }, x) {
  row.style.translate = `${x}px 0`;
  row.dataset.swipe = goal(row, x)?.dataset.act ?? "";
  row.dataset.far = Math.abs(x) >= FAR;
}

function drop({ row, far }) {
  const button = Math.abs(far) >= FAR && goal(row, far);
  row.style.translate = "";
  delete row.dataset.swipe;
  delete row.dataset.far;
  if (button) button.click();
}
