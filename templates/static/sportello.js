// Every htmx request carries the anti-forgery token; after a swap, a new error summary takes the focus.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.body.dataset.csrf;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});
document.addEventListener("htmx:afterSettle", () => {
  const errors = document.getElementById("errori");
  if (errors) errors.focus();
});
// What a refused page marks to take the focus takes it also where the browser gives it to form controls alone.
document.addEventListener("DOMContentLoaded", () => {
  const wrong = document.querySelector("main [autofocus]");
  if (wrong) wrong.focus();
});
