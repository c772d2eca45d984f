// What a person leaves in this browser by signing out, or with their account.
import { dropDrafts } from "./drafts.js";
import { forgetKept } from "./kept.js";
import { discard } from "./outbox.js";
import { leavePush } from "./push.js";

/** Forgets everything of theirs. */
export async function forgetAll() {
  dropDrafts();
  navigator.clearAppBadge?.().catch(() => {});
  await Promise.all([discard(), forgetKept(), leavePush().catch(() => {})]);
}
