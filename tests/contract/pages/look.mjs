// Opens pages in a real browser and says what is wrong with them, as JSON: for each page, width and colour scheme the
// barriers that axe-core calls serious or critical, the requests that left the page, and whether it is wider than the
// screen. Pictures go to a folder, where one is named.
//
//     node look.mjs BROWSER MODULES PICTURES|- PAGE…

import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [browserPath, modules, pictures, ...pages] = process.argv.slice(2);
const require = createRequire(resolve(modules, "index.js"));
const puppeteer = require("puppeteer-core");
const axe = require("axe-core").source;

const GRAVE = new Set(["serious", "critical"]);
const WIDTHS = [390, 1280];
const SCHEMES = ["light", "dark"];

const browser = await puppeteer.launch({
  executablePath: browserPath,
  args: ["--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-color-profile=srgb"],
});
const found = [];
try {
  for (const file of pages) {
    for (const width of WIDTHS) {
      for (const scheme of SCHEMES) {
        found.push(await look(file, width, scheme));
      }
    }
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(found));

async function look(file, width, scheme) {
  const page = await browser.newPage();
  const url = pathToFileURL(resolve(file)).href;
  const requests = [];
  page.on("request", (one) => {
    if (one.url() !== url) requests.push(one.url());
  });
  const messages = [];
  page.on("console", (one) => messages.push(one.text()));
  await page.setBypassCSP(false);
  await page.setViewport({ width, height: 900, deviceScaleFactor: 1 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(url, { waitUntil: "load" });
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (pictures !== "-") {
    const name = `${basename(file, ".html")}-${width}-${scheme}.webp`;
    await page.screenshot({ path: join(pictures, name), fullPage: true, type: "webp", quality: 70 });
  }
  const said = [...messages];
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => (one.open = true)));
  await page.evaluate(axe); // through the debugger, which no policy of the page stops
  const barriers = await page.evaluate(async () => (await window.axe.run()).violations);
  const focus = await firstFocus(page);
  await page.close();
  return {
    page: basename(file),
    width,
    scheme,
    background,
    wide,
    requests,
    said,
    focus,
    barriers: barriers
      .filter((one) => GRAVE.has(one.impact))
      .map((one) => `${one.id}: ${one.nodes.map((node) => node.html).slice(0, 3).join(" ")}`),
  };
}

async function firstFocus(page) {
  await page.keyboard.press("Tab");
  return page.evaluate(() => document.activeElement.textContent);
}
