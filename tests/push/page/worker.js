/** Shows pushes, does what people click, and tells the server of every event. */

function tell(event, details = {}) {
  const body = JSON.stringify({ event: event.type, trusted: event.isTrusted, ...details });
  return fetch("seen", { method: "POST", body });
}

async function show(event) {
  const { title, body, icon, tag, navigate } = event.data.json().notification;
  const actions = [{ action: "done", title: "Mark done" }];
  const data = { navigate };
  await self.registration.showNotification(title, { body, icon, tag, actions, data });
  await tell(event, { title });
}

async function go(event) {
  const { notification, action } = event;
  notification.close();
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (action) {
    // A button does its work without a window.
  } else if (windows.length > 0) {
    const focused = await windows[0].focus();
    await focused.navigate(notification.data.navigate);
  } else {
    await self.clients.openWindow(notification.data.navigate);
  }
  await tell(event, { title: notification.title, action });
}

async function renew(event) {
  const { applicationServerKey } = event.oldSubscription.options;
  const options = { userVisibleOnly: true, applicationServerKey };
  const made = await self.registration.pushManager.subscribe(options);
  await tell(event, { endpoint: made.endpoint });
}

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(show(event)));
self.addEventListener("notificationclick", (event) => event.waitUntil(go(event)));
self.addEventListener("notificationclose", (event) =>
  event.waitUntil(tell(event, { title: event.notification.title })),
);
self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
