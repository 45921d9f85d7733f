// Tells times in the reader's time zone, keeps ages up to date, and renews the page when something has changed.
"use strict";

(() => {
  const language = document.documentElement.lang;
  const locale = navigator.languages.find((one) => one.split("-")[0] === language) ?? language; // such as en-GB
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" });
  const ages = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const EVENTS = new URL("../events", document.currentScript.src); // the page may be below a path
  const EVERY = 60000;
  const SPREAD = 3000; // so that not everybody asks in the same moment
  let waiting = false;

  const age = (then) => {
    const seconds = Math.max(1, Math.round((Date.now() - then) / 1000));
    const [unit, length] = units.find(([, one]) => seconds >= one);
    return ages.format(-Math.floor(seconds / length), unit);
  };

  const tellTimes = (root) => {
    for (const time of root.querySelectorAll("time[data-form]")) {
      const then = new Date(time.dateTime);
      const form = time.dataset.form;
      if (form === "t") time.textContent = clock.format(then);
      if (form === "f") time.textContent = day.format(then);
      if (form === "R") time.textContent = age(then);
    }
  };

  const show = (fresh) => {
    const old = document.querySelector("main");
    const main = fresh.querySelector("main");
    if (!main || old.innerHTML === main.innerHTML) return;
    const said = (root) => [...root.querySelectorAll("h1, .headline")].map((one) => one.textContent.trim()).join(". ");
    const news = said(main);
    if (news !== said(old)) document.getElementById("news").textContent = news;
    const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    document.title = fresh.title;
    old.replaceChildren(...main.childNodes);
    document.querySelector("footer").replaceChildren(...fresh.querySelector("footer").childNodes);
    tellTimes(document);
    if (focused) [...old.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused)?.focus({ preventScroll: true });
  };

  const renew = async () => {
    waiting = false;
    try {
      const answer = await fetch(location.href, { cache: "no-cache" });
      if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch { /* the network is away; the next time */ }
    tellTimes(document);
  };

  const soon = () => {
    if (!waiting) setTimeout(renew, Math.random() * SPREAD);
    waiting = true;
  };

  tellTimes(document);
  setInterval(() => tellTimes(document), 5000);
  setInterval(() => { if (!document.hidden) soon(); }, EVERY);

  // A browser opens six connections to a host: a page that nobody looks at needs none.
  let events = null;
  const listen = () => {
    events?.close();
    events = document.hidden ? null : new EventSource(EVENTS);
    events?.addEventListener("changed", soon);
  };
  document.addEventListener("visibilitychange", () => {
    listen();
    if (!document.hidden) soon();
  });
  listen();
})();
