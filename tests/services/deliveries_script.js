// A page of just the elements that deliveries.js asks for: presses what it is told to, prints what was asked and is shown.
"use strict";
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

const [script, answers, ...pressed] = process.argv.slice(2);
const told = JSON.parse(answers), asked = [], kept = new Map();

class Element {
  constructor(name) { this.name = name; this.children = []; this.own = ""; this.value = ""; this.hidden = false; this.heard = {}; this.attributes = {}; }
  get textContent() { return this.own + this.children.map((each) => each.textContent).join("|"); }
  set textContent(text) { this.own = text; this.children = []; }
  get childElementCount() { return this.children.length; }
  get tBodies() { return [this]; }
  get content() { return { cloneNode: () => new Element("article") }; }
  append(...parts) { this.children.push(...parts); }
  replaceChildren(...parts) { this.own = ""; this.children = parts; }
  addEventListener(event, act) { this.heard[event] = act; }
  setAttribute(name, value) { this.attributes[name] = value; }
  querySelector(wanted) {
    const found = this.children.find((each) => each.name === wanted);
    if (found) return found;
    this.append(new Element(wanted));
    return this.children.at(-1);
  }
}

const elements = new Map();
const at = (id) => { if (!elements.has(id)) elements.set(id, new Element(id)); return elements.get(id); };
for (const id of ["door", "inside", "in-development", "more", "no-channel", "trouble"]) at(id).hidden = true;

const fetch = async (path, options = {}) => {
  const token = (options.headers || {}).Authorization || null;
  asked.push([options.method || "GET", path, token, options.body || null]);
  const [status, body] = told[path] || [404, { detail: "none" }];
  return { ok: status < 400, status, json: async () => { if (body === null) throw new SyntaxError("a page"); return body; } };
};

vm.runInNewContext(readFileSync(script, "utf-8"), {
  fetch, URLSearchParams, encodeURIComponent, location: { search: "" }, Date, TypeError, Map, Promise, JSON,
  document: { getElementById: at, createElement: (name) => new Element(name) },
  Option: function Option(text, value) { const made = new Element("option"); made.textContent = text; made.value = value; return made; },
  sessionStorage: { getItem: (key) => kept.get(key) || null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) },
});

const settled = () => new Promise((done) => { setTimeout(done, 5); });

(async () => {
  await settled();
  for (const each of pressed) {
    const [id, event, field, value] = each.split(" ");
    if (field) at(field).value = value;
    await at(id).heard[event]({ preventDefault() {} });
    await settled();
  }
  const shown = Object.fromEntries([...elements].map(([id, each]) => [id, each.hidden ? null : each.textContent]));
  console.log(JSON.stringify({ asked, shown, kept: Object.fromEntries(kept) }));
})();
