/* The chat page of the local WeCom: plain script, no framework, nothing from outside. */
"use strict";
const WORDS = {
  zh: { local: "本地企业微信（演示）", search: "搜索聊天或成员", as: "以谁的身份", write: "输入消息，Enter 发送，Shift+Enter 换行", send: "发送",
    choose: "选择左侧的一个聊天，以任何人的身份发言", attach: "图片或文件", private: "单聊", kf: "微信客服", customer_group: "客户群",
    internal_group: "内部群", partner_group: "合作方群", app: "应用消息", recalled: "撤回了一条消息", recall: "撤回", quote: "引用",
    staff: "员工", external: "微信用户", partner: "合作方", robot: "机器人", program: "接口发送", tap: "待发送，点一下以「{name}」的身份发出",
    tapb: "点击发送", waits: "待发送", people: "{n} 人", window: "还可回复 {left} 条，{hours} 小时内", closed: "回复窗口已关闭",
    human: "人工接待中", end: "结束会话", ended: "会话已结束", failed: "未送达", file: "文件", image: "[图片]", voice: "[语音]", video: "[视频]",
    location: "[位置]", link: "[链接]", mass: "群发任务：由「{name}」确认后发给 {n} 个聊天", confirm: "确认发送", empty: "这里还没有企业。先装入演示公司。",
    lost: "连接断开，正在重试…", you: "", today: "今天", yesterday: "昨天", entered: "进入会话", none: "还没有消息" },
  en: { local: "Local WeCom (demo)", search: "Search chats or people", as: "Write as", write: "Message. Enter sends, Shift+Enter breaks the line", send: "Send",
    choose: "Choose a chat on the left and write as anybody", attach: "Picture or file", private: "Private chats", kf: "WeChat customer service", customer_group: "Customer groups",
    internal_group: "Internal groups", partner_group: "Partner groups", app: "App messages", recalled: "took a message back", recall: "Recall", quote: "Quote",
    staff: "Staff", external: "WeChat user", partner: "Partner", robot: "Robot", program: "by API", tap: "Prepared: one tap sends it as {name}",
    tapb: "Tap to send", waits: "to send", people: "{n} people", window: "{left} replies left, {hours} h", closed: "Reply window closed",
    human: "Served by a person", end: "End session", ended: "Session ended", failed: "not delivered", file: "File", image: "[Picture]", voice: "[Voice]", video: "[Video]",
    location: "[Location]", link: "[Link]", mass: "Mass message: goes to {n} chats when {name} confirms", confirm: "Confirm", empty: "There is no company here yet. Load the demo company.",
    lost: "Connection lost, trying again…", you: "", today: "Today", yesterday: "Yesterday", entered: "opened the session", none: "No messages yet" },
};
const KINDS = ["single", "kf", "customer_group", "partner_group", "internal_group", "app"];
const $ = (id) => document.getElementById(id);
const stored = (key, fallback) => { try { return localStorage.getItem("wecom-sandbox-" + key) ?? fallback; } catch { return fallback; } };
const store = (key, value) => { try { localStorage.setItem("wecom-sandbox-" + key, value); } catch { /* private mode */ } };
const state = { lang: stored("lang", document.body.dataset.language === "en" ? "en" : "zh"), seq: 0, users: new Map(), chats: [], messages: new Map(),
  byId: new Map(), open: Number(stored("open", 0)) || 0, as: {}, read: {}, prepared: [], tasks: [], tokens: new Map(), quote: null, files: [], corp: null, query: "", first: true };
try { state.as = JSON.parse(stored("as", "{}")); state.read = JSON.parse(stored("read", "{}")); } catch { /* start anew */ }
const t = (key, values = {}) => (WORDS[state.lang][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}
function toast(words) { $("toast").textContent = words; $("toast").hidden = false; clearTimeout(toast.timer); toast.timer = setTimeout(() => { $("toast").hidden = true; }, 3600); }
async function call(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { "X-Sandbox": "1", ...(options.headers || {}) } });
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(data.message || data.error || `HTTP ${answer.status}`);
  return data;
}
const json = (path, body) => call(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
const corpQuery = () => encodeURIComponent(stored("corp", ""));
const chatOf = (id) => state.chats.find((chat) => chat.id === id);
const log = (id) => state.messages.get(id) || [];
const initial = (name) => { const clean = (name || "?").trim().replace(/^([\u4e00-\u9fff])(?:先生|女士|小姐|阿姨|太太|师傅|姐|总).*$/, "$1"); return /^[\u4e00-\u9fff]+$/.test(clean) && clean.length > 2 ? clean.slice(-2) : clean.slice(0, clean.charCodeAt(0) > 255 ? 1 : 2); };
function avatar(name, kind) { const node = el("span", { class: `avatar ${kind}`, "aria-hidden": "true" }, initial(name)); if (node.textContent.length > 1) node.style.fontSize = ".82em"; return node; }
const words = (m) => m.media ? (m.type === "image" ? t("image") : m.type === "file" ? `[${t("file")}] ${m.media.name}` : t(m.type)) : m.content.content || (m.type === "location" ? `${t("location")} ${m.content.title || m.content.name || ""} ${m.content.address || ""}` : m.type === "link" ? `${t("link")} ${m.content.title || ""}` : `[${m.type}]`);
function clock(ms) { return new Date(ms).toLocaleTimeString(state.lang === "zh" ? "zh-CN" : "en-GB", { hour: "2-digit", minute: "2-digit" }); }
function dayName(ms) {
  const day = new Date(ms), now = new Date(), gap = Math.round((new Date(now.getFullYear(), now.getMonth(), now.getDate()) - new Date(day.getFullYear(), day.getMonth(), day.getDate())) / 864e5);
  return gap === 0 ? t("today") : gap === 1 ? t("yesterday") : day.toLocaleDateString(state.lang === "zh" ? "zh-CN" : "en-GB", { month: "short", day: "numeric" });
}
const brief = (ms) => dayName(ms) === t("today") ? clock(ms) : dayName(ms);

function take(data) {
  if (data.users) state.users = new Map(data.users.map((user) => [user.id, user]));
  if (data.corp) { state.corp = data.corp; $("corp-name").textContent = data.corp.name; }
  if (data.corps && data.corps.length > 1) {
    $("corp").hidden = false;
    $("corp").replaceChildren(...data.corps.map((c) => el("option", { value: c.key, selected: c.key === state.corp.key }, c.name)));
  }
  const changed = state.first || data.messages.length > 0;
  for (const message of data.messages) {
    if (message.action === "recall" || message.content.event_type) {
      const target = state.byId.get(message.content.pre_msgid || message.content.recall_msgid || message.content.fail_msgid);
      if (target && message.content.fail_msgid) target.failed = message.content.fail_type; else if (target) target.recalled = true;
      if (message.action === "recall" || !["session_status_change", "enter_session"].includes(message.content.event_type)) continue;
    }
    if (state.byId.has(message.msgid)) continue;
    state.byId.set(message.msgid, message);
    if (!state.messages.has(message.chat)) state.messages.set(message.chat, []);
    state.messages.get(message.chat).push(message);
  }
  const shape = JSON.stringify(data.chats) + data.tasks.length;
  const moved = shape !== take.shape;
  take.shape = shape;
  state.chats = data.chats; state.tasks = data.tasks; state.seq = Math.max(state.seq, data.seq);
  if (state.first) { for (const chat of state.chats) if (state.read[chat.id] === undefined) state.read[chat.id] = (log(chat.id).at(-1) || {}).seq || 0; state.first = false; }
  if (changed || moved) { drawList(); drawRoom(data.messages.some((m) => m.chat === state.open)); }
}
function unread(chat) { return chat.id === state.open ? 0 : log(chat.id).filter((m) => m.seq > (state.read[chat.id] || 0)).length; }
const preparedIn = (chat) => state.prepared.filter((p) => p.chat === chat.id);
function drawList() {
  const query = state.query.toLowerCase(), sections = [];
  for (const kind of KINDS) {
    const chats = state.chats.filter((c) => c.kind === kind && (kind !== "app" || log(c.id).length || c.id === state.open) && (!query || c.name.toLowerCase().includes(query) || c.members.some((m) => (state.users.get(m)?.name || "").toLowerCase().includes(query))));
    if (!chats.length) continue;
    chats.sort((a, b) => ((log(b.id).at(-1) || {}).seq || 0) - ((log(a.id).at(-1) || {}).seq || 0));
    sections.push(el("div", { class: "group-name" }, el("span", {}, t(kind === "single" ? "private" : kind)), el("span", {}, String(chats.length))));
    for (const chat of chats) {
      const last = log(chat.id).filter((m) => !m.content.event_type).at(-1), count = unread(chat), taps = preparedIn(chat).length;
      const label = chat.kind === "single" || chat.kind === "kf" ? chat.name : chat.name;
      sections.push(el("button", { class: `chat${chat.id === state.open ? " open" : ""}`, type: "button", "data-chat": chat.chat_id, onclick: () => openChat(chat.id) },
        avatar(label, chat.kind === "single" ? memberKind(chat) : chat.kind),
        el("span", { class: "mid" }, el("div", { class: "name" }, label), el("div", { class: "last" }, last ? (last.recalled ? `${last.name} ${t("recalled")}` : `${["single", "kf", "app"].includes(chat.kind) ? "" : last.name + "："}${words(last)}`) : t("none"))),
        el("span", { class: "end" }, last ? brief(last.at) : "", taps ? el("span", { class: "badge tap", title: t("waits") }, `${t("waits")} ${taps}`) : count ? el("span", { class: "badge" }, String(count)) : "")));
    }
  }
  $("chats").replaceChildren(...sections);
}
function memberKind(chat) { const other = chat.members.map((m) => state.users.get(m)).find((u) => u && u.kind !== "staff"); return other ? other.kind : "staff"; }
function openChat(id) {
  if (state.open !== id) { state.quote = null; state.files = []; $("text").value = ""; }
  state.open = id; store("open", id); document.querySelector(".app").classList.add("in-room");
  drawList(); drawRoom(true); drawExtras(); if (matchMedia("(min-width:761px)").matches) $("text").focus();
}
function members(chat) { return chat.members.map((id) => state.users.get(id)).filter(Boolean); }
function speaker(chat) {
  const people = members(chat), chosen = people.find((u) => u.id === state.as[chat.id]);
  return chosen || people.find((u) => u.kind === (chat.kind === "partner_group" ? "partner" : "external")) || people.find((u) => u.kind !== "staff") || people[0];
}
function drawRoom(down) {
  const chat = chatOf(state.open);
  $("nothing").hidden = Boolean(chat); $("room-head").hidden = !chat; $("composer").hidden = !chat; $("log").hidden = !chat;
  if (!chat) { $("prepared").hidden = true; return; }
  const people = members(chat), me = speaker(chat), box = $("log"), atEnd = down || box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  $("room-name").textContent = chat.name;
  $("room-sub").textContent = (people.length > 2 ? t("people", { n: people.length }) + " · " : "") + people.map((u) => u.name + (u.corp ? `@${u.corp}` : "")).join("、");
  const tools = [];
  if (chat.kf) {
    const hours = chat.kf.until ? Math.max(0, Math.floor((chat.kf.until - Date.now()) / 36e5)) : 0;
    tools.push(chat.kf.state === 3 ? el("span", { class: "pill warn" }, t("human")) : el("span", { class: `pill${hours && chat.kf.left ? "" : " warn"}` }, hours && chat.kf.left ? t("window", { left: chat.kf.left, hours }) : t("closed")));
    if ([1, 3].includes(chat.kf.state)) tools.push(el("button", { class: "ghost", type: "button", onclick: () => act(() => json("page/end", { chat: chat.id })) }, t("end")));
  }
  $("room-tools").replaceChildren(...tools);
  const rows = []; let before = 0;
  for (const m of log(chat.id)) {
    if (!before || m.at - before > 6e5) rows.push(el("div", { class: "day" }, `${dayName(m.at)} ${clock(m.at)}`));
    before = m.at;
    if (m.content.event_type) { rows.push(el("div", { class: "notice" }, t(m.content.event_type === "enter_session" ? "entered" : "ended"))); continue; }
    if (m.recalled) { rows.push(el("div", { class: "notice" }, `${m.name} ${t("recalled")}`)); continue; }
    const user = state.users.get(m.sender), mine = me && m.sender === me.id, kind = m.api ? "app" : user ? user.kind : "robot";
    const bubble = m.media && m.type === "image"
      ? el("div", { class: "bubble picture" }, el("a", { href: `page/media/${m.media.id}`, target: "_blank", rel: "noopener" }, el("img", { src: `page/media/${m.media.id}`, alt: m.media.name, loading: "lazy", onload: () => { if (atEnd) box.scrollTop = box.scrollHeight; } })))
      : m.media ? el("div", { class: "bubble" }, el("a", { href: `page/media/${m.media.id}` }, `📎 ${m.media.name}`))
      : el("div", { class: "bubble" }, m.quote ? el("div", { class: "quoted" }, `${m.quote.name}：${m.quote.text}`) : null, words(m));
    rows.push(el("div", { class: `msg${mine ? " mine" : ""}`, "data-msgid": m.msgid }, avatar(m.name, kind === "app" ? "app" : kind),
      el("div", { class: "body" },
        el("div", { class: "who" }, mine ? null : m.name, el("i", { class: kind }, m.api ? t("program") : user ? user.corp || t(user.kind) : t("robot")), el("span", {}, clock(m.at))),
        bubble, m.failed !== undefined && m.failed !== "" ? el("div", { class: "failed" }, t("failed")) : null,
        m.api ? null : el("div", { class: "acts" }, el("button", { type: "button", onclick: () => { state.quote = m; drawExtras(); $("text").focus(); } }, t("quote")),
          mine ? el("button", { type: "button", onclick: () => act(() => json("page/recall", { msgid: m.msgid })) }, t("recall")) : null))));
  }
  if (!rows.length) rows.push(el("div", { class: "notice" }, t("none")));
  const top = box.scrollTop; box.replaceChildren(...rows); box.scrollTop = atEnd ? box.scrollHeight : top;
  $("as").replaceChildren(...people.map((user) => el("button", { type: "button", role: "radio", "aria-checked": String(me && user.id === me.id), onclick: () => { state.as[chat.id] = user.id; store("as", JSON.stringify(state.as)); drawRoom(false); drawExtras(); } }, avatar(user.name, user.kind), user.name)));
  const last = log(chat.id).at(-1);
  if (last && document.visibilityState === "visible" && (matchMedia("(min-width:761px)").matches || document.querySelector(".app").classList.contains("in-room"))) { state.read[chat.id] = last.seq; store("read", JSON.stringify(state.read)); }
}
function drawExtras() {
  const chat = chatOf(state.open); if (!chat) return;
  const cards = preparedIn(chat).map((p) => {
    const button = el("button", { class: "primary", type: "button", onclick: () => { button.disabled = true; tap(p).catch((error) => { toast(error.message); button.disabled = false; }); } }, t("tapb"));
    return el("div", { class: "card", "data-prepared": p.outbound_id }, el("div", { class: "words" }, el("small", {}, t("tap", { name: p.by.name })), p.text), button);
  });
  for (const task of state.tasks) {
    const sender = state.users.get(task.sender);
    if (!sender || !chat.members.includes(sender.id)) continue;
    const button = el("button", { class: "primary", type: "button", onclick: () => { button.disabled = true; act(() => json("page/confirm", { msgid: task.msgid })); } }, t("confirm"));
    cards.push(el("div", { class: "card" }, el("div", { class: "words" }, el("small", {}, t("mass", { name: sender.name, n: task.targets })), task.text), button));
  }
  const shape = cards.map((c) => c.textContent).join("|") + chat.id + state.lang;
  if (shape !== drawExtras.shape) { drawExtras.shape = shape; $("prepared").replaceChildren(...cards); }
  $("prepared").hidden = !cards.length;
  $("quote").hidden = !state.quote;
  if (state.quote) $("quote").replaceChildren(el("span", {}, `${state.quote.name}：${words(state.quote)}`), el("button", { type: "button", onclick: () => { state.quote = null; drawExtras(); } }, "✕"));
  $("files").hidden = !state.files.length;
  $("files").replaceChildren(...state.files.map((file, index) => el("span", {}, file.type.startsWith("image/") ? el("img", { src: file.preview, alt: file.name }) : file.name, el("button", { type: "button", onclick: () => { state.files.splice(index, 1); drawExtras(); } }, "✕"))));
}
async function act(work) { try { await work(); await refresh(); } catch (error) { toast(error.message); } }
async function say(chat, sender, text, files = [], quote = null) {
  const form = new FormData(); form.set("chat", chat.id); form.set("sender", sender.id); form.set("text", text);
  if (quote) form.set("quote", quote.msgid); for (const file of files) form.append("file", file);
  await call("page/post", { method: "POST", body: form });
}
/* The sidebar: WeCom opens it with a one-time code; the product turns the code into a token and lists what waits for this member. */
async function sidebar(user, path, options = {}) {
  for (let again = 0; again < 2; again += 1) {
    if (!state.tokens.has(user.id)) {
      const { code } = await json("page/oauth", { user: user.id });
      const answer = await fetch(`${state.corp.toolbar}token`, { method: "POST", body: JSON.stringify({ code }), headers: { "Content-Type": "application/json" } });
      if (!answer.ok) throw new Error(`sidebar ${answer.status}`);
      state.tokens.set(user.id, (await answer.json()).token);
    }
    const answer = await fetch(state.corp.toolbar + path, { ...options, headers: { Authorization: `Bearer ${state.tokens.get(user.id)}` } });
    if (answer.status === 401) { state.tokens.delete(user.id); continue; }
    const data = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(data.message || data.error || `sidebar ${answer.status}`);
    return data;
  }
  throw new Error("sidebar 401");
}
function chatFor(item, user) {
  return state.chats.find((c) => item.chat_id ? c.chat_id === item.chat_id : c.kind === "single" && c.members.includes(user.id) && members(c).some((u) => u.userid === item.external_userid));
}
async function lookForPrepared() {
  if (!state.corp) return;
  const inChats = new Set(state.chats.filter((c) => ["single", "customer_group", "partner_group"].includes(c.kind)).flatMap((c) => c.members));
  const staff = [...state.users.values()].filter((u) => u.kind === "staff" && inChats.has(u.id));
  const lists = await Promise.all(staff.map((user) => sidebar(user, "prepared").then((data) => data.prepared.map((item) => ({ ...item, by: user })), () => [])));
  const open = chatOf(state.open), me = open && speaker(open), found = new Map();
  for (const item of lists.flat()) {
    const chat = chatFor(item, item.by); if (!chat) continue;
    if (!found.has(item.outbound_id) || (me && item.by.id === me.id)) found.set(item.outbound_id, { ...item, chat: chat.id });
  }
  const next = [...found.values()].filter((p) => !tap.done.has(p.outbound_id)); // asked for before a tap, answered after it
  if (JSON.stringify(next.map((p) => [p.outbound_id, p.by.id])) !== JSON.stringify(state.prepared.map((p) => [p.outbound_id, p.by.id]))) { state.prepared = next; drawList(); drawExtras(); }
}
async function tap(item) {
  const answer = await sidebar(item.by, `prepared/${item.outbound_id}/tap`, { method: "POST" });
  await say(chatOf(item.chat), item.by, answer.text);
  state.prepared = state.prepared.filter((p) => p.outbound_id !== item.outbound_id); tap.done.add(item.outbound_id);
  drawList(); drawExtras(); await refresh();
}
tap.done = new Set();
async function refresh() {
  const data = await call(`page/poll?after=${state.seq}&users=${state.users.size}&corp=${corpQuery()}`);
  if (data.empty) { $("nothing").querySelector("p").textContent = t("empty"); return; }
  take(data);
}
let failures = 0;
async function loop() {
  try { await refresh(); failures = 0; } catch { failures += 1; if (failures === 3) toast(t("lost")); }
  setTimeout(loop, document.hidden ? 5000 : 1500);
}
async function loopPrepared() {
  try { await lookForPrepared(); } catch { /* the product is not there right now */ }
  setTimeout(loopPrepared, document.hidden ? 8000 : 2500);
}
function translate() {
  document.documentElement.lang = state.lang === "zh" ? "zh-Hans" : "en";
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of document.querySelectorAll("[data-p]")) { node.placeholder = t(node.dataset.p); node.setAttribute("aria-label", t(node.dataset.p)); }
  for (const node of document.querySelectorAll("[data-title]")) node.title = t(node.dataset.title);
  $("language").textContent = state.lang === "zh" ? "EN" : "中文";
}
$("language").addEventListener("click", () => { state.lang = state.lang === "zh" ? "en" : "zh"; store("lang", state.lang); translate(); drawList(); drawRoom(false); drawExtras(); });
$("corp").addEventListener("change", () => { store("corp", $("corp").value); store("open", 0); location.reload(); });
$("search").addEventListener("input", () => { state.query = $("search").value; drawList(); });
$("back").addEventListener("click", () => { document.querySelector(".app").classList.remove("in-room"); state.open = 0; store("open", 0); drawList(); drawRoom(false); });
function addFiles(list) { for (const file of list) { if (file.type.startsWith("image/")) file.preview = URL.createObjectURL(file); state.files.push(file); } drawExtras(); }
$("file").addEventListener("change", () => { addFiles($("file").files); $("file").value = ""; });
$("text").addEventListener("paste", (event) => { const files = [...event.clipboardData.files]; if (files.length) { event.preventDefault(); addFiles(files); } });
$("text").addEventListener("input", () => { const box = $("text"); box.style.height = "auto"; box.style.height = `${Math.min(box.scrollHeight + 2, 140)}px`; });
$("text").addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); $("composer").requestSubmit(); } });
$("composer").addEventListener("submit", async (event) => {
  event.preventDefault();
  const chat = chatOf(state.open), text = $("text").value, files = state.files;
  if (!chat || (!text.trim() && !files.length)) return;
  $("send").disabled = true;
  try { await say(chat, speaker(chat), text, files, state.quote); $("text").value = ""; $("text").style.height = ""; state.files = []; state.quote = null; drawExtras(); await refresh(); } catch (error) { toast(error.message); }
  $("send").disabled = false; if (matchMedia("(min-width:761px)").matches) $("text").focus();
});
translate(); drawRoom(false);
if (state.open) document.querySelector(".app").classList.add("in-room");
loop().then(() => setTimeout(loopPrepared, 400));
