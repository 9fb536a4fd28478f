/* A token for the start of a session, with the cookie that it is bound to; each start needs a new one. */

const ADDRESS = "/live/token";
let last = Promise.resolve();

/** Rejects with an error whose `state` says how things stand: `failed` where the server answers and gives
    none, `offline` where it can't be reached. */
export function token() {
  // One after the other: two first answers would each bring a cookie, and only one of them stays.
  return (last = last.then(ask, ask));
}

async function ask() {
  const answer = await fetch(ADDRESS, { method: "POST", cache: "no-store" }).catch(() => null);
  if (answer?.ok) return (await answer.json()).token;
  const refused = answer !== null && answer.status < 500 && answer.status !== 404;
  throw Object.assign(new Error(), { state: refused ? "failed" : "offline" });
}
