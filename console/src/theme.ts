/** The look: calm surfaces, one accent, figures that do not dance. Contrast holds WCAG AA in both themes. */
import { createTheme, type MantineColorsTuple } from '@mantine/core';

const ramal: MantineColorsTuple = [
  '#e6f6f5',
  '#d0eae8',
  '#a3d5d2',
  '#72bfba',
  '#49aaa5',
  '#2c9994',
  '#1a8682',
  '#0b6e6e',
  '#065a5b',
  '#034445',
];

const dark: MantineColorsTuple = [
  '#dfe4ea',
  '#c0c8d2',
  '#9aa5b3',
  '#6f7b8a',
  '#3b4450',
  '#2b333d',
  '#20262e',
  '#171c22',
  '#11151a',
  '#0b0e12',
];

export const theme = createTheme({
  colors: { ramal, dark },
  primaryColor: 'ramal',
  primaryShade: { light: 7, dark: 7 },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', monospace",
  headings: { fontWeight: '620', sizes: { h1: { fontSize: '1.375rem' }, h2: { fontSize: '1.0625rem' } } },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
});
