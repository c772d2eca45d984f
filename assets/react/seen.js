// Reports the rows that were really on screen: half in view, for a second, in a visible tab. One
// that grows, or wakes from a snooze, is new again and has another date.
import { useEffect, useRef } from "react";

const LONG_ENOUGH = 1000;
const GATHER = 300;

const watchers = new Set();

/** There is a new line to the server: what was reported over the last one may never have come. */
export function lookAgain() {
  for (const watcher of watchers) watcher.lookAgain();
}

class Watcher {
  constructor(root, report) {
    this.report = report;
    this.reported = new Map(); // id -> date
    this.dates = new Map(); // the same, of the rows watched
    this.nodes = [];
    this.timers = new Map(); // id -> timer, of rows in view
    this.batch = [];
    this.observer = new IntersectionObserver((entries) => entries.forEach((e) => this.moved(e)), {
      root,
      threshold: 0.5,
    });
    this.onVisibility = () => (document.hidden ? this.pause() : this.resume());
    document.addEventListener("visibilitychange", this.onVisibility);
    watchers.add(this);
  }

  watch(nodes, dates) {
    Object.assign(this, { nodes, dates });
    this.resume();
  }

  isDue({ dataset: { row: id } }) {
    return this.reported.get(id) !== this.dates.get(id);
  }

  lookAgain() {
    this.reported.clear();
    this.resume();
  }

  moved({ target, isIntersecting }) {
    const id = target.dataset.row;
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    if (isIntersecting && !document.hidden) {
      this.timers.set(id, setTimeout(() => this.saw(target), LONG_ENOUGH));
    }
  }

  saw(node) {
    const id = node.dataset.row;
    this.timers.delete(id);
    this.observer.unobserve(node);
    this.reported.set(id, this.dates.get(id));
    this.batch.push(id);
    this.sending ??= setTimeout(() => this.send(), GATHER);
  }

  send() {
    this.report(this.batch);
    this.batch = [];
    this.sending = undefined;
  }

  pause() {
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers.clear();
  }

  resume() {
    this.observer.disconnect();
    this.pause();
    this.nodes.filter((node) => this.isDue(node)).forEach((node) => this.observer.observe(node));
  }

  close() {
    watchers.delete(this);
    this.observer.disconnect();
    this.pause();
    clearTimeout(this.sending);
    if (this.batch.length) this.send();
    document.removeEventListener("visibilitychange", this.onVisibility);
  }
}

export function useReading(scroller, rows, onSeen) {
  const watcher = useRef(null);
  useEffect(() => {
    watcher.current = new Watcher(scroller.current, onSeen);
    return () => watcher.current.close();
  }, []);
  const unseen = JSON.stringify(rows.filter((row) => !row.seen).map(({ id, at }) => [id, at]));
  useEffect(() => {
    const dates = new Map(JSON.parse(unseen));
    const nodes = [...scroller.current.querySelectorAll("[data-row]")];
    watcher.current.watch(nodes.filter((node) => dates.has(node.dataset.row)), dates);
  }, [unseen]);
}
