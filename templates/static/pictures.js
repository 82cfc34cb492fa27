// A picture that the service had no time for is asked for again, as drawing one may take it half a minute; one that it
// cannot draw is not. Read before the page, which hears of every picture in this way: such an error does not bubble.
(() => {
  const PAUSE = 5000;
  const MOST = 3;
  const BUSY = [0, 503];
  const askedAgain = new WeakMap();
  const ask = (picture, name) => {
    const address = picture.getAttribute(name);
    const answered = performance.getEntriesByName(new URL(address, document.baseURI).href).at(-1)?.responseStatus ?? 0;
    if (BUSY.includes(answered)) picture.setAttribute(name, address);
  };

  document.addEventListener(
    "error",
    ({ target: picture }) => {
      const name = { IMG: "src", image: "href" }[picture.tagName];
      const times = askedAgain.get(picture) ?? 0;
      if (!name || times === MOST) return;
      askedAgain.set(picture, times + 1);
      setTimeout(ask, PAUSE, picture, name);
    },
    true,
  );
})();
