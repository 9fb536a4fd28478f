/* Drives Firefox over WebDriver BiDi for the tests: each line that comes is an act of a reader, as JSON, and each that
   goes says what was found, or what failed. Controls are found in the accessibility tree, by role and name. */
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const PATIENCE = 15_000; // ms for what has to come: what does not by then is not coming

const browser = await puppeteer.launch({
  browser: "firefox", executablePath: process.argv[2], headless: true, defaultViewport: null,
  args: ["--width=1000", "--height=900"],
  extraPrefsFirefox: { "dom.w3c_touch_events.enabled": 1, "ui.prefersReducedMotion": 1 },
});
let page = null, faults = [];

/** Ask until there is an answer. */
async function until(ask, what) {
  for (const end = Date.now() + PATIENCE; ;) {
    const found = await ask();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited in vain: ${what()}`);
  }
}

/** Give a control of a cell: `{cell, role, name}`, or by `css` what has no role. */
async function control({ cell, role, name, css }) {
  const stage = await page.$(`live-cell[cell="${cell}"] .live-stage`);
  const wanted = css ?? `aria/${name ?? ""}${role ? `[role="${role}"]` : ""}`;
  const found = await until(() => stage.$(wanted), () => `${wanted} in ${cell}`);
  await found.evaluate(element => element.scrollIntoView({ block: "nearest" }));
  return found;
}

/** Give a point of a control, `along` from its left edge, and one of its slider's track, a `share` along it. */
async function places({ along = 0.5, share = 0.5, ...told }) {
  const found = await control(told);
  return found.evaluate((element, own, its) => {
    const point = (one, part) => {
      const { left, top, width, height } = one.getBoundingClientRect();
      return [left + part * width, top + height / 2];
    };
    const track = element.closest(".noUi-base");
    return [point(element, own), track && point(track, its)];
  }, along, share);
}

const acts = {
  /** Open a page in a tab of its own, and leave the one before. */
  async open({ url }) {
    const before = page, found = faults = [];
    page = await browser.newPage();
    await page.evaluateOnNewDocument(() => {
      addEventListener("securitypolicyviolation", ({ violatedDirective: rule, blockedURI: what }) => (
        console.error(`${rule} forbids ${what}`)));
      // The page's own: Firefox also tells of errors of what drives it.
      addEventListener("error", ({ message, filename }) => console.error(`${message} (${filename})`));
      addEventListener("unhandledrejection", ({ reason }) => console.error(`${reason}`));
    });
    page.on("console", said => ["error", "warn"].includes(said.type()) && found.push(said.text()));
    page.on("request", request => (
      /^(data|blob):/.test(request.url()) || new URL(request.url()).origin === new URL(url).origin
      || found.push(`asked for ${request.url()}`)));
    await page.goto(url);
    if (before) {
      await before.goto("about:blank"); // the page says goodbye, as when a reader leaves
      await before.close();
    }
    await page.bringToFront();
  },
  /** Bring a figure near, and wait until it shows its widgets. */
  async near({ cell }) {
    const figure = await page.$(`live-cell[cell="${cell}"]`);
    await figure.evaluate(element => element.scrollIntoView({ block: "center" }));
    await until(() => figure.$(".live-widgets"), () => `the widgets of ${cell}`);
  },
  /** Tell whether there is such a control. */
  control: told => control(told).then(found => found.evaluate(({ tagName }) => tagName)),
  async press({ key, ...told }) {
    await (await control(told)).focus();
    await page.keyboard.press(key);
  },
  async key({ key }) { await page.keyboard.press(key); },
  /** Type into a field that is reached by `focus`, `click` or `tap`: after what is in it, or in its place. */
  async type({ text, whole, then, reach, ...told }) {
    const field = await control(told);
    await (reach === "focus" ? field.focus() : acts[reach](told));
    await (whole ? field.evaluate(element => element.select()) : page.keyboard.press("End"));
    await page.keyboard.type(text);
    if (then) await page.keyboard.press(then);
  },
  click: async told => page.mouse.click(...(await places(told))[0]),
  tap: async told => page.touchscreen.tap(...(await places(told))[0]),
  async drag(told) {
    const [from, to] = await places(told);
    await page.mouse.move(...from);
    await page.mouse.down();
    await page.mouse.move(...to, { steps: 5 });
    await page.mouse.up();
  },
  async swipe(told) {
    const [from, to] = await places(told);
    const finger = await page.touchscreen.touchStart(...from);
    await finger.move((from[0] + to[0]) / 2, to[1]);
    await finger.move(...to);
    await finger.end();
  },
  /** Drag from one point of an element to another, both told from its corner. */
  async pull({ start, end, ...told }) {
    const found = await control(told);
    const { x, y } = await found.boundingBox();
    await page.mouse.move(x + start[0], y + start[1]);
    await page.mouse.down();
    await page.mouse.move(x + end[0], y + end[1], { steps: 5 });
    await page.mouse.up();
  },
  /** Choose a file: what would ask for one, this Firefox does not tell of, so it is asked itself. */
  async choose({ file, reach, ...told }) {
    await page.evaluate(() => {
      delete window.asking;
      HTMLInputElement.prototype.click = function () { window.asking = this; };
    });
    await (reach === "focus" ? acts.press({ key: "Enter", ...told }) : acts[reach](told));
    await until(() => page.evaluate(() => Boolean(window.asking)), () => "a question for a file");
    await (await page.evaluateHandle(() => window.asking)).uploadFile(file);
  },
  evaluate: ({ script }) => page.evaluate(script),
  /** Wait until a script gives this value. */
  async until({ script, value }) {
    let last;
    await until(async () => { last = await page.evaluate(script); return JSON.stringify(last) === JSON.stringify(value); },
      () => `${JSON.stringify(value)}; it is ${JSON.stringify(last)}`);
  },
  faults: () => faults,
};

process.stdout.write(`${JSON.stringify({ found: await browser.version() })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const { act, ...told } = JSON.parse(line);
  let answer;
  try {
    answer = { found: await acts[act](told) ?? null };
  } catch (error) {
    answer = { failed: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await browser.close();
