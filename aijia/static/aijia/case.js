/* The page of a case: lanes that can be left out, and names offered after an @. */
(function () {
  "use strict";
  var lanes = document.getElementById("lanes");
  function filter() {
    lanes.querySelectorAll("input").forEach(function (box) {
      document.querySelectorAll(".aj-line.aj-lane-" + box.value).forEach(function (line) { line.style.display = box.checked ? "" : "none"; });
    });
  }
  if (lanes) lanes.addEventListener("change", filter);
  if (lanes) document.addEventListener("aijia:fresh", filter);
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
