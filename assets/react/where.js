// Where the reader is: the view and the open notification, both from the address.
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { useLocation, useNavigate, useNavigationType } from "react-router";

const VIEWS = ["all", "unread", "archived"];
const never = () => () => {};

/** False while React takes over the prerendered page, which knows no query; true from then on. */
export const useMounted = () =>
  useSyncExternalStore(never, () => true, () => false);

export function address(view, id) {
  const query = new URLSearchParams();
  if (view !== "all") query.set("view", view);
  if (id) query.set("id", id);
  const text = query.toString();
  return text ? `/inbox/?${text}` : "/inbox/";
}

export function useWhere() {
  const { search } = useLocation();
  const mounted = useMounted();
  return useMemo(() => {
    const query = new URLSearchParams(mounted ? search : "");
    const view = query.get("view") ?? "all";
    return { view: VIEWS.includes(view) ? view : "all", id: query.get("id") ?? "" };
  }, [search, mounted]);
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
    if (pushed && where.id && !last.id && last.view === where.view) fromList.add(key);
    before.current = where;
  }, [key, where]);
}

/** Goes back in the history to the list, where that is what lies before; else undefined. */
export function useBack() {
  const { key } = useLocation();
  const navigate = useNavigate();
  return fromList.has(key) ? () => navigate(-1) : undefined;
}
