// Facts in the order of the troubleshooting guide, with words for their keys and values. A key that is new has its place by
// its first part, and words made from the key.

const GROUPS = [
  ["Transport", /^(smart_licensing_enabled|slp_enabled|transport\.(?!url|cslu_address))/],
  ["URL", /^(transport\.(url|cslu_address)|call_home\.)/],
  ["Trust", /^(overall_trust|trust_codes|udis|trustpoints)/],
  ["Clock", /^(clock|ntp)\./],
  ["Reporting", /^(reporting|policy|rum)\./],
  ["Communication", /^(communication|communication_level|overall_state|log)$/],
  ["Account", /^account\./],
  ["Licences and authorization", /^(licenses|authorization|registration)/],
  ["Names, HTTP and interfaces", /^(dns|http)\.|^(interfaces|vrfs)$/],
  ["Device", /./],
];

const WORDS = {
  smart_licensing_enabled: "Smart Licensing enabled", slp_enabled: "Smart Licensing Using Policy",
  "transport.url": "Smart transport URL", "transport.cslu_address": "CSLU or On-Prem address", "transport.vrf": "VRF",
  "account.as_of": "Account as of", "policy.in_use": "Policy in use", "policy.ack_required": "ACK required",
  "policy.min_reporting_frequency_days": "Shortest reporting frequency (days)", "reporting.last_ack": "Last ACK received",
  "reporting.next_ack_deadline": "Next ACK deadline", "reporting.next_ack_push_check": "Next ACK push check",
  "reporting.push_interval_days": "Push interval (days)", "reporting.send_rum_expired": "Sending job expired",
  "rum.total": "RUM reports", "rum.waiting_for_ack": "RUM reports waiting for ACK", "rum.available_to_report": "RUM reports to be sent",
  udis: "UDIs", "clock.ntp_synchronized": "Synchronized with NTP", "clock.offset_s": "Offset to the collector (s)",
  "clock.device_time": "Time of the device", "ntp.servers": "NTP servers", "ntp.master": "Is its own reference (ntp master)",
  "dns.servers": "Name servers", "dns.domain": "Domain name", "dns.lookup_enabled": "Lookup enabled", "dns.hosts": "Names of ip host",
  vrfs: "VRFs", log: "Licensing messages in the log", communication: "Channels", "http.sl_http_active": "SL_HTTP active",
  "device.os_version": "Software release", "device.uptime_s": "Uptime", licenses: "Licences", "call_home.vrf": "Call Home VRF",
  "http.client_trustpoint": "Trustpoint of the HTTP client", "authorization.installed": "Authorization code installed",
  "http.secure_server_trustpoint": "Trustpoint of the HTTPS server", "http.secure_server_enabled": "HTTPS server enabled",
};

function factWords(key) {
  if (WORDS[key]) return WORDS[key];
  const text = key.replace(/^(transport|policy|reporting|clock|account|device|dns|rum)\./, "").replace(/[._]/g, " ");
  const spelled = text.replace(/^call home/, "Call Home").replace(/\b(http|ntp|dns|vrf|url|ack|id|pid|ca|os|udi)(s?)\b/g, (_, word, s) => word.toUpperCase() + s);
  return spelled[0].toUpperCase() + spelled.slice(1);
}

// Keys of each group, in the order of the report.
function groupFacts(facts) {
  const groups = GROUPS.map(([title]) => ({ title, keys: [] }));
  for (const key of Object.keys(facts)) {
    const at = GROUPS.findIndex(([, pattern]) => pattern.test(key));
    groups[at].keys.push(key);
  }
  return groups.filter((group) => group.keys.length);
}

// A value in words, lines or a table.
function factValue(key, value) {
  if (value === null) return h("span.sub", null, "none");
  if (value === "") return h("span.sub", null, "empty");
  if (value === true) return "yes";
  if (value === false) return "no";
  if (key === "device.uptime_s") return uptime(value);
  if (typeof value === "number") return thousands(value);
  if (typeof value === "string") return h("bdi", null, value);
  if (isTime(value)) return timeWords(value);
  if (Array.isArray(value)) return listValue(value);
  return h("code", null, JSON.stringify(value));
}

const isTime = (value) => value !== null && typeof value === "object" && "text" in value && "utc" in value;

// As the device prints it; the offset to UTC is known only where `utc` is.
function timeWords(value) {
  return h("span", { title: value.utc ?? "the device's offset to UTC is not known" }, h("bdi", null, value.text));
}

function uptime(seconds) {
  const [days, hours] = [Math.floor(seconds / 86400), Math.floor((seconds % 86400) / 3600)];
  return days ? `${plural(days, "day")}, ${plural(hours, "hour")}` : plural(hours, "hour");
}

function listValue(items) {
  if (!items.length) return h("span.sub", null, "none");
  if (items.every((item) => typeof item !== "object" || item === null)) {
    return h("ul.plain", null, items.map((item) => h("li", null, h("bdi", null, String(item)))));
  }
  return isChannels(items) ? channelTable(items) : objectTable(items);
}

// A table with a column for each key that says something in at least one row.
function objectTable(items) {
  const keys = [...new Set(items.flatMap((item) => Object.keys(item)))];
  const told = keys.filter((key) => items.some((item) => item[key] !== null && item[key] !== "" && item[key]?.length !== 0));
  return h("div.scroll", { tabindex: 0, role: "group", "aria-label": "table" }, h("table.small", null,
    h("thead", null, h("tr", null, told.map((key) => h("th", { scope: "col" }, factWords(key))))),
    h("tbody", null, items.map((item) => h("tr", null, told.map((key) =>
      h(typeof item[key] === "number" ? "td.num" : "td", null, cellValue(item[key]))))))));
}

function cellValue(value) {
  if (value === null || value === undefined || value === "") return "";
  if (Array.isArray(value)) return h("bdi", null, value.join(", "));
  return factValue("", value);
}

const isChannels = (items) => items.every((item) => "ongoing_overall" in item);

// Channels that were used, failing ones first; the others by name.
function channelTable(channels) {
  const used = channels.filter((channel) => channel.total > 0).sort((a, b) => Math.sign(b.ongoing_overall) - Math.sign(a.ongoing_overall));
  const unused = channels.filter((channel) => !channel.total).map((channel) => factWords(channel.channel).toLowerCase());
  const row = (channel) => h(channel.ongoing_overall > 0 ? "tr.failing" : "tr", null,
    h("th", { scope: "row" }, factWords(channel.channel)),
    h("td", null, channel.ongoing_overall > 0 ? h("strong", null, `fails: ${thousands(channel.ongoing_overall)} since the last success`) : "works"),
    h("td.num", null, `${thousands(channel.success)} / ${thousands(channel.fail)}`),
    h("td", null, cellValue(channel.last_response)),
    h("td", null, cellValue(channel.failure_reason)),
    h("td", null, cellValue(channel.last_success)));
  return [
    used.length > 0 && h("div.scroll", { tabindex: 0, role: "group", "aria-label": "channels" }, h("table.small", null,
      h("thead", null, h("tr", null, ["Channel", "Now", "Success / fail", "Last response", "Last failure's reason", "Last success"].map((title) =>
        h("th", { scope: "col" }, title)))),
      h("tbody", null, used.map(row)))),
    unused.length > 0 && h("p.sub", null, `Never used: ${unused.join(", ")}`),
  ];
}
