// Where the reader is: the view and the open notification, both from the address.
import { useMemo, useSyncExternalStore } from "react";
import { useLocation } from "react-router";

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
