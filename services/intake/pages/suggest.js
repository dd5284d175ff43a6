// While the resident types: what it may be about, as buttons. The page is whole without this; nothing is kept of it.
"use strict";
(() => {
  const text = document.getElementById("description");
  const found = document.getElementById("suggest-found");
  const button = document.getElementById("suggest-ask");
  if (!text || !found || !button || !window.fetch) return;
  const PAUSE = 1000, BETWEEN = 3000, LEAST = 2;
  let waiting = 0, asked = "", lastAsked = -BETWEEN;

  const ask = async (words) => {
    const answer = await fetch(found.dataset.from, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ description: words }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  };

  // What stayed the same is not said again by a reader of the screen, and no button goes from under a finger.
  const show = (told) => {
    if (told === found.dataset.told || found.contains(document.activeElement)) return;
    found.dataset.told = told;
    found.replaceChildren(document.createRange().createContextualFragment(told));
  };

  const look = async () => {
    const words = text.value.trim();
    if (words.length < LEAST || words === asked) return;
    asked = words;
    lastAsked = performance.now();
    try {
      const told = await ask(words);
      if (words === asked) show(told);
    } catch (error) {
      asked = "";
      button.hidden = false;  // whoever has no connection now asks by hand
    }
  };

  button.hidden = true;
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, Math.max(PAUSE, lastAsked + BETWEEN - performance.now()));
  });
})();
