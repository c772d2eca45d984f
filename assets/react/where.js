// Where the reader is: the part of the inbox that is listed and the open notification, both from
// the address.
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { useLocation, useNavigate, useNavigationType } from "react-router";

const INBOX = "/inbox/";
export const VIEWS = ["all", "unread", "saved", "snoozed", "archived", "everything"];
const never = () => () => {};

/** False while React takes over the prerendered page, which knows no query; true from then on. */
export const useMounted = () =>
  useSyncExternalStore(never, () => true, () => false);

/** The address of a part of the inbox: a view's name, or `{ view, category, type, query }`. */
export function address(place, id) {
  const { view, category, type, query: search } = typeof place === "object" ? place : { view: place };
  const query = new URLSearchParams();
  if (view && view !== "all") query.set("view", view);
  if (category) query.set("category", category);
  if (type) query.set("type", type);
  if (search) query.set("q", search);
  if (id) query.set("id", id);
  const text = query.toString();
  return text ? `${INBOX}?${text}` : INBOX;
}

const whole = (path) => (path.endsWith("/") ? path : `${path}/`);

const NOWHERE = { view: "", category: "", type: "", query: "", id: "" };

/** Of an address or of a part as the server tells it: what is listed, without what is open. */
export const partOf = ({ view, category, type, query }) => ({ view, category, type, query });
export const samePart = (one, other) =>
  ["view", "category", "type", "query"].every((name) => one[name] === other[name]);
/** Whether it is a whole view. */
export const isWhole = ({ category, type, query }) => !(category || type || query);

/** What is listed and what is open; all "" on a page that is not the inbox. */
export function useWhere() {
  const { pathname, search } = useLocation();
  const mounted = useMounted();
  return useMemo(() => {
    if (whole(pathname) !== INBOX) return NOWHERE;
    const query = new URLSearchParams(mounted ? search : "");
    const view = query.get("view") ?? "all";
    return {
      view: VIEWS.includes(view) ? view : "all",
      category: query.get("category") ?? "",
      type: query.get("type") ?? "",
      query: (query.get("q") ?? "").trim(),
      id: query.get("id") ?? "",
    };
  }, [pathname, search, mounted]);
}

const OF_THE_ITEM = ["id", "at"]; // what an address says beyond the page it is of

/** Tells of an address whether it is the page shown, whatever is open there. */
export function useIsHere() {
  const { pathname, search } = useLocation();
  const mounted = useMounted();
  return (to) => {
    const target = new URL(to, "http://here");
    const [there, here] = [target.search, mounted ? search : ""].map((text) => {
      const query = new URLSearchParams(text);
      OF_THE_ITEM.forEach((name) => query.delete(name));
      query.sort();
      return query.toString();
    });
    return whole(target.pathname) === whole(pathname) && there === here;
  };
}

const fromList = new Set(); // keys of history entries whose predecessor is the list

/** Notes which notifications were opened from the list; used once per page. */
export function useTrail() {
  const { key } = useLocation();
  const pushed = useNavigationType() === "PUSH";
  const where = useWhere();
  const before = useRef(where);
  useEffect(() => {
    const last = before.current;
    if (pushed && where.id && !last.id && samePart(last, where)) fromList.add(key);
    before.current = where;
  }, [key, where]);
}

/** Goes back in the history to the list, where that is what lies before; else undefined. */
export function useBack() {
  const { key } = useLocation();
  const navigate = useNavigate();
  return fromList.has(key) ? () => navigate(-1) : undefined;
}
