/* The page of a case: lanes that can be left out, the newest or the oldest first, and names offered after an @. */
(function () {
  "use strict";
  var lanes = document.getElementById("lanes"), story = document.getElementById("story"), turn = document.getElementById("turn");
  function kept(key, value) {
    try { if (value !== undefined) localStorage.setItem(key, value); return localStorage.getItem(key) || ""; } catch (error) { return ""; }
  }
  function filter() {
    lanes.querySelectorAll("input").forEach(function (box) {
      document.querySelectorAll("#story .aj-lane-" + box.value).forEach(function (line) { line.style.display = box.checked ? "" : "none"; });
    });
  }
  function order(forward) {
    story.classList.toggle("aj-forward", forward);
    turn.textContent = forward ? turn.dataset.back : turn.dataset.forward;
  }
  if (lanes) {
    /* Whoever leaves a lane out, or reads from the beginning, does so on every case. */
    var without = kept("aijia-lanes").split(" ");
    lanes.querySelectorAll("input").forEach(function (box) { box.checked = without.indexOf(box.value) < 0; });
    order(kept("aijia-story") === "forward"); filter();
    lanes.addEventListener("change", function () {
      kept("aijia-lanes", Array.prototype.filter.call(lanes.querySelectorAll("input"), function (box) { return !box.checked; }).map(function (box) { return box.value; }).join(" "));
      filter();
    });
    turn.addEventListener("click", function () { var forward = !story.classList.contains("aj-forward"); kept("aijia-story", forward ? "forward" : "back"); order(forward); });
    document.addEventListener("aijia:fresh", filter);
  }
  document.querySelectorAll("textarea[data-names]").forEach(function (area) {
    var names = area.dataset.names.split("|").filter(Boolean), box = document.createElement("div");
    box.className = "aj-pills"; box.style.marginBottom = ".4rem"; area.after(box);
    area.addEventListener("input", function () {
      var before = area.value.slice(0, area.selectionStart), found = /@([^\s@]{0,8})$/.exec(before);
      box.textContent = "";
      if (!found) return;
      names.filter(function (name) { return name.indexOf(found[1]) === 0; }).slice(0, 8).forEach(function (name) {
        var choice = document.createElement("button");
        choice.type = "button"; choice.className = "aj-pill aj-pill-violet"; choice.textContent = "@" + name;
        choice.addEventListener("click", function () {
          area.value = before.slice(0, before.length - found[0].length) + "@" + name + " " + area.value.slice(area.selectionStart);
          box.textContent = ""; area.focus();
        });
        box.appendChild(choice);
      });
    });
  });
})();
