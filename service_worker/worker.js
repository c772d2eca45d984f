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
