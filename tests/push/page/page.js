/** Subscribing, for tests to call: `await push.subscribe(key)`. */

async function registration() {
  await navigator.serviceWorker.register("worker.js");
  return navigator.serviceWorker.ready;
}

/** Resolves to the subscription as JSON; rejects as the browser does. */
async function subscribe(applicationServerKey) {
  const { pushManager } = await registration();
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  return made.toJSON();
}

/** Resolves to the subscription as JSON, null when there is none. */
async function current() {
  const { pushManager } = await registration();
  return (await pushManager.getSubscription())?.toJSON() ?? null;
}

/** Resolves to whether there was one to end. */
async function unsubscribe() {
  const { pushManager } = await registration();
  return (await pushManager.getSubscription())?.unsubscribe() ?? false;
}

window.push = { subscribe, current, unsubscribe };
document.querySelector("#ask").addEventListener("click", async () => {
  document.body.dataset.answer = await Notification.requestPermission();
});
