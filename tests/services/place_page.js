// A page with nothing but the place's button: `node place_page.js SCRIPT STEP…` runs the script and tells what there is.
"use strict";
const fs = require("fs"), vm = require("vm");
const [script, ...steps] = process.argv.slice(2);
const element = (more) => ({
  hidden: false, disabled: false, textContent: "", value: "", dataset: {}, heard: {},
  addEventListener(kind, then) { this.heard[kind] = then; }, focus() { this.focused = true; }, ...more,
});
const fields = { lng: element(), lat: element(), crs: element() };
const words = { looking: "looking", found: "found {metres} m", kept: "kept", denied: "denied", lost: "lost" };
const here = {
  "here": element({ hidden: true, querySelector: (name) => fields[name.match(/point\.(\w+)/)[1]] }),
  "here-ask": element(), "here-forget": element({ hidden: true }), "here-said": element({ dataset: words }),
};
const asked = [], seen = [];
let answers = null;
const position = { coords: { longitude: 113.6411234567, latitude: 34.72, accuracy: 11.6 } };
const geolocation = { getCurrentPosition: (found, failed, how) => { asked.push(how); answers = { found, failed }; } };
if (steps.includes("KEPT")) Object.assign(fields.lng, { value: "113.6" });
const page = {
  document: { getElementById: (id) => here[id] },
  navigator: steps.includes("NONE") ? {} : { geolocation },
  window: { isSecureContext: !steps.includes("PLAIN") },
};
vm.runInNewContext(fs.readFileSync(script, "utf8"), page);
const does = {
  tap: () => here["here-ask"].heard.click(), forget: () => here["here-forget"].heard.click(),
  found: () => answers.found(position), denied: () => answers.failed({ code: 1, PERMISSION_DENIED: 1 }),
  lost: () => answers.failed({ code: 3, PERMISSION_DENIED: 1 }),
};
for (const step of steps) {
  if (does[step]) does[step]();
  seen.push(here["here-said"].textContent);
}
console.log(JSON.stringify({
  asked, seen, hidden: here["here"].hidden, forget: !here["here-forget"].hidden, waits: here["here-ask"].disabled,
  point: Object.fromEntries(Object.entries(fields).map(([name, each]) => [name, each.value])),
}));
