// Reports the rows that were really on screen: half in view, for a second, in a visible tab.
import { useEffect, useRef } from "react";

const LONG_ENOUGH = 1000;
const GATHER = 300;

class Watcher {
  constructor(root, report) {
    this.report = report;
    this.reported = new Set();
    this.timers = new Map(); // id -> timer, of rows in view
    this.batch = [];
    this.observer = new IntersectionObserver((entries) => entries.forEach((e) => this.moved(e)), {
      root,
      threshold: 0.5,
    });
    this.onVisibility = () => (document.hidden ? this.pause() : this.resume());
    document.addEventListener("visibilitychange", this.onVisibility);
  }

  watch(nodes) {
    this.observer.disconnect();
    this.pause();
    this.nodes = nodes.filter((node) => !this.reported.has(node.dataset.row));
    this.nodes.forEach((node) => this.observer.observe(node));
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
    this.reported.add(id);
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
    this.watch(this.nodes ?? []);
  }

  close() {
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
  const unseen = rows.filter((row) => !row.seen).map((row) => row.id).join();
  useEffect(() => {
    const ids = new Set(unseen ? unseen.split(",") : []);
    const nodes = [...scroller.current.querySelectorAll("[data-row]")];
    watcher.current.watch(nodes.filter((node) => ids.has(node.dataset.row)));
  }, [unseen]);
}
