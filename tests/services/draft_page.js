// A page with nothing but a draft's form: `node draft_page.js SCRIPT DRAFT STEP…` does the steps and tells who is asked.
"use strict";
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

const [script, draft, ...steps] = process.argv.slice(2);
const ofForm = {}, ofWindow = {}, asked = [];
const form = {
  querySelector: () => ({ value: draft }),
  addEventListener: (event, act) => { ofForm[event] = act; },
};
vm.runInNewContext(readFileSync(script, "utf-8"), {
  document: { querySelector: () => (draft === "NONE" ? null : form) },
  addEventListener: (event, act) => { ofWindow[event] = act; },
});
for (const step of steps) {
  if (step === "leave") {
    let kept = false;
    if (ofWindow.beforeunload) ofWindow.beforeunload({ preventDefault: () => { kept = true; } });
    asked.push(kept);
  } else if (step === "back") ofWindow.pageshow();
  else ofForm[step]();
}
console.log(JSON.stringify(asked));
