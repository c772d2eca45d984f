// Which event goes where. A new worker takes over at once: pages come from the server whenever it
// answers, so that nothing of an old build is in the way of a new one.

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([
    dropOldShells(),
    self.registration.navigationPreload?.enable(),
    self.clients.claim(),
  ]));
});

self.addEventListener("fetch", (event) => {
  const answer = endingAnswer(event) ?? shellAnswer(event);
  if (answer) event.respondWith(answer);
});

self.addEventListener("message", (event) => event.waitUntil(onMessage(event)));

self.addEventListener("push", (event) => event.waitUntil(showPush(event.data)));

self.addEventListener("notificationclick", (event) => {
  const { notification, action } = event;
  event.waitUntil(openPush({ data: notification.data, action, close: () => notification.close() }));
});

self.addEventListener("notificationclose", (event) => {
  event.waitUntil(dismissPush(event.notification));
});

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renewPush(event)));
