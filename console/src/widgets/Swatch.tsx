/** One entry of a chart's legend. */
export function Swatch({ color, word }: { color: string; word: string }) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6 }}>
      <span style={{ width: 10, height: 10, borderRadius: 3, background: `var(${color})` }} />
      {word}
    </span>
  );
}
