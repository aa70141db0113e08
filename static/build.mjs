// Builds static/build from static/src and the locked npm packages: one stylesheet, one script, the
// script that sets the theme before the first paint, those that only some pages load, the sprite of
// icons, and the fonts.
// Same sources, same bytes: no file name, time or path of this machine gets into the result.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.dirname(here);
const source = path.join(here, "src");
const target = path.join(here, "build");

async function iconText(name) {
  const folders = [path.join(source, "icons"), path.join(root, "node_modules/@tabler/icons/icons/outline")];
  for (const folder of folders) {
    try {
      return await readFile(path.join(folder, `${name}.svg`), "utf8");
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  }
  throw new Error(`static/src/icons.txt names "${name}", which is neither in static/src/icons nor an outline icon of @tabler/icons`);
}

async function iconSprite() {
  const names = (await readFile(path.join(source, "icons.txt"), "utf8"))
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith("#"));
  const symbols = await Promise.all(
    [...new Set(names)].sort().map(async (name) => {
      const svg = await iconText(name);
      const inner = svg
        .replace(/^[\s\S]*?<svg[^>]*>/, "")
        .replace("</svg>", "")
        .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, "")
        .replace(/\s*\n\s*/g, "");
      return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    orgwarden: "static/src/styles/orgwarden.css",
    app: "static/src/scripts/app.js",
    theme: "static/src/scripts/theme.js",
    charts: "static/src/scripts/charts.js",
    editor: "static/src/scripts/editor.js",
    passkeys: "static/src/scripts/passkeys.js",
    panels: "static/src/scripts/panels.js",
    trust: "static/src/scripts/trust.js",
    explorer: "static/src/scripts/explorer.js",
  },
  outdir: target,
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "iife",
  target: ["chrome123", "firefox128", "safari17.5"],
  loader: { ".woff2": "file" },
  assetNames: "fonts/[name]",
  legalComments: "none",
  logLevel: "warning",
});
await writeFile(path.join(target, "icons.svg"), await iconSprite());
await writeFile(path.join(target, "favicon.svg"), await readFile(path.join(source, "favicon.svg")));
