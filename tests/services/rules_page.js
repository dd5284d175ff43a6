// A page with nothing but what rules.js needs: `node rules_page.js SCRIPT WORDS…` types, lets time pass at PAUSE, tells.
"use strict";
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

const [script, ...typed] = process.argv.slice(2);
const timers = new Map(), asked = [], shown = [], addresses = [], listeners = {};
let now = 0, lastTimer = 0, words = "";

const elements = {
  look: {
    dataset: { from: "/rules/wulibao/-/found" },
    getAttribute: () => "/rules/wulibao",
    addEventListener: (event, act) => { listeners[event] = act; },
  },
  found: { replaceChildren: (part) => shown.push(part) },
  "look-go": { hidden: false },
};
class FormData { [Symbol.iterator]() { return [["words", words]][Symbol.iterator](); } }
const fetch = async (address) => {
  asked.push(address);
  return { ok: !words.includes("offline"), redirected: words.includes("out"), status: 503, text: async () => `rows ${words}` };
};

vm.runInNewContext(readFileSync(script, "utf-8"), {
  document: {
    getElementById: (id) => elements[id],
    createRange: () => ({ createContextualFragment: (text) => text }),
    querySelector: () => null,
  },
  history: { replaceState: (_state, _title, address) => addresses.push(address) },
  window: { fetch }, fetch, FormData, URLSearchParams,
  setTimeout: (act, wait) => { timers.set(++lastTimer, { act, at: now + wait }); return lastTimer; },
  clearTimeout: (id) => timers.delete(id),
});
const buttonAtFirst = elements["look-go"].hidden;

const pause = async () => {
  now += 1000;
  for (const [id, timer] of timers) {
    timers.delete(id);
    if (timer.at <= now) await timer.act();
  }
};

(async () => {
  for (const said of typed) {
    now += 50;
    if (said === "PAUSE") await pause();
    else { words = said; listeners.input(); }
  }
  console.log(JSON.stringify({ asked, shown, addresses, buttonAtFirst, buttonAtLast: elements["look-go"].hidden }));
})();
