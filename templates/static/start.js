// Before the first paint: styles that need scripts apply only where scripts run.
document.documentElement.classList.add("js");
