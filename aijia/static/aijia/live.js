/* On every page: what is new appears by itself; keys that lead anywhere; the emergency stop. Asks every ten seconds (five where a draft is
   being decided), never while the tab is hidden. */
(function () {
  "use strict";
  var EVERY = 10000, begun = performance.now(), marks = null, timer = 0, etag = "", failures = 0, going = 0, out = false, wasOut = false;
  var all = function (selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); };
  var byId = function (id) { return document.getElementById(id); };

  /* The theme's scroll areas are named in the reader's language. They are made at this same event, after this. */
  document.addEventListener("DOMContentLoaded", function () {
    var words = document.querySelector("[data-scrolls]");
    if (words && window.SimpleBar) window.SimpleBar.defaultOptions.ariaLabel = words.dataset.scrolls;
    /* On a narrow screen each cell says what it is: its first letter is a capital, as in the heads of wide tables, and no other. */
    all("[data-label]").forEach(function (one) { one.dataset.label = one.dataset.label.charAt(0).toUpperCase() + one.dataset.label.slice(1); });
  });

  document.addEventListener("click", function (event) {
    var open = event.target.closest("[data-open]"), close = event.target.closest("[data-close]");
    if (open) (open.dataset.open === "keys" && byId("help") || byId(open.dataset.open)).showModal();
    if (close) close.closest("dialog").close();
    if (event.target.closest("[data-reload]")) { document.dispatchEvent(new CustomEvent("aijia:reload")); window.location.reload(); }
  });

  /* --- keys of every page; those of one page are its own --- */
  var typing = function (target) { return target.matches && target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"); };
  function help() { var box = byId("help") || byId("keys"); if (!box) return; if (box.open) box.close(); else box.showModal(); }
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (event.key === "?") { help(); event.preventDefault(); return; }
    if (document.querySelector("dialog[open]")) return;
    if (going && Date.now() - going < 1500) {
      var place = document.querySelector("[data-go='" + event.key + "']");
      going = 0; event.stopImmediatePropagation();
      if (place) { window.location = place.href; event.preventDefault(); }
      return;
    }
    if (event.key === "g") { going = Date.now(); event.stopImmediatePropagation(); return; }
    var box = event.key === "/" ? byId("find-box") : event.key === "f" ? document.querySelector("[data-narrow]") : null;
    if (!box) return;
    event.preventDefault();
    if (box.offsetParent === null && event.key === "/") window.location = box.form.action; else { box.focus(); box.select(); }
  }, true);

  function busy(part) {
    var active = document.activeElement;
    return part.contains(active) && active.matches("input, textarea, select") || part.querySelector("input[type=checkbox]:checked, details[open]")
      || all("input, textarea", part).some(function (field) { return field.value !== field.defaultValue; });
  }
  function fetchPage() {
    return fetch(window.location.href, { credentials: "same-origin", headers: { "X-Live": "1" } }).then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (body) { return body ? new DOMParser().parseFromString(body, "text/html") : null; });
  }
  function renew(keys) {
    var parts = all("[data-live]").filter(function (part) { return keys.indexOf(part.dataset.live) >= 0; });
    if (!parts.length) return;
    var waiting = parts.filter(function (part) { return part.hasAttribute("data-live-ask") || busy(part); });
    waiting.forEach(function (part) { var note = part.querySelector(".aj-fresh") || document.querySelector(".aj-fresh"); if (note) note.hidden = false; });
    if (waiting.length === parts.length) return;
    fetchPage().then(function (page) {
      if (!page) return;
      var threads = [];
      parts.forEach(function (part) {
        if (waiting.indexOf(part) >= 0) return;
        var fresh = all("[data-live='" + part.dataset.live + "']", page)[all("[data-live='" + part.dataset.live + "']").indexOf(part)];
        if (!fresh) return;
        var places = all(".aj-thread", part).map(function (thread) { return thread.scrollTop + thread.clientHeight > thread.scrollHeight - 60 ? -1 : thread.scrollTop; });
        part.innerHTML = fresh.innerHTML;
        threads.push([part, places]);
      });
      document.dispatchEvent(new CustomEvent("aijia:fresh"));
      /* Whoever reads further up stays there; whoever stands at the end sees what came. */
      threads.forEach(function (one) { all(".aj-thread", one[0]).forEach(function (thread, index) { var place = one[1][index]; thread.scrollTop = place >= 0 ? place : thread.scrollHeight; }); });
    });
  }
  function badge(counts) {
    all("#nav-sidebar a[href], aside a[href]").forEach(function (link) {
      var key = /\/review\/draft\/(\?|$)/.test(link.getAttribute("href")) ? "drafts" : /\/delivery\/outbound\/\?state__exact=prepared/.test(link.getAttribute("href")) ? "to_send" : "";
      if (!key || counts[key] === undefined) return;
      var mark = link.querySelector(".aj-badge");
      if (!mark) { mark = document.createElement("span"); mark.className = "aj-badge"; link.appendChild(mark); }
      mark.textContent = counts[key]; mark.hidden = !counts[key];
    });
    var title = document.title.replace(/^\(\d+\) /, ""); document.title = counts.drafts ? "(" + counts.drafts + ") " + title : title;
  }
  /* One line that says why the page stands still. */
  function tell(words, way) {
    var line = byId("still");
    if (!words) { if (line) line.remove(); return; }
    if (line) return;
    line = document.createElement("div"); line.id = "still"; line.className = "aj-banner aj-banner-note aj-still"; line.setAttribute("role", "alert");
    line.appendChild(document.createElement("span")).textContent = words;
    if (way) {
      var link = document.createElement("a");
      link.className = "aj-banner-go"; link.textContent = way; link.target = "_blank"; link.href = document.querySelector("[data-live-url]").dataset.signInAt;
      link.addEventListener("click", function () { out = false; line.remove(); timer = setTimeout(ask, EVERY); });
      line.appendChild(link);
    }
    document.body.appendChild(line);
  }
  /* Somebody has signed in again in another tab: what is written here can be sent from here. */
  function signedIn() {
    wasOut = false;
    fetchPage().then(function (page) {
      var fresh = page && page.querySelector("[name=csrfmiddlewaretoken]");
      if (fresh) all("[name=csrfmiddlewaretoken]").forEach(function (field) { field.value = fresh.value; });
    });
  }
  function ask() {
    clearTimeout(timer);
    var root = document.querySelector("[data-live-url]"), chat = document.querySelector("[data-conversation]"), draft = document.querySelector("[data-draft]"), matter = document.querySelector("[data-case]"), party = document.querySelector("[data-customer]");
    if (!root || document.hidden || out) return;
    var asked = new URLSearchParams();
    if (chat) asked.set("conversation", chat.dataset.conversation);
    if (draft) asked.set("draft", draft.dataset.draft);
    if (matter) asked.set("case", matter.dataset.case);
    if (party) asked.set("customer", party.dataset.customer);
    fetch(root.dataset.liveUrl + "?" + asked, { credentials: "same-origin", headers: etag ? { "If-None-Match": etag } : {} }).then(function (answer) {
      /* An answer that is not ours (the page for signing in): nothing on this page can be trusted to be new. */
      if (answer.redirected || answer.status === 401 || answer.status === 403) { out = wasOut = true; tell(root.dataset.signedOut, root.dataset.signIn); return null; }
      failures = 0; tell(""); if (wasOut) signedIn();
      if (answer.status !== 200) return null;
      etag = answer.headers.get("ETag") || "";
      return answer.json();
    }).then(function (news) {
      if (!news) return;
      badge(news.counts);
      /* What the page itself was made from is older than the first answer: it says so where it must not miss anything. */
      if (!marks) {
        marks = {}; all("[data-mark]").forEach(function (one) { marks[one.dataset.mark] = one.dataset.was; });
        /* Opened in a tab that was not looked at until now: whatever else it shows may be old. */
        if (performance.now() - begun > EVERY) Object.keys(news.marks).forEach(function (key) { if (marks[key] === undefined) marks[key] = null; });
      }
      var changed = Object.keys(news.marks).filter(function (key) { return marks[key] !== undefined && marks[key] !== news.marks[key]; });
      marks = news.marks;
      if (changed.length) { renew(changed); document.dispatchEvent(new CustomEvent("aijia:changed", { detail: { keys: changed, fetchPage: fetchPage } })); }
    }).catch(function () { failures++; if (failures > 2) tell(root.dataset.noAnswer); }).finally(function () { if (!out) timer = setTimeout(ask, (draft ? EVERY / 2 : EVERY) * Math.min(6, 1 + failures)); });
  }
  document.addEventListener("aijia:ask", ask);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ask); else ask();
})();
