// Every htmx request carries the anti-forgery token; an error summary that a swap brought takes the focus, and only then:
// while one mends a field the page is saved, and the focus stays where one types.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.body.dataset.csrf;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const errors = document.getElementById("errori");
  if (errors && event.target.contains(errors)) errors.focus();
});
// What a refused page marks to take the focus takes it also where the browser gives it to form controls alone; whoever
// follows a link to one field stays there.
document.addEventListener("DOMContentLoaded", () => {
  const wrong = document.querySelector("main [autofocus]");
  if (wrong && !document.querySelector(":target")) wrong.focus();
});
