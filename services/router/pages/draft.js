// Nobody leaves a draft by mistake: it is kept nowhere but in its page. The page is whole without this.
"use strict";
(() => {
  const form = document.querySelector("form[data-unsaved]");
  if (!form) return;
  const begun = form.querySelector('[name="draft"]').value.includes('"data"');
  let touched = begun, sent = false;
  form.addEventListener("input", () => { touched = true; });
  form.addEventListener("submit", () => { sent = true; });
  addEventListener("pageshow", () => { sent = false; });
  addEventListener("beforeunload", (event) => {
    if (touched && !sent) event.preventDefault();
  });
})();
