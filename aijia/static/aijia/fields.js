/* Dates and clocks in the language of the page (browsers write them in their own), and files by their names. */
(function () {
  "use strict";

  /* The browser gives up on `autofocus` where the page is drawn anew while it loads: whoever comes to sign in types at once. */
  function begin() {
    var first = document.querySelector("[autofocus]");
    if (first && (document.activeElement === document.body || !document.activeElement)) first.focus();
  }
  document.addEventListener("DOMContentLoaded", begin); window.addEventListener("load", begin);

  var chinese = /^zh/.test(document.documentElement.lang);
  var MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  function words(value) {
    var found = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d))?/.exec(value), clock;
    if (!found) return value;
    clock = found[4] ? " " + found[4] : "";
    if (chinese) return found[1] + "年" + +found[2] + "月" + +found[3] + "日" + clock;
    return +found[3] + " " + MONTHS[found[2] - 1] + " " + found[1] + clock;
  }
  function label(input) {
    if (input.getAttribute("aria-label")) return input.getAttribute("aria-label");
    return { date: chinese ? "选择日期" : "Choose a day", time: chinese ? "选择时间" : "Choose a time" }[input.type] || (chinese ? "选择日期和时间" : "Choose day and time");
  }
  function show(input) { input.nextElementSibling.textContent = input.value ? words(input.value) : label(input); input.parentNode.classList.toggle("aj-unset", !input.value); }
  function dress(input) {
    if (input.parentNode.classList.contains("aj-when")) return show(input);
    var around = document.createElement("span"), said = document.createElement("span");
    around.className = "aj-when"; said.setAttribute("aria-hidden", "true");
    input.parentNode.insertBefore(around, input); around.appendChild(input); around.appendChild(said);
    show(input);
  }
  function all() { document.querySelectorAll("input[type=date], input[type=datetime-local], input[type=time]").forEach(dress); }
  document.addEventListener("input", function (event) {
    var input = event.target;
    if (input.parentNode && input.parentNode.classList && input.parentNode.classList.contains("aj-when")) show(input);
  });
  document.addEventListener("change", function (event) {
    var name = event.target.type === "file" && event.target.closest(".aj-choose-file");
    if (name) name.querySelector("[data-name]").textContent = Array.prototype.map.call(event.target.files, function (file) { return file.name; }).join("、") || name.dataset.none;
  });
  /* The whole field opens the calendar, not its icon alone. */
  document.addEventListener("click", function (event) {
    if (event.target.matches(".aj-when > input") && event.target.showPicker) try { event.target.showPicker(); } catch (_refused) { /* the browser has none, or shows it already */ }
  });
  document.addEventListener("aijia:fresh", all);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", all); else all();
})();
