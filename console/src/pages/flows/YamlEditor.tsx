import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, foldGutter, HighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useImperativeHandle, useLayoutEffect, useRef, type Ref } from 'react';
import { completeFlow } from './complete';
import type { Problem } from './problems';

export interface EditorHandle {
  reveal: (line: number) => void;
}

interface Props {
  ref?: Ref<EditorHandle>;
  text: string;
  /** Shown as changed against this text; null: no comparison. */
  against: string | null;
  readOnly: boolean;
  label: string;
  problems: Problem[];
  onChange: (text: string) => void;
  onLine: (line: number) => void;
}

const colors = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--busy)' },
  { tag: [tags.string, tags.content], color: 'var(--text)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--wrap)' },
  { tag: tags.comment, color: 'var(--quiet)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.squareBracket, tags.brace, tags.punctuation], color: 'var(--quiet)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', color: 'var(--text)', backgroundColor: 'var(--surface)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '1.55' },
  '.cm-gutters': { color: 'var(--quiet)', backgroundColor: 'var(--surface)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--operator) 7%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--busy) 26%, transparent) !important' },
  '.cm-tooltip': { color: 'var(--text)', backgroundColor: 'var(--surface)', border: '1px solid var(--line)', borderRadius: '6px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { color: 'var(--text)', backgroundColor: 'var(--busy-bg)' },
  '.cm-completionInfo': { maxWidth: '320px', padding: '6px 10px' },
  '.cm-panels': { color: 'var(--text)', backgroundColor: 'var(--canvas)' },
  '.cm-changedLine, .cm-insertedLine': { backgroundColor: 'var(--good-bg) !important' },
  '.cm-deletedChunk': { backgroundColor: 'var(--bad-bg) !important' },
  '.cm-changedText': { background: 'color-mix(in srgb, var(--good) 24%, transparent) !important' },
  '.cm-deletedText': { background: 'color-mix(in srgb, var(--bad) 24%, transparent) !important' },
  '.cm-collapsedLines': { color: 'var(--quiet)', background: 'var(--canvas)' },
});

const keys = keymap.of([
  ...closeBracketsKeymap,
  ...completionKeymap,
  ...searchKeymap,
  ...historyKeymap,
  ...defaultKeymap,
  indentWithTab,
]);

function comparison(against: string | null): Extension {
  return against === null
    ? []
    : unifiedMergeView({ original: against, mergeControls: false, collapseUnchanged: { margin: 3, minSize: 6 } });
}

function diagnosticsOf(state: EditorState, problems: Problem[]): Diagnostic[] {
  return problems
    .filter((problem) => problem.line >= 1 && problem.line <= state.doc.lines)
    .map((problem) => {
      const line = state.doc.line(problem.line);
      const from = Math.min(line.to, line.from + Math.max(0, problem.column - 1));
      const severity = problem.severity === 'error' ? 'error' : 'warning';
      return { from, to: Math.max(from, line.to), severity, message: [problem.message, problem.hint].filter(Boolean).join('\n') };
    });
}

/** The flow's text: what is published, comments and order as the admin left them. */
export default function YamlEditor({ ref, text, against, readOnly, label, problems, onChange, onLine }: Props) {
  const place = useRef<HTMLDivElement | null>(null);
  const view = useRef<EditorView | null>(null);
  const compartments = useRef({ compare: new Compartment(), lock: new Compartment() });
  const told = useRef({ onChange, onLine });
  told.current = { onChange, onLine };
  const start = useRef({ text, against, readOnly, label });

  useEffect(() => {
    if (place.current === null) return undefined;
    const { compare, lock } = compartments.current;
    const first = start.current;
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first.text,
        extensions: [
          lineNumbers(),
          foldGutter(),
          lintGutter(),
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          indentUnit.of('  '),
          yaml(),
          autocompletion({ override: [completeFlow] }),
          syntaxHighlighting(colors),
          look,
          keys,
          EditorView.contentAttributes.of({ 'aria-label': first.label, tabindex: '0' }),
          compare.of(comparison(first.against)),
          lock.of([EditorState.readOnly.of(first.readOnly), EditorView.editable.of(!first.readOnly)]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) told.current.onChange(update.state.doc.toString());
            if (update.selectionSet) told.current.onLine(update.state.doc.lineAt(update.state.selection.main.head).number);
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  // before anything more can be typed: an effect that runs later would put an older text over it
  useLayoutEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    view.current?.dispatch({ effects: compartments.current.compare.reconfigure(comparison(against)) });
  }, [against]);

  useEffect(() => {
    const locked = [EditorState.readOnly.of(readOnly), EditorView.editable.of(!readOnly)];
    view.current?.dispatch({ effects: compartments.current.lock.reconfigure(locked) });
  }, [readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor !== null) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(editor.state, problems)));
  }, [problems]);

  useImperativeHandle(ref, () => ({
    reveal(number) {
      const editor = view.current;
      if (editor === null || number < 1 || number > editor.state.doc.lines) return;
      const { from } = editor.state.doc.line(number);
      editor.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'start', yMargin: 40 }) });
      editor.focus();
    },
  }));

  return <div ref={place} style={{ height: '100%', minHeight: 0 }} />;
}
