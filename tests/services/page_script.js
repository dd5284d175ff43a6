// A page of three elements, enough to run suggest.js by: types what it is given, lets time pass, prints what is shown.
"use strict";
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

const [script, ...typed] = process.argv.slice(2);
const timers = new Map(), asked = [], shown = [], listeners = {};
let now = 0, lastTimer = 0;

const elements = {
  description: { value: "", addEventListener: (event, act) => { listeners[event] = act; } },
  "suggest-found": {
    dataset: { from: "/c/wulibao/suggested" },
    contains: () => false,
    replaceChildren: (part) => shown.push(part),
  },
  "suggest-ask": { hidden: false },
};
const document = {
  activeElement: null,
  getElementById: (id) => elements[id],
  createRange: () => ({ createContextualFragment: (text) => text }),
};
const fetch = async (address, { body }) => {
  const words = body.get("description");
  asked.push([address, words]);
  return { ok: words !== "offline", status: 503, text: async () => `about ${words}` };
};

vm.runInNewContext(readFileSync(script, "utf-8"), {
  document, fetch, URLSearchParams, window: { fetch }, performance: { now: () => now },
  setTimeout: (act, wait) => { timers.set(++lastTimer, { act, at: now + wait }); return lastTimer; },
  clearTimeout: (id) => timers.delete(id),
});
const buttonAtFirst = elements["suggest-ask"].hidden;

const pause = async () => {
  now += 5000;
  for (const [id, timer] of timers) {
    timers.delete(id);
    if (timer.at <= now) await timer.act();
  }
};

(async () => {
  for (const words of typed) {
    now += 200;
    if (words === "PAUSE") await pause();
    else {
      elements.description.value = words;
      listeners.input();
    }
  }
  console.log(JSON.stringify({ asked, shown, buttonAtFirst, buttonAtLast: elements["suggest-ask"].hidden }));
})();
