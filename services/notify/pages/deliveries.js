// The desk's page of deliveries: signs in, asks, and shows what was answered as text, never as markup.
"use strict";
(() => {
  const TOKEN = "shaoyin.token";
  const at = (id) => document.getElementById(id);
  const say = (zh, en) => `${zh} ${en}`;
  const cases = new Map();
  let asked = null;

  const show = (id, visible) => { at(id).hidden = !visible; };
  const trouble = (text) => { at("trouble").textContent = text; show("trouble", text !== ""); };

  const call = async (path, method = "GET", body = undefined) => {
    const headers = { Accept: "application/json" }, token = sessionStorage.getItem(TOKEN);
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    if (answer.status === 401) leave();
    const told = await answer.json().catch(() => ({ detail: say(`没有得到回答（${answer.status}）。`, `No answer (${answer.status}).`) }));
    if (!answer.ok) throw new Error([told.detail, ...(told.errors || []).map((each) => each.text)].join(" "));
    return told;
  };

  // Whatever goes wrong is said on the page; the button that was pressed can be pressed again.
  const trying = (act) => async (event) => {
    if (event) event.preventDefault();
    trouble("");
    try {
      await act();
    } catch (error) {
      trouble(error instanceof TypeError ? say("连不上，请再试。", "There is no connection; please try again.") : error.message);
    }
  };

  const cell = (text, kind = "") => {
    const made = document.createElement("td");
    made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const row = (...cells) => {
    const made = document.createElement("tr");
    made.append(...cells);
    return made;
  };
  const time = (said) => (said ? new Date(said).toLocaleString("zh-CN", { hour12: false }) : "");
  const percent = (share) => (share === null ? "—" : `${(share * 100).toFixed(1)}%`);

  const rates = async () => {
    const told = await call("/api/deliveries/rates");
    at("rates").tBodies[0].replaceChildren(...told.items.map((each) => {
      const name = document.createElement("th");
      name.scope = "row";
      name.textContent = each.channel_name;
      const counts = told.windows.flatMap((window) => {
        const seen = each[window];
        return [
          cell(String(seen.delivered + seen.accepted), "count"), cell(String(seen.retry), "count"),
          cell(String(seen.failed), seen.failed ? "count failed" : "count"), cell(percent(seen.reached), "count"),
        ];
      });
      return row(name, ...counts);
    }));
  };

  const channels = async () => {
    const told = await call("/api/preferences");
    at("channel").replaceChildren(...told.set_up.map((each) => new Option(told.channel_names[each], each)));
    show("test", told.set_up.length > 0);
    show("no-channel", told.set_up.length === 0);
  };

  const numbers = async () => {
    const told = await call("/api/cases?most=100");
    for (const each of told.items) if (each.number) cases.set(each.number, each.case_id);
    at("cases").replaceChildren(...[...cases.keys()].map((number) => new Option(number, number)));
  };

  const tried = (line) => {
    const rows = line.attempts.map((each) => {
      const bad = each.outcome === "failed", reason = cell(`${each.said} `);
      const code = document.createElement("span");
      code.className = "code";
      code.textContent = each.code;
      reason.append(code);
      return row(cell(line.channel_name), cell(time(each.at)), cell(each.outcome_said || line.state_said, bad ? "failed" : ""),
        reason, cell(time(each.next_at)));
    });
    return rows.length ? rows : [row(cell(line.channel_name), cell(time(line.at)), cell(line.state_said), cell(line.held_said || ""), cell(""))];
  };

  const article = (lines) => {
    const [first] = lines, made = at("alert-of").content.cloneNode(true);
    const whom = [first.recipient_name, first.post_name].filter(Boolean).join(" · ");
    const seen = first.answered_at ? say("已办", "answered") + ` ${time(first.answered_at)}`
      : first.read_at ? say("已读", "read") + ` ${time(first.read_at)}` : say("未读", "not read");
    made.querySelector("h3").textContent = [first.number, first.title].filter(Boolean).join(" ");
    made.querySelector(".whom").textContent = `${whom} — ${seen}`;
    made.querySelector(".wide").setAttribute("aria-label", whom);
    made.querySelector("tbody").append(...lines.flatMap(tried));
    made.querySelector(".then").textContent = [first.held_said, first.rang_said].filter(Boolean).join(" ");
    return made;
  };

  const more = async () => {
    const told = await call(asked.next ? `${asked.path}&cursor=${encodeURIComponent(asked.next)}` : asked.path);
    const alerts = new Map();
    for (const line of told.items) alerts.set(line.alert_id, [...(alerts.get(line.alert_id) || []), line]);
    at("log").append(...[...alerts.values()].map(article));
    asked.next = told.next;
    show("more", told.next !== null);
    if (!at("log").childElementCount) {
      const none = document.createElement("p");
      none.textContent = say("还没有通知过任何人。", "Nobody was told of anything yet.");
      at("log").append(none);
    }
  };

  const look = (path) => {
    asked = { path, next: null };
    at("log").replaceChildren();
    return more();
  };

  const test = async () => {
    at("became").replaceChildren();
    const told = await call("/api/deliveries/test", "POST", { channel: at("channel").value });
    at("became").replaceChildren(...told.tries.map((each) => {
      const made = document.createElement("li");
      made.textContent = `${told.channel_name}: ${each.said}`;
      return made;
    }));
  };

  const enter = async () => {
    show("door", false);
    show("inside", true);
    await Promise.all([rates().catch((error) => trouble(error.message)), channels(), numbers().catch(() => {})]);
    const wanted = new URLSearchParams(location.search).get("case");
    if (wanted) {
      at("case").value = wanted;
      await look(`/api/deliveries?case=${encodeURIComponent(cases.get(wanted) || wanted)}`);
    }
  };

  const leave = () => {
    sessionStorage.removeItem(TOKEN);
    at("log").replaceChildren();
    show("inside", false);
    show("door", true);
  };

  // Only in development is there anybody to choose from; elsewhere the address does not exist.
  const people = async () => {
    const answer = await fetch("/api/dev/people");
    if (!answer.ok) return;
    const told = await answer.json();
    at("person").replaceChildren(...told.map((each) => {
      const post = each.posts.map((one) => one.post).join(", ");
      return new Option(`${each.name} ${each.person} ${post}`, each.person);
    }));
    show("in-development", true);
  };

  at("in-development").addEventListener("submit", trying(async () => {
    const told = await call("/api/dev/sign-in", "POST", { person: at("person").value });
    sessionStorage.setItem(TOKEN, told.token);
    await enter();
  }));
  at("by-token").addEventListener("submit", trying(async () => {
    sessionStorage.setItem(TOKEN, at("token").value.trim());
    at("token").value = "";
    await enter();
  }));
  at("leave").addEventListener("click", trying(async () => leave()));
  at("test").addEventListener("submit", trying(test));
  at("look").addEventListener("submit", trying(() => {
    const wanted = at("case").value.trim();
    return look(`/api/deliveries?case=${encodeURIComponent(cases.get(wanted) || wanted)}`);
  }));
  at("mine").addEventListener("click", trying(() => look("/api/deliveries?person=me")));
  at("more").addEventListener("click", trying(more));

  trying(async () => {
    people().catch(() => {});
    if (sessionStorage.getItem(TOKEN)) await enter();
    else show("door", true);
  })();
})();
