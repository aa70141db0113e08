// The editor of policies: CodeMirror in the place of each textarea with data-editor. The textarea
// stays in its form and follows what is typed; without this script it is the editor itself.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter, lintKeymap } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const nonce = document.currentScript?.dataset.nonce ?? "";

const look = EditorView.theme({
  "&": { fontSize: "12px", backgroundColor: "var(--ow-surface)", color: "var(--ow-ink)" },
  "&.cm-focused": { outline: "2px solid var(--ow-accent)", position: "relative", zIndex: "1" },
  ".cm-scroller": { fontFamily: "var(--ow-mono)", lineHeight: "18px", maxHeight: "520px", minHeight: "240px" },
  ".cm-content": { caretColor: "var(--ow-ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ow-ink)" },
  ".cm-gutters": { backgroundColor: "var(--ow-surface)", color: "var(--ow-ink-3)", border: "0", borderRight: "1px solid var(--ow-line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in oklab, var(--ow-accent-soft) 45%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--ow-accent-soft)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--ow-track)" },
  ".cm-tooltip": { backgroundColor: "var(--ow-surface)", color: "var(--ow-ink)", border: "1px solid var(--ow-line-strong)", borderRadius: "6px" },
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--ow-mono)", maxHeight: "240px" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", minHeight: "24px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--ow-accent-soft)", color: "var(--ow-ink)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600", color: "var(--ow-accent)" },
  ".cm-completionDetail": { color: "var(--ow-ink-2)", fontStyle: "normal", fontFamily: "var(--ow-sans)" },
  ".cm-diagnostic": { padding: "6px 10px", fontFamily: "var(--ow-sans)", maxWidth: "480px", whiteSpace: "normal" },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--ow-bad)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--ow-warn)" },
  ".cm-diagnostic-info": { borderLeft: "3px solid var(--ow-line-strong)" },
});
const highlight = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--ow-accent)" },
  { tag: [tags.bool, tags.null, tags.number], color: "var(--ow-warn)" },
]);

// Where the end of a beginning of JSON lies, however unfinished: what of the string under the cursor
// is typed, whether it is a property's name, and the names it lies in, the innermost first. Null
// outside of strings.
function placeAt(text) {
  const frames = [];
  let at = 0;
  while (at < text.length) {
    const sign = text[at];
    const frame = frames.at(-1);
    if (sign === '"') {
      let end = at + 1;
      while (end < text.length && text[end] !== '"' && text[end] !== "\n") end += text[end] === "\\" ? 2 : 1;
      const isName = frame?.isObject === true && frame.awaitsName;
      if (end >= text.length) {
        const around = isName ? frames.slice(0, -1) : frames;
        const names = around.filter((one) => one.isObject).map((one) => one.name);
        return { typed: text.slice(at + 1), isName, names: names.reverse() };
      }
      if (isName) frame.name = text.slice(at + 1, end);
      at = end;
    } else if (sign === "{" || sign === "[") {
      frames.push({ isObject: sign === "{", awaitsName: true, name: "" });
    } else if (sign === "}" || sign === "]") {
      frames.pop();
    } else if (frame && sign === ":") {
      frame.awaitsName = false;
    } else if (frame && sign === ",") {
      frame.awaitsName = true;
    }
    at += 1;
  }
  return null;
}

// The prefixes of the services whose actions the document names.
function servicesIn(state) {
  const found = new Set();
  for (const [, service] of state.doc.toString().matchAll(/"([a-z0-9-]+):[A-Za-z*?]/g)) {
    if (!["aws", "arn"].includes(service)) found.add(service);
  }
  return [...found].slice(0, 40).join(",");
}

function wordWanted({ isName, names }) {
  if (!isName) return ["Action", "NotAction"].includes(names[0]) ? "action" : null;
  if (names[0] === "Condition") return "operator";
  return names[1] === "Condition" ? "key" : null;
}

function completing(address) {
  return async (context) => {
    const place = placeAt(context.state.sliceDoc(0, context.pos));
    const word = place && wordWanted(place);
    if (!word || (!place.typed && !context.explicit)) return null;
    const { typed } = place;
    const query = new URLSearchParams({ word, q: typed });
    if (word === "key") query.set("services", servicesIn(context.state));
    const answer = await fetch(`${address}?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return null;
    const { options } = await answer.json();
    return { from: context.pos - typed.length, options, filter: false };
  };
}

const SEVERITIES = { error: "error", warning: "warning", note: "info" };

function linting(textarea, size) {
  const token = textarea.form.querySelector("[name=csrfmiddlewaretoken]").value;
  return linter(
    async (view) => {
      const body = new FormData();
      body.set("text", view.state.doc.toString());
      body.set("policy_type", textarea.dataset.policyType);
      const answer = await fetch(textarea.dataset.lint, { method: "POST", body, headers: { "X-CSRFToken": token } });
      if (!answer.ok) return [];
      const report = await answer.json();
      if (size && report.size_limit) {
        size.textContent = `${report.size.toLocaleString("en")} of ${report.size_limit.toLocaleString("en")} characters. `;
      }
      const { doc } = view.state;
      return report.findings.map((finding) => {
        const line = doc.line(Math.min(Math.max(finding.line, 1), doc.lines));
        const from = Math.min(line.from + Math.max(finding.column - 1, 0), line.to);
        const { severity, message } = finding;
        return { from, to: Math.max(from, line.to), severity: SEVERITIES[severity], message };
      });
    },
    { delay: 350 },
  );
}

function startEditor(textarea) {
  const size = (textarea.closest(".editing") ?? textarea.form).querySelector("[data-size]");
  const view = new EditorView({
    state: EditorState.create({
      doc: textarea.value,
      extensions: [
        EditorView.cspNonce.of(nonce),
        lineNumbers(),
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        json(),
        syntaxHighlighting(highlight),
        autocompletion({ override: [completing(textarea.dataset.completions)], icons: false, activateOnTypingDelay: 120 }),
        lintGutter(),
        linting(textarea, size),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": textarea.dataset.label, "aria-describedby": textarea.dataset.hint, spellcheck: "false" }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          textarea.value = update.state.doc.toString();
          textarea.dispatchEvent(new Event("input", { bubbles: true }));
        }),
        look,
      ],
    }),
  });
  textarea.hidden = true;
  textarea.form.querySelector(`label[for="${textarea.id}"]`)?.remove();
  textarea.after(view.dom);
  // What was typed before this script came is sent once the form's own script listens.
  if (textarea.value.trim() !== textarea.defaultValue.trim()) {
    document.addEventListener("DOMContentLoaded", () => textarea.dispatchEvent(new Event("input", { bubbles: true })));
  }
}

for (const textarea of document.querySelectorAll("textarea[data-editor]")) startEditor(textarea);
