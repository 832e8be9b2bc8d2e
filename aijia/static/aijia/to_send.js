/* Copies a text so that it can be pasted into the chat. */
document.addEventListener("click", function (event) {
  "use strict";
  var button = event.target.closest("[data-copy]");
  if (!button) return;
  var words = button.closest("li").querySelector("[data-words]").textContent;
  if (navigator.clipboard) navigator.clipboard.writeText(words).then(function () { button.textContent = "✓"; });
});
