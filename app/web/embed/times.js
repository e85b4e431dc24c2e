// Moments: how long ago as words, which go on with the clock, and day, minute and zone for who wants to know.

const STEPS = [["minute", 60], ["hour", 3600], ["day", 86400], ["week", 604800], ["month", 2629800], ["year", 31557600]];
const EXACT = new Intl.DateTimeFormat(WRITTEN, {
  year: "numeric", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const AGO = new Intl.RelativeTimeFormat(WRITTEN, { numeric: "auto" });

function ago(moment) {
  const seconds = (Date.now() - moment.getTime()) / 1000;
  if (seconds < 60) return say("just_now");
  const [unit, length] = STEPS.filter(([, least]) => seconds >= least).pop();
  return AGO.format(-Math.floor(seconds / length), unit);
}

function timeOf(text) {
  const moment = new Date(text);
  return el("time", { datetime: text, title: EXACT.format(moment) }, ago(moment));
}

function tick(root) {
  for (const time of root.querySelectorAll("time")) time.textContent = ago(new Date(time.dateTime));
}
