// Builds static/build from static/src and the locked npm packages: one stylesheet, one script, the
// script that sets the theme before the first paint, those that only some pages load, plotly.js
// with what the charts use of it, the sprite of icons, and the fonts.
// Same sources, same bytes: no file name, time or path of this machine gets into the result.
import { build } from "esbuild";
import { PurgeCSS } from "purgecss";
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

// Parts of plotly.js that its core always brings and no chart uses. In place of each stands one that
// says of every figure that it has none of them.
const PARTS_NOT_USED = new Set([
  "annotations3d",
  "errorbars",
  "images",
  "rangeselector",
  "rangeslider",
  "selections",
  "shapes",
  "sliders",
  "updatemenus",
]);
const COLOURS = `
  import "culori/css";
  export { converter, formatHex, formatRgb, wcagContrast, wcagLuminance } from "culori/fn";
`;

// Leaves out those parts, and the colour spaces that no stylesheet can write.
const lighterPlotly = {
  name: "lighter-plotly",
  setup(bundle) {
    bundle.onResolve({ filter: /^\.\/components\// }, ({ path: wanted, importer }) => {
      const part = wanted.split("/")[2];
      const isCore = importer.endsWith(path.join("plotly.js", "src", "core.js"));
      return isCore && PARTS_NOT_USED.has(part) ? { path: part, namespace: "part-not-used" } : undefined;
    });
    bundle.onLoad({ filter: /.*/, namespace: "part-not-used" }, ({ path: name }) => ({
      contents: `const name = ${JSON.stringify(name)};
        module.exports = {
          moduleType: "component",
          name,
          supplyLayoutDefaults: (_, layout) => { layout[name] = []; },
        };`,
    }));
    // Every browser that the pages are built for has promises.
    bundle.onResolve({ filter: /^native-promise-only$/ }, () => ({ path: "promises", namespace: "nothing" }));
    bundle.onLoad({ filter: /.*/, namespace: "nothing" }, () => ({ contents: "" }));
    bundle.onResolve({ filter: /^culori$/ }, () => ({ path: "culori", namespace: "colours" }));
    bundle.onLoad({ filter: /.*/, namespace: "colours" }, () => ({ contents: COLOURS, resolveDir: root }));
  },
};

// Keeps of Tabler what a template, a script or the Python of a page names. Our own styles stay whole.
const USES = ["templates/**/*.html", "governance/**/*.py", "static/src/scripts/*.js"];
const lighterTabler = {
  name: "lighter-tabler",
  setup(bundle) {
    bundle.onLoad({ filter: /tabler\.min\.css$/ }, async ({ path: file }) => {
      const [purged] = await new PurgeCSS().purge({
        content: USES.map((pattern) => path.posix.join(root.split(path.sep).join("/"), pattern)),
        css: [{ raw: await readFile(file, "utf8") }],
        keyframes: true,
      });
      return { contents: purged.css, loader: "css", resolveDir: path.dirname(file) };
    });
  },
};

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const common = {
  absWorkingDir: root,
  outdir: target,
  bundle: true,
  minify: true,
  charset: "utf8",
  format: "iife",
  target: ["chrome123", "firefox128", "safari17.5"],
  legalComments: "none",
  logLevel: "warning",
};
await build({
  ...common,
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
    documentation: "static/src/scripts/documentation.js",
    "documentation-styles": "static/src/styles/documentation.css",
  },
  loader: { ".woff2": "file" },
  assetNames: "fonts/[name]",
  plugins: [lighterTabler],
});
await build({
  ...common,
  entryPoints: { plotly: "static/src/scripts/plotly.js" },
  define: { global: "window", "define.amd": "false" },
  // The map styles of plotly.js come as a stylesheet of their own; no chart is a map.
  loader: { ".css": "empty" },
  plugins: [lighterPlotly],
});
await writeFile(path.join(target, "icons.svg"), await iconSprite());
await writeFile(path.join(target, "favicon.svg"), await readFile(path.join(source, "favicon.svg")));
