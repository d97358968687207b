/* Privacy Portal's tag, version 1: served as it stands here, explained in docs/tag.md.
   Nothing is sent or stored before portal.consent(true), unless the page says data-consent="none". */
(() => {
  "use strict";
  const portal = (window.portal = window.portal || {});
  const script = document.currentScript;
  if (portal.version || !script) return; // loaded twice, or as a module
  portal.version = "1.0";

  const { brand, token, consent: mode } = script.dataset;
  const ADDRESS = new URL(`/track/${brand}/v1/batch`, script.src).href;
  const STATE = `portal:${brand}`; // in localStorage: {anonymousId, userId, queue}
  const OPT_OUT = "portal.optout"; // in localStorage: while it is there, nothing is sent
  const MAX_CALLS = 100; // held back, and queued
  const MAX_EVENT = 32 * 1024; // bytes: the door takes no larger call
  const MAX_BODY = 60 * 1000; // bytes: browsers let 64 KiB outlive the page
  const MAX_AGE = 23 * 3600 * 1000; // ms: for 24 hours the door knows an event that comes again
  const MAX_TRIES = 8; // in a row; after that each new event or page tries once

  let granted = mode === "none";
  let withdrawn = false; // the visitor has taken consent back: what happens now waits for nothing
  let starting = true; // until the calls of before this file was loaded have been replayed
  let paged = ""; // the messageId of this load's page event, once there is one
  let held = []; // calls that wait for consent: in memory, never stored
  let memory = null; // the state, where the browser refuses to store it
  let flying = []; // the messageIds on their way
  let timer = 0;
  let tries = 0; // that failed since the last that did not
  let most = MAX_CALLS; // events in a request: 1 while looking for the one that spoils the others
  let last = "nothing has been sent yet";

  /* Whether this browser has opted out; with an argument, that is noted first. */
  const optOut = (wanted) => {
    try {
      if (wanted === true) localStorage.setItem(OPT_OUT, "1");
      if (wanted === false) localStorage.removeItem(OPT_OUT);
      return localStorage.getItem(OPT_OUT) !== null;
    } catch {
      return false;
    }
  };

  const refused = () =>
    navigator.globalPrivacyControl === true ? "this browser sends Global Privacy Control"
    : optOut() ? `this browser has opted out: ${OPT_OUT} stands in localStorage`
    : "";

  /* Why nothing may be sent or stored; "" if it may. */
  const blocked = () =>
    refused() ||
    (!granted ? "no consent: portal.consent(true) has not been called on this page"
    : !brand || !token ? "data-brand or data-token is missing on the script element"
    : starting ? "the tag is starting"
    : "");

  const load = () => {
    try {
      return memory || JSON.parse(localStorage.getItem(STATE)) || {};
    } catch {
      return {};
    }
  };

  const save = (state) => {
    try {
      localStorage.setItem(STATE, JSON.stringify(state));
      memory = null; // refused a moment ago, as where the site has filled it up, and not any more
    } catch {
      memory = state;
    }
  };

  /* Everything that is held of the visitor. A page event that has not gone is as if it had never been. */
  const forget = () => {
    if ((load().queue || []).some(({ messageId }) => messageId === paged && !flying.includes(paged))) paged = "";
    held = [];
    memory = null;
    try {
      localStorage.removeItem(STATE);
    } catch {}
  };

  const newId = () =>
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

  /* Half a character, as where a text was cut inside an emoji, is no JSON to the door: all of the request would be lost.
     JSON.stringify escapes nothing else that way; an escaped backslash is passed by whole. */
  const wellFormed = (json) => json.replace(/\\(ud[89a-f]..|.)/g, (all, half) => (half[1] ? "\\ufffd" : all));

  const sizeOf = (event) => new Blob([JSON.stringify(event)]).size;

  const isObject = (value) => value !== null && typeof value === "object";

  /* Without query and fragment: that is where mail addresses and one-time keys stand. */
  const bare = (address) => address.split(/[?#]/)[0];

  /* When and where a call was made, which may be long before it is sent. */
  const moment = () => ({
    timestamp: new Date().toISOString(),
    page: { url: bare(location.href), path: location.pathname, title: document.title, referrer: bare(document.referrer) },
  });

  const enqueue = (type, { timestamp, page }, fields) => {
    const state = load();
    const { anonymousId = newId(), userId, queue = [] } = state;
    const context = { page, library: { name: "portal-tag", version: portal.version } };
    const event = { type, messageId: newId(), timestamp, anonymousId, userId, ...fields, context };
    if (sizeOf(event) > MAX_EVENT) throw new Error(`larger than ${MAX_EVENT} bytes`);
    save({ ...state, anonymousId, queue: [...queue, event].slice(-MAX_CALLS) });
    sendSoon(0);
    return event.messageId;
  };

  const record = {
    identify(when, user, more) {
      const [userId, traits] = isObject(user) ? [null, user] : [user, more];
      const state = load();
      if (userId != null && userId !== "") {
        // It would go into every later event, and the door refuses them all.
        const id = String(userId);
        if ([...id].length > 256 || id.includes("\0")) throw new Error("userId must be 1 to 256 characters without \\0");
        // Somebody else at this browser gets an anonymousId of their own: the two must not be linked.
        const isOther = state.userId && state.userId !== id;
        save({ ...state, anonymousId: isOther ? undefined : state.anonymousId, userId: id });
      }
      enqueue("identify", when, { traits: traits || {} });
    },
    track(when, event, properties) {
      enqueue("track", when, { event, properties: properties || {} });
    },
    page(when, title, more) {
      const [name, properties] = isObject(title) ? [null, title] : [title, more];
      const id = enqueue("page", when, { name, properties: { ...when.page, ...properties } });
      paged = paged || id;
    },
    reset() {
      const { anonymousId, queue } = load();
      if (anonymousId) save({ queue });
    },
  };

  /* Record a call now, or hold it back. Whatever is wrong with it, the page's own script goes on. */
  const take = (name, args, when = moment()) => {
    try {
      const copy = JSON.parse(JSON.stringify(args));
      if (refused()) forget();
      else if (!blocked()) record[name](when, ...copy);
      else if (!withdrawn && held.push([name, copy, when]) > MAX_CALLS) held.shift();
    } catch (error) {
      last = `${name} was left out: ${error && error.message}`;
    }
  };

  /* Record what was held back, see to this load's page event, and send what earlier pages left. */
  const release = () => {
    if (blocked()) return;
    const calls = held;
    held = [];
    calls.forEach((call) => take(...call));
    if (!paged) take("page", []);
    sendSoon(0);
  };

  const remove = (ids) => {
    const state = load();
    if (state.queue) save({ ...state, queue: state.queue.filter((event) => !ids.includes(event.messageId)) });
  };

  /* The events of the next request: as many as may outlive the page, and none that is on its way. */
  const next = () => {
    const oldest = new Date(Date.now() - MAX_AGE).toISOString();
    const { queue = [] } = load();
    remove(queue.filter((event) => event.timestamp < oldest).map((event) => event.messageId));
    let bytes = 0;
    return queue
      .filter((event) => event.timestamp >= oldest && !flying.includes(event.messageId))
      .filter((event, at) => at < most && (bytes += sizeOf(event)) < MAX_BODY);
  };

  const sendSoon = (delay) => {
    timer = timer || setTimeout(send, delay);
  };

  /* One request at a time, unless the page is going. text/plain with the key inside needs no preflight, for which a
     page that is going could not wait. */
  const send = (going) => {
    clearTimeout(timer);
    timer = 0;
    if (refused()) forget();
    const events = blocked() || (flying.length && !going) ? [] : next();
    if (!events.length) return;
    const body = wellFormed(JSON.stringify({ writeKey: token, batch: events }));
    if (!("keepalive" in Request.prototype) && going) {
      // Nobody hears how it went: the events stay queued, and the door knows them when they come again.
      navigator.sendBeacon(ADDRESS, body);
      return;
    }
    const ids = events.map((event) => event.messageId);
    flying = [...flying, ...ids];
    fetch(ADDRESS, { method: "POST", body, keepalive: true, credentials: "omit" })
      .then((answer) => answer.json().then((said) => judge(answer, said, ids)))
      .catch(() => later("no answer: the network is down, or allowed_origins lacks this page's origin"))
      .then(() => {
        flying = flying.filter((id) => !ids.includes(id));
        if (!tries) sendSoon(0);
      });
  };

  const judge = (answer, said, ids) => {
    const told = `${answer.status} ${said.message || ""}`;
    if (answer.status === 429 || answer.status >= 500) return later(told, answer.headers.get("Retry-After"));
    last = told;
    tries = 0;
    const spoilt = /^batch\[(\d+)\]/.exec(said.message);
    if (spoilt) return remove([ids[spoilt[1]]]);
    if (!answer.ok && answer.status !== 403 && ids.length > 1) return (most = 1);
    if (!answer.ok) most = MAX_CALLS;
    remove(ids);
  };

  /* Try again, with the same messageIds: after 1, 2, 4 … 60 s, or when the door says. */
  const later = (told, seconds) => {
    last = told;
    tries += 1;
    if (tries < MAX_TRIES) sendSoon(1000 * (Number(seconds) || Math.min(60, 2 ** tries) * (0.5 + Math.random() / 2)));
  };

  const early = portal.queue || [];
  for (const name of ["identify", "track", "page"]) portal[name] = (...args) => take(name, args);
  portal.reset = () => {
    record.reset(); // at once, even where nothing may be sent
    take("reset", []);
  };
  const decide = (given) => {
    withdrawn = !given && (granted || withdrawn);
    granted = given;
    if (given) release();
    else forget();
  };
  portal.consent = (given) => {
    // Only where no consent is asked for must a refusal be remembered: elsewhere the next page asks anew.
    if (mode === "none") optOut(given !== true);
    decide(given === true);
  };
  portal.debug = () => {
    const why = blocked();
    const { anonymousId, queue = [] } = why ? {} : load();
    const told = { sends: !why, why: why || (tries ? last : ""), last, held: held.length, queued: queue.length, anonymousId };
    console.info("portal", told);
    return told;
  };
  portal.queue = { push: ([name, ...args]) => portal[name](...args) };

  const start = () => {
    early.forEach((call) => portal.queue.push(call));
    starting = false;
    if (refused()) forget();
    release();
  };
  const leave = () => tries || send(true);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && leave());
  addEventListener("online", () => send());
  // A no in another tab, or an opt-out there, is one here.
  addEventListener("storage", ({ key, newValue }) => {
    if (refused()) forget();
    else if (mode !== "none" && key === STATE && newValue === null) decide(false);
  });
  if (document.prerendering) document.addEventListener("prerenderingchange", start, { once: true });
  else start();
})();
