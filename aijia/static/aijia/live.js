/* On every page: what is new appears by itself; the emergency stop. Asks every ten seconds, never while the tab is hidden. */
(function () {
  "use strict";
  var EVERY = 10000, marks = null, timer = 0, etag = "", failures = 0;
  var all = function (selector, within) { return Array.prototype.slice.call((within || document).querySelectorAll(selector)); };

  document.addEventListener("click", function (event) {
    var open = event.target.closest("[data-open]"), close = event.target.closest("[data-close]");
    if (open) document.getElementById(open.dataset.open).showModal();
    if (close) close.closest("dialog").close();
    if (event.target.closest("[data-reload]")) window.location.reload();
  });

  function busy(part) {
    var active = document.activeElement;
    return part.contains(active) && active.matches("input, textarea, select") || part.querySelector("input[type=checkbox]:checked, details[open]");
  }
  function renew(keys) {
    var parts = all("[data-live]").filter(function (part) { return keys.indexOf(part.dataset.live) >= 0; });
    if (!parts.length) return;
    var waiting = parts.filter(function (part) { return part.hasAttribute("data-live-ask") || busy(part); });
    waiting.forEach(function (part) { var note = part.querySelector(".aj-fresh") || document.querySelector(".aj-fresh"); if (note) note.hidden = false; });
    if (waiting.length === parts.length) return;
    fetch(window.location.href, { credentials: "same-origin", headers: { "X-Live": "1" } }).then(function (answer) { return answer.ok ? answer.text() : ""; }).then(function (body) {
      if (!body) return;
      var page = new DOMParser().parseFromString(body, "text/html");
      parts.forEach(function (part, index) {
        if (waiting.indexOf(part) >= 0) return;
        var fresh = all("[data-live='" + part.dataset.live + "']", page)[all("[data-live='" + part.dataset.live + "']").indexOf(part)];
        if (!fresh) return;
        part.innerHTML = fresh.innerHTML;
        all(".aj-thread", part).forEach(function (thread) { thread.scrollTop = thread.scrollHeight; });
      });
      document.dispatchEvent(new CustomEvent("aijia:fresh"));
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
  function ask() {
    clearTimeout(timer);
    var root = document.querySelector("[data-live-url]"), chat = document.querySelector("[data-conversation]");
    if (!root || document.hidden) return;
    var address = root.dataset.liveUrl + (chat ? "?conversation=" + chat.dataset.conversation : "");
    fetch(address, { credentials: "same-origin", headers: etag ? { "If-None-Match": etag } : {} }).then(function (answer) {
      failures = 0;
      if (answer.status !== 200) return null;
      etag = answer.headers.get("ETag") || "";
      return answer.json();
    }).then(function (news) {
      if (!news) return;
      badge(news.counts);
      var changed = Object.keys(news.marks).filter(function (key) { return marks && marks[key] !== news.marks[key]; });
      marks = news.marks;
      if (changed.length) renew(changed);
    }).catch(function () { failures++; }).finally(function () { timer = setTimeout(ask, EVERY * Math.min(6, 1 + failures)); });
  }
  document.addEventListener("visibilitychange", function () { if (!document.hidden) ask(); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ask); else ask();
})();
