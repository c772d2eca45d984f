// `?at=<setting>` in the address (domain/setting.py): leads to the control of that setting.
import { useEffect, useRef } from "react";
import { useLocation } from "react-router";
import { nameOf } from "./centre.jsx";

const SHOWN_FOR = 3000; // ms that the control stays marked
const MOST_FRAMES = 60;
const FOCUSABLE = "select, button, input, [tabindex]";
const PLACES = { pause: "pause", "quiet-hours": "quiet", escalation: "escalation" };

/** The names of a setting in the address, as they are; what is no such thing is "". */
function read(text) {
  try {
    return (text ?? "").split("/").map(decodeURIComponent);
  } catch {
    return [""];
  }
}

/** Leads to a control as soon as it has been drawn; gives up after a while. */
function show(field, tries = MOST_FRAMES) {
  const control = [...document.querySelectorAll("[data-at]")].find((each) => each.dataset.at === field);
  if (!control) {
    if (tries) requestAnimationFrame(() => show(field, tries - 1));
    return;
  }
  control.scrollIntoView({ block: "center" });
  const focusable = control.matches(FOCUSABLE) ? control : control.querySelector(FOCUSABLE);
  focusable?.focus();
  const marked = control.closest(".cell") ?? control;
  marked.dataset.marked = "";
  setTimeout(() => delete marked.dataset.marked, SHOWN_FOR);
}

/** Where a setting stands: the `data-at` of its control, and the type whose row must be open. */
function placeOf([kind, ...names], categories) {
  if (kind === "channel") return { field: nameOf(kind, ...names) };
  if (kind === "address") return { field: `address/${names[0]}` };
  if (kind !== "cell") return { field: PLACES[kind] };
  const category = categories.find(({ types }) => types.some(({ name }) => name === names[0]));
  return category ? { field: nameOf(kind, ...names), category: category.name, type: names[0] } : {};
}

/** Once everything is there, leads to what the address names; `open` shows a category and a type. */
export function useTarget(categories, open) {
  const { search } = useLocation();
  const done = useRef("");
  useEffect(() => {
    const text = new URLSearchParams(search).get("at");
    if (!text || !categories.length || done.current === text) return;
    done.current = text;
    const { field, category, type } = placeOf(read(text), categories);
    if (type) open(category, type);
    if (field) requestAnimationFrame(() => show(field));
  }, [search, categories]);
}
