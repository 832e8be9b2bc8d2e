/* What is long is short until somebody wants all of it: words beyond some lines (data-clip), rows of a list beyond some (data-fold).
   Without this script everything is shown. */
(function () {
  "use strict";
  var root = null, opened = {};
  var all = function (selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); };
  function button(words, press) {
    var made = document.createElement("button");
    made.type = "button"; made.className = "aj-whole"; made.textContent = words; made.addEventListener("click", press);
    return made;
  }
  function fold(list, index) {
    var most = Number(list.dataset.fold), rows = Array.prototype.slice.call(list.children), key = "fold" + index;
    if (list.nextElementSibling && list.nextElementSibling.classList.contains("aj-whole")) list.nextElementSibling.remove();
    if (rows.length <= most + 1 || opened[key]) return;
    rows.slice(most).forEach(function (row) { row.hidden = true; });
    var more = button(root.dataset.more.replace("{n}", rows.length - most), function () {
      opened[key] = true; rows.forEach(function (row) { row.hidden = false; }); more.remove(); clipAll();
    });
    list.after(more);
  }
  function clipAll() {
    /* Measured together, then written together. */
    var found = all("[data-clip]:not(.aj-clip):not(.aj-clipped)").filter(function (one) { return one.offsetParent !== null; });
    found.forEach(function (one) { one.style.setProperty("--lines", one.dataset.clip); one.classList.add("aj-clip"); });
    found.map(function (one) { return one.scrollHeight > one.clientHeight + 4; }).forEach(function (long, index) {
      var one = found[index], line = one.closest("li[id]");
      one.classList.add("aj-clipped");
      if (!long) { one.classList.remove("aj-clip"); return; }
      var more = button(root.dataset.whole, function () { var shut = one.classList.toggle("aj-clip"); more.textContent = shut ? root.dataset.whole : root.dataset.less; if (line) opened[line.id] = !shut; });
      /* What somebody opened stays open when something new comes. */
      if (line && opened[line.id]) { one.classList.remove("aj-clip"); more.textContent = root.dataset.less; }
      one.after(more);
    });
  }
  function shorten() { root = document.querySelector("[data-live-url]"); if (!root) return; all("[data-fold]").forEach(fold); clipAll(); }
  document.addEventListener("aijia:fresh", shorten);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", shorten); else shorten();
})();
