// While somebody looks for a row: the rows that are left, without a button. The page is whole without this.
"use strict";
(() => {
  const form = document.getElementById("look"), found = document.getElementById("found");
  const button = document.getElementById("look-go");
  if (!form || !found || !button || !window.fetch) return;
  const PAUSE = 300;
  let waiting = 0, asked = new URLSearchParams(new FormData(form)).toString();

  const look = async () => {
    const wanted = new URLSearchParams(new FormData(form)).toString();
    if (wanted === asked) return;
    asked = wanted;
    try {
      const answer = await fetch(`${form.dataset.from}?${wanted}`);
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const told = await answer.text();
      if (wanted !== asked) return;  // something else is looked for by now
      found.replaceChildren(document.createRange().createContextualFragment(told));
      history.replaceState(null, "", `${form.getAttribute("action")}?${wanted}`);
    } catch (error) {
      asked = "";
      button.hidden = false;  // whoever has no connection now asks by hand
    }
  };

  button.hidden = true;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, PAUSE);
  });
})();
