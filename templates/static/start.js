// Before the first paint: styles that need scripts apply only where scripts run.
// The design system's video player would add inline styles, which this service forbids; it shows no videos.
window.VIDEOJS_NO_DYNAMIC_STYLE = true;
document.documentElement.classList.add("js");
