/* The review queue and the page of a draft: keys, live check of the wording, the claim on the draft. */
(function () {
  "use strict";
  var $ = function (selector, within) { return (within || document).querySelector(selector); };
  var all = function (selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); };
  var typing = function (target) { return target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"); };

  /* --- the queue --- */
  var bulk = $("#bulk"), at = -1;
  function rows() { return all("[data-row]"); }
  function go(step) {
    var found = rows(); if (!found.length) return;
    at = Math.max(0, Math.min(found.length - 1, at + step));
    found.forEach(function (row, index) { row.classList.toggle("aj-at", index === at); });
    found[at].scrollIntoView({ block: "nearest" });
  }
  function count() {
    var chosen = all("#bulk input[name=seen]:checked").length, bar = $("#bulkbar");
    if (!bar) return;
    bar.hidden = !chosen; $("[data-count]", bar).textContent = chosen;
  }
  document.addEventListener("change", function (event) { if (event.target.name === "seen") count(); });
  document.addEventListener("aijia:fresh", count);
  function open(row, ahead) { window.location = $("a.aj-words", row).href + ahead; }
  function queueKey(event) {
    /* Nothing chosen yet: the first that is free. */
    if (at < 0 && /^(Enter|o|a|x|e|r|c|t)$/.test(event.key)) { var free = rows().findIndex(function (one) { return !one.classList.contains("aj-busy"); }); if (free >= 0) go(free + 1); }
    var row = rows()[at], box = row && $("input[name=seen]", row);
    switch (event.key) {
      case "j": case "ArrowDown": go(1); break;
      case "k": case "ArrowUp": go(-1); break;
      case "Enter": case "o": if (!row) return; open(row, ""); break;
      case "x": if (box) { box.checked = !box.checked; count(); } break;
      case "X": all("#bulk input[name=seen]").forEach(function (one) { one.checked = true; }); count(); break;
      case "A": if (all("#bulk input[name=seen]:checked").length) $("#bulk").requestSubmit(); break;
      /* A simple one leaves at once; anything else is opened where one reads it first. */
      case "a": if (box) { all("#bulk input[name=seen]").forEach(function (one) { one.checked = one === box; }); count(); $("#bulk").requestSubmit(); } else if (row) open(row, ""); break;
      case "e": case "r": case "c": case "t": if (!row) return; open(row, "#" + event.key); break;
      default: return;
    }
    event.preventDefault();
  }

  /* --- one draft --- */
  var form = $("#decide"), text = form && $("textarea", form), behind = form && $(".aj-behind", form);
  function token() { return $("input[name=csrfmiddlewaretoken]", form).value; }
  function post(address, data) {
    var body = new URLSearchParams(data); body.set("csrfmiddlewaretoken", token());
    return fetch(address, { method: "POST", body: body, credentials: "same-origin", keepalive: true });
  }
  function paint(marks) {
    var letters = Array.from(text.value), level = new Array(letters.length), rank = { note: 1, ask: 2, stop: 3 };
    marks.forEach(function (mark) { mark.spans.forEach(function (span) {
      for (var i = span[0]; i < span[1] && i < letters.length; i++) if (!level[i] || rank[mark.level] > rank[level[i]]) level[i] = mark.level;
    }); });
    behind.textContent = "";
    for (var i = 0; i < letters.length;) {
      var end = i; while (end < letters.length && level[end] === level[i]) end++;
      var words = letters.slice(i, end).join("");
      if (level[i]) { var mark = document.createElement("mark"); mark.className = "aj-m-" + level[i]; mark.textContent = words; behind.appendChild(mark); }
      else behind.appendChild(document.createTextNode(words));
      i = end;
    }
    behind.appendChild(document.createTextNode("\n"));
    behind.scrollTop = text.scrollTop;
  }
  function tell(marks) {
    var overruling = $("#overruling");
    if (overruling) overruling.hidden = !marks.some(function (mark) { return mark.level === "stop"; });
    var list = $("#findings"); list.textContent = "";
    (marks.length ? marks : [{ level: "fine", words: list.dataset.fine }]).forEach(function (mark) {
      var item = document.createElement("li"); item.className = "aj-m-" + mark.level; item.textContent = mark.words; list.appendChild(item);
    });
  }
  var timer = 0, asked = 0;
  function check() {
    var mine = ++asked;
    post(form.dataset.check, { text: text.value }).then(function (answer) { return answer.ok ? answer.json() : null; }).then(function (answer) {
      if (!answer || mine !== asked) return;
      paint(answer.marks); tell(answer.marks); form.dataset.checked = text.value;
    }).catch(function () { /* the server checks again at the verdict */ });
  }
  /* A verdict is a press of its own: not a key that is held down, not the second half of a double press on the draft before. */
  var shownAt = performance.now();
  function meant(event) { return !event.repeat && performance.now() - shownAt > 300; }
  function submit(value) { var button = $("button[value=" + value + "]", form); if (button && !button.disabled) button.click(); }
  function draftKey(event) {
    var link, rejecting = $("#rejecting");
    if (rejecting && rejecting.open && /^[1-9]$/.test(event.key)) {
      var choice = form.querySelectorAll("input[name=reason_code]")[Number(event.key) - 1];
      if (choice) { choice.checked = true; $("input[name=reason]", form).focus(); event.preventDefault(); }
      return;
    }
    switch (event.key) {
      case "a": if (meant(event)) submit("approve"); break;
      case "e": text.focus(); text.setSelectionRange(text.value.length, text.value.length); break;
      case "r": if (!rejecting) return; rejecting.open = true; rejecting.scrollIntoView({ block: "nearest" }); break;
      case "c": if (meant(event)) submit("record"); break;
      case "t": if (meant(event)) submit("take_over"); break;
      case "j": case "n": link = $("#next"); break;
      case "k": link = $("#previous"); break;
      case "q": link = $("#queue"); break;
      default: return;
    }
    if (link) window.location = link.href;
    event.preventDefault();
  }
  var known = $("#marks"); if (form && known) paint(JSON.parse(known.textContent));
  if (form && form.dataset.check) {
    text.addEventListener("input", function () { behind.textContent = ""; clearTimeout(timer); timer = setTimeout(check, 350); });
    text.addEventListener("scroll", function () { behind.scrollTop = text.scrollTop; });
    $("input[name=reason]", form).addEventListener("keydown", function (event) { /* The Enter that ends a word of an input method is not meant for us. */ if (event.key === "Enter" && !event.isComposing) { event.preventDefault(); submit("reject"); } });
    var leaving = false;
    form.addEventListener("submit", function () { leaving = true; });
    setInterval(function () {
      if (!document.hidden) post(form.dataset.claim, { do: "keep" }).then(function (answer) { return answer.ok ? answer.json() : { mine: false }; }).then(function (answer) {
        if (!answer.mine) document.dispatchEvent(new CustomEvent("aijia:ask"));
      }).catch(function () { /* asked again soon */ });
    }, 120000);
    /* From the queue one comes with what one wants to do: it is prepared, never done. */
    var ahead = { "#e": "e", "#r": "r" }[window.location.hash], wanted = { "#c": "record", "#t": "take_over" }[window.location.hash];
    if (ahead) draftKey({ key: ahead, preventDefault: function () {} });
    if (wanted) { var button = $("button[value=" + wanted + "]", form); if (button) button.focus(); }
    if (window.location.hash) history.replaceState(null, "", window.location.pathname + window.location.search);
    /* Words that were being written when the page was loaded anew. */
    var kept = "draft-" + form.dataset.draft, before = sessionStorage.getItem(kept);
    if (before !== null) { sessionStorage.removeItem(kept); if (before !== text.value) { text.value = before; check(); } }
    document.addEventListener("aijia:reload", function () { leaving = true; if (text.value !== text.defaultValue) sessionStorage.setItem(kept, text.value); });
    window.addEventListener("pagehide", function () {
      if (!leaving) { var data = new FormData(); data.set("do", "give_back"); data.set("csrfmiddlewaretoken", token()); navigator.sendBeacon(form.dataset.claim, data); }
    });
  }
  /* --- what happens meanwhile: a new message, another verdict, a newer draft --- */
  document.addEventListener("aijia:changed", function (event) {
    var keys = event.detail.keys;
    if (!form || keys.indexOf("messages") < 0 && keys.indexOf("draft") < 0) return;
    event.detail.fetchPage().then(function (page) {
      if (!page) return;
      var thread = $("#thread"), fresh = page.querySelector("#thread"), standing = page.querySelector("#standing"), news = $("#news");
      if (keys.indexOf("draft") >= 0 && standing) {
        $("#standing").innerHTML = standing.innerHTML;
        if (!page.querySelector("#decide[data-check]") && form.dataset.check) {
          all("#decide button, #decide input[type=radio]").forEach(function (one) { one.disabled = true; });
          text.readOnly = true; news.hidden = true;
          return;
        }
      }
      if (!thread || !fresh) return;
      var come = Array.prototype.slice.call(fresh.querySelectorAll("li[id]")).filter(function (line) { return !document.getElementById(line.id); });
      thread.innerHTML = fresh.innerHTML; document.dispatchEvent(new CustomEvent("aijia:fresh")); bottom();
      come.forEach(function (line) { var shown = document.getElementById(line.id); if (shown) shown.classList.add("aj-new"); });
      if (!come.length && keys.indexOf("draft") < 0) return;
      $("[data-news]", news).textContent = come.map(function (line) { var said = line.querySelector(".aj-said"); return "“" + (said ? said.textContent.trim().slice(0, 60) : "") + "”"; }).slice(-2).join(" ");
      news.hidden = false;
    });
  });
  function bottom() {
    all(".aj-thread").forEach(function (thread) {
      var sought = $(".aj-cause", thread);
      thread.scrollTop = sought && thread.closest(".aj-chat") ? sought.offsetTop - thread.offsetTop - thread.clientHeight / 3 : thread.scrollHeight;
    });
  }
  bottom();

  document.addEventListener("keydown", function (event) {
    if (form && (event.ctrlKey || event.metaKey) && event.key === "Enter") { if (meant(event)) submit("approve"); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && form && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (bulk) queueKey(event); else if (form) draftKey(event);
  });
})();
