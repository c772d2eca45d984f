// `?at=<setting>` in the address (domain/setting.py): leads to the control of that setting.
import { useEffect, useRef } from "react";
import { useLocation } from "react-router";

const SHOWN_FOR = 3000; // ms that the control stays marked
const PLACES = { pause: "pause", "quiet-hours": "quiet", escalation: "escalation" };

/** The names of a setting in the address, as they are; what is no such thing is "". */
function read(text) {
  try {
    return (text ?? "").split("/").map(decodeURIComponent);
  } catch {
    return [""];
  }
}

function show(field) {
  const control = [...document.querySelectorAll("[data-at]")].find((each) => each.dataset.at === field);
  if (!control) return;
  control.scrollIntoView({ block: "center" });
  const focusable = control.matches("select, button, input, [tabindex]")
    ? control : control.querySelector("select, button, input");
  focusable?.focus();
  const marked = control.closest(".cell") ?? control;
  marked.dataset.marked = "";
  setTimeout(() => delete marked.dataset.marked, SHOWN_FOR);
}

/** Once everything is there, leads to what the address names; `open` shows a category. */
export function useTarget(categories, open) {
  const { search } = useLocation();
  const done = useRef("");
  useEffect(() => {
    const text = new URLSearchParams(search).get("at");
    if (!text || !categories.length || done.current === text) return;
    done.current = text;
    const [kind, ...names] = read(text);
    if (kind === "cell") {
      const [name, sub] = names;
      const category = categories.find(({ types }) => types.some((type) => type.name === name));
      if (!category) return;
      open(category.name);
      if (sub) setTimeout(() => document.dispatchEvent(new CustomEvent("centre:open", { detail: name })));
    }
    const field = kind === "channel" || kind === "cell"
      ? [kind, ...names.map(encodeURIComponent)].join("/")
      : kind === "address" ? `address/${names[0]}` : PLACES[kind];
    // After the category and its rows have been drawn.
    if (field) setTimeout(() => show(field), 100);
  }, [search, categories]);
}
