// Pushes: shows them, tells the server what became of them, and opens what they are about.
// The body is a declarative one (`channels/webpush/browser.py`), which Safari shows by itself.

const REPORTS = "/push/reports";
const PATIENCE_OF_TABS = 1000; // ms until a tab is loaded anew that does not answer
const settled = new Set(); // tokens of pushes that were clicked or taken off: that is no dismissal

function read(data) {
  try {
    return data.json().notification ?? {};
  } catch {
    return {}; // not one of ours, or empty
  }
}

/** Tells what became of a push; whether the server heard it. */
async function report(push, became, number = 0) {
  const { token, through } = push ?? {};
  if (!token) return false;
  try {
    const answer = await fetch(REPORTS, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, through, became, number }),
      keepalive: true,
    });
    return answer.ok;
  } catch {
    return false;
  }
}

const windows = () => self.clients.matchAll({ type: "window", includeUncontrolled: true });
const pathOf = ({ url }) => withSlash(new URL(url).pathname);

/** Shows a push, unless the inbox is on screen: there it has just come in by itself. */
async function showPush(data) {
  const { title, body, icon, tag, actions = [], navigate, data: told = {} } = read(data);
  const onScreen = (await windows())
    .some((each) => each.visibilityState === "visible" && pathOf(each) === PAGES[0]);
  if (!onScreen) {
    const leads = Object.fromEntries(actions.map((each) => [each.action, each.navigate]));
    await self.registration.showNotification(title || location.host, {
      body, icon, tag,
      badge: "/icons/badge.png",
      renotify: Boolean(tag),
      actions: actions.map(({ action, title: label }) => ({ action, title: label })),
      data: { ...told, leads: { ...leads, "": navigate } },
    });
  }
  // It opens without a network, too.
  await Promise.all([report(told, "shown"), keepInbox().then(showBadge)]);
}

/** Puts the number of what is unseen on the app's icon: no page may be open to do so. */
async function showBadge() {
  const [, kept] = await lastKept();
  const { unseen } = kept ? (await kept.json()).counts : { unseen: 0 };
  await navigator.setAppBadge?.(unseen).catch(() => {});
}

/** Opens what a notification is about, or does what its button says. */
async function openPush({ data, action, close }) {
  const { token, leads = {} } = data ?? {};
  settled.add(token);
  close();
  const [kind, number] = action.split("-");
  // Without a network the page is opened: what is done there is kept until there is one.
  if (kind === "press" && await report(data, "pressed", Number(number))) return;
  const told = kind === "" ? report(data, "opened") : Promise.resolve();
  await Promise.all([kind === "go" ? self.clients.openWindow(leads[action]) : open(leads[""]), told]);
}

/** Shows an address of ours in a tab that is there, without loading it anew; else in a new one. */
async function open(url) {
  const target = new URL(url || PAGES[0], location.origin);
  const tabs = (await windows()).filter((each) => PAGES.includes(pathOf(each)));
  const tab = tabs.find((each) => each.focused) ?? tabs.find((each) => pathOf(each) === PAGES[0]) ?? tabs[0];
  if (!tab || target.origin !== location.origin) return self.clients.openWindow(target.href);
  const shown = await tab.focus();
  if (await goesTo(shown, target.pathname + target.search)) return shown;
  return shown.navigate(target.href).catch(() => self.clients.openWindow(target.href));
}

/** Whether the page in a tab shows an address by itself; one that still loads does not listen. */
function goesTo(tab, path) {
  const { port1, port2 } = new MessageChannel();
  const answered = new Promise((resolve) => { port1.onmessage = () => resolve(true); });
  tab.postMessage({ open: path }, [port2]);
  return Promise.race([answered, new Promise((resolve) => { setTimeout(resolve, PATIENCE_OF_TABS, false); })]);
}

/** Takes notifications off the screen, which is no dismissal: all, or those with a tag. */
async function closePushes(which) {
  for (const each of await self.registration.getNotifications(which)) {
    settled.add(each.data?.token);
    each.close();
  }
}

async function dismissPush({ data }) {
  if (!settled.delete(data?.token)) await report(data, "dismissed");
}

/** The browser gave out another address: the server is told of it, and may want it no more. */
async function renewPush({ oldSubscription, newSubscription }) {
  const offer = await (await fetch("/push/offer")).json();
  const made = newSubscription ?? (offer.key && await self.registration.pushManager.subscribe({
    userVisibleOnly: true, applicationServerKey: offer.key,
  }));
  if (!made) return;
  const answer = await fetch("/push/subscription", {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      sub: made.toJSON(), replaces: oldSubscription?.endpoint ?? "", renewed: true,
      applicationServerKey: newSubscription ? undefined : offer.key,
    }),
  });
  if (answer.status === 403) await made.unsubscribe();
}
